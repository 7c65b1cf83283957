import { UsageError } from '../core/errors.js';
import type { CommissionModel, FillScales } from '../execution/commission/commission.js';
import { type ModelForm, type ModelNumber, parseSpecification } from '../execution/model-specification.js';
import type { Account, Sizing, Unaffordable } from '../portfolio/account.js';
import { CashAccount } from '../portfolio/cash-account.js';
import { MarginAccount, type MarginShare, type MarginTerms } from '../portfolio/margin-account.js';

/** A kind of account: how it is written, and what it requires. */
export interface AccountKind {
  /** As it is written on the command line, settings complete: `margin:initial=0.5,maintenance=0.25`. */
  readonly specification: string;
  /** Undefined for a cash account. */
  readonly terms: MarginTerms | undefined;
}

const FORMS: Readonly<Record<string, ModelForm>> = {
  cash: { usage: 'cash', positional: 0, named: [] },
  margin: {
    usage: 'margin[:initial=0.5,maintenance=0.25] or margin:leverage=N[,maintenance=M]',
    positional: 0,
    named: ['initial', 'maintenance', 'leverage'],
  },
};

/** Half of what is bought, a quarter of what is held: Regulation T and FINRA rule 4210 for stock. */
const INITIAL: ModelNumber = { text: '0.5', mantissa: 5, decimals: 1, value: 0.5 };
const MAINTENANCE: ModelNumber = { text: '0.25', mantissa: 25, decimals: 2, value: 0.25 };
const NO_MAINTENANCE: ModelNumber = { text: '0', mantissa: 0, decimals: 0, value: 0 };

/**
 * Returns the kind of account written as `cash`, `margin`, `margin:initial=0.5,maintenance=0.25` or `margin:leverage=4`: an initial
 * requirement of one over the leverage, and no maintenance requirement unless one is given. Throws UsageError otherwise.
 */
export function parseAccount(text: string): AccountKind {
  const { name, named } = parseSpecification('account', text, FORMS);
  if (name === 'cash') return { specification: 'cash', terms: undefined };
  const { leverage } = named;
  if (leverage !== undefined && named.initial !== undefined) {
    throw refuse(text, 'names both an initial requirement and a leverage, which is one over it');
  }
  const initial = named.initial ?? INITIAL;
  const maintenance = named.maintenance ?? (leverage !== undefined ? NO_MAINTENANCE : lesser(MAINTENANCE, initial));
  if (leverage !== undefined && !(leverage.value >= 1)) throw refuse(text, 'has a leverage below 1');
  if (leverage === undefined && !(initial.value > 0 && initial.value <= 1)) {
    throw refuse(text, 'has an initial requirement that is not above 0 and at most 1');
  }
  if (maintenance.value > (leverage === undefined ? initial.value : 1 / leverage.value)) {
    throw refuse(text, 'has a maintenance requirement above the initial one, and would close what it has just opened');
  }
  const settings =
    leverage === undefined
      ? `initial=${initial.text},maintenance=${maintenance.text}`
      : `leverage=${leverage.text}${maintenance.value === 0 ? '' : `,maintenance=${maintenance.text}`}`;
  return {
    specification: `margin:${settings}`,
    terms: {
      initial: leverage === undefined ? shareOf(initial) : inverse(shareOf(leverage)),
      maintenance: shareOf(maintenance),
    },
  };
}

/** Returns an account of a kind, ready for its broker. */
export function openAccount(
  { terms }: AccountKind,
  options: {
    readonly scales: FillScales;
    readonly commission: CommissionModel;
    readonly unaffordable: Unaffordable;
    readonly sizing?: Sizing | undefined;
  },
): Account {
  return terms === undefined ? new CashAccount(options) : new MarginAccount({ ...options, terms });
}

const lesser = (a: ModelNumber, b: ModelNumber): ModelNumber => (a.value <= b.value ? a : b);

const shareOf = ({ mantissa, decimals }: ModelNumber): MarginShare => ({ above: mantissa, below: 10 ** decimals });

const inverse = ({ above, below }: MarginShare): MarginShare => ({ above: below, below: above });

const refuse = (text: string, reason: string): UsageError =>
  new UsageError('INVALID_MODEL', {
    message: `The account '${text}' ${reason}. Write it as ${FORMS.margin!.usage}.`,
    details: { what: 'account', text },
  });
