import { UsageError } from '../core/errors.js';
import type { CommissionModel } from './commission/commission.js';
import { makerTaker } from './commission/maker-taker.js';
import { noCommission } from './commission/none.js';
import { perContract } from './commission/per-contract.js';
import { perShare } from './commission/per-share.js';
import { perTrade } from './commission/per-trade.js';
import { percent } from './commission/percent.js';
import { tiered } from './commission/tiered.js';
import { borrowCost } from './financing/borrow.js';
import type { FinancingModel } from './financing/financing.js';
import { cashInterest } from './financing/interest.js';
import { noFinancing } from './financing/none.js';
import {
  type ModelForm,
  type ModelNumber,
  type ModelSpecification,
  parseSpecification,
} from './model-specification.js';
import { basisPoints } from './slippage/basis-points.js';
import { noSlippage } from './slippage/none.js';
import { quotedSpread } from './slippage/quoted-spread.js';
import type { SlippageModel } from './slippage/slippage.js';
import { fixedSpread } from './slippage/spread.js';
import { volatilityScaled } from './slippage/volatility.js';
import { volumeShare } from './slippage/volume-share.js';

const NONE: ModelForm = { usage: 'none', positional: 0, named: [] };

const COMMISSIONS: Readonly<Record<string, ModelForm>> = {
  none: NONE,
  percent: {
    usage: 'percent:RATE[,fixed=FEE][,min=FEE]',
    positional: 1,
    named: ['fixed', 'min'],
    rates: ['first'],
  },
  'per-share': {
    usage: 'per-share:AMOUNT[,min=FEE][,max-rate=RATE]',
    positional: 1,
    named: ['min', 'max-rate'],
    rates: ['max-rate'],
  },
  'per-trade': { usage: 'per-trade:FEE', positional: 1, named: [] },
  'per-contract': {
    usage: 'per-contract:AMOUNT[,exchange=FEE][,min=FEE]',
    positional: 1,
    named: ['exchange', 'min'],
  },
  'tiered-percent': {
    usage: 'tiered-percent:RATE[,VALUE=RATE]...',
    positional: 1,
    named: [],
    steps: true,
    rates: ['first', 'steps'],
  },
  'tiered-per-share': { usage: 'tiered-per-share:AMOUNT[,UNITS=AMOUNT]...', positional: 1, named: [], steps: true },
  'maker-taker': {
    usage: 'maker-taker:maker=RATE,taker=RATE',
    positional: 0,
    named: ['maker', 'taker'],
    required: ['maker', 'taker'],
    signed: ['maker', 'taker'],
    rates: ['maker', 'taker'],
  },
};

const SLIPPAGES: Readonly<Record<string, ModelForm>> = {
  none: NONE,
  spread: { usage: 'spread:PRICE[,in-range]', positional: 1, named: [], flags: ['in-range'] },
  bps: {
    usage: 'bps:POINTS[,limit=SHARE][,entries][,in-range]',
    positional: 1,
    named: ['limit'],
    flags: ['entries', 'in-range'],
  },
  'volume-share': { usage: 'volume-share:LIMIT,IMPACT', positional: 2, named: [] },
  volatility: { usage: 'volatility:FACTOR[,bars=COUNT]', positional: 1, named: ['bars'] },
  'quoted-spread': { usage: 'quoted-spread', positional: 0, named: [] },
};

const BORROWS: Readonly<Record<string, ModelForm>> = {
  none: NONE,
  borrow: { usage: 'borrow:RATE[,days=360]', positional: 1, named: ['days'], rates: ['first'] },
};

const FINANCINGS: Readonly<Record<string, ModelForm>> = {
  none: NONE,
  interest: {
    usage: 'interest:RATE[,credit=RATE][,days=360]',
    positional: 1,
    named: ['credit', 'days'],
    rates: ['first', 'credit'],
  },
};

/** Basis points in a price. */
const WHOLE_PRICE = 10_000;
/** Bars that a volatility may be taken over. */
const MOST_BARS = 10_000;

/** Returns the commission model that a text names: `none`, `percent:0.001`, `per-share:0.005,min=1`; throws UsageError otherwise. */
export function parseCommission(text: string): CommissionModel {
  const { name, positional, named, steps } = parseSpecification('commission', text, COMMISSIONS);
  const first = positional[0]!;
  switch (name) {
    case 'percent':
      return percent(first, named.fixed, named.min);
    case 'per-share':
      return perShare(first, named.min, named['max-rate']);
    case 'per-trade':
      return perTrade(first);
    case 'per-contract':
      return perContract(first, named.exchange, named.min);
    case 'maker-taker':
      return makerTaker(named.maker!, named.taker!);
    case 'tiered-percent':
      return tiered('value', first, steps);
    case 'tiered-per-share':
      return tiered('units', first, steps);
    default:
      return noCommission;
  }
}

/** Returns the slippage model that a text names: `none`, `bps:5`, `volume-share:0.025,0.1`; throws UsageError otherwise. */
export function parseSlippage(text: string): SlippageModel {
  const { name, positional, named, flags } = parseSpecification('slippage', text, SLIPPAGES);
  const inRange = flags.includes('in-range');
  const first = positional[0]!;
  switch (name) {
    case 'bps':
      if (first.value >= WHOLE_PRICE) {
        throw refusal(
          'slippage',
          text,
          'takes the whole price of a sale. Give less than 10000: one point is a hundredth of a per cent',
        );
      }
      return basisPoints(first, {
        limit: named.limit && volumeLimit(named.limit, text),
        entries: flags.includes('entries'),
        inRange,
      });
    case 'spread':
      return fixedSpread(first, inRange);
    case 'volume-share': {
      const limit = volumeLimit(first, text);
      const impact = positional[1]!;
      if (impact.value * limit.value * limit.value >= 1) {
        throw refusal('slippage', text, 'takes the whole price of a sale at its limit. Give a smaller impact: 0.1');
      }
      return volumeShare(limit, impact);
    }
    case 'volatility': {
      const { bars } = named;
      if (bars !== undefined && !(Number.isInteger(bars.value) && bars.value >= 2 && bars.value <= MOST_BARS)) {
        throw refusal('slippage', text, `has bars=${bars.text}. Give a whole number from 2 to ${MOST_BARS}: bars=20`);
      }
      return volatilityScaled(first, bars);
    }
    case 'quoted-spread':
      return quotedSpread;
    default:
      return noSlippage;
  }
}

/** Returns the cost of borrowing shares that a text names: `none`, `borrow:0.03,days=360`; throws UsageError otherwise. */
export function parseBorrow(text: string): FinancingModel {
  const specification = parseSpecification('borrow cost', text, BORROWS);
  if (specification.name === 'none') return noFinancing;
  return borrowCost(specification.positional[0]!, yearDays('borrow cost', text, specification));
}

/** Returns the interest on cash that a text names: `none`, `interest:0.05,credit=0.01,days=360`; throws UsageError otherwise. */
export function parseFinancing(text: string): FinancingModel {
  const specification = parseSpecification('financing', text, FINANCINGS);
  if (specification.name === 'none') return noFinancing;
  const { positional, named } = specification;
  return cashInterest(positional[0]!, named.credit, yearDays('financing', text, specification));
}

function volumeLimit(limit: ModelNumber, text: string): ModelNumber {
  if (limit.value > 0 && limit.value <= 1) return limit;
  throw refusal(
    'slippage',
    text,
    `has the volume limit ${limit.text}. Give a share of the bar's volume above 0 and up to 1: 0.025 is 2.5 %`,
  );
}

function yearDays(what: string, text: string, { named: { days } }: ModelSpecification): ModelNumber | undefined {
  if (days === undefined || days.value === 360 || days.value === 365) return days;
  throw refusal(what, text, `counts ${days.text} days in a year. Give days=360 or days=365`);
}

const refusal = (what: string, text: string, reason: string): UsageError =>
  new UsageError('INVALID_MODEL', { message: `The ${what} '${text}' ${reason}.`, details: { what, text } });
