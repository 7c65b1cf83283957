import { basename } from 'node:path';
import { DataError } from '../../core/errors.js';
import { parseDateLabel } from '../../market/civil-date.js';
import { quote } from './number-cell.js';
import { csvFiles, recordsOf } from './symbology.js';

/** An event of a factor file: it applies from the session after a date. */
export interface FactorEvent {
  readonly kind: 'splits' | 'dividends';
  readonly symbol: string;
  /** Label of the last day before it. */
  readonly lastCumDate: number;
  /** Exact text of a ratio, or of an amount rounded to a hundredth of a cent. */
  readonly value: string;
  readonly file: string;
  readonly row: number;
}

/** Ratios of small numbers are what companies decide; factors are printed with five to eight digits. */
const LARGEST_PART = 30;
const RATIO_SLACK = 3e-5;
const SPLIT_FACTOR_SLACK = 1e-6;
const PRICE_FACTOR_SLACK = 1e-9;

/**
 * Reads LEAN's factor files, one for each asset: a file, or all of a folder. A row holds up to its date: where the split factor of the next
 * row differs, shares split at the next session; where the price factor does, they paid `reference close * (1 - before / after)`.
 * Ratios come back exact where they are of small numbers, amounts to about a hundredth of a cent.
 *
 * @param symbols the assets whose files are read; a file is named after its asset
 * @throws DataError `BAD_FACTOR_FILE` naming file and row; UsageError `FILE_NOT_FOUND`
 */
export async function readFactorFiles(path: string, symbols: ReadonlySet<string>): Promise<FactorEvent[]> {
  const events: FactorEvent[] = [];
  for (const place of csvFiles(path)) {
    const file = basename(place);
    const symbol = file.replace(/\.[^.]*$/, '').toUpperCase();
    if (!symbols.has(symbol)) continue;
    const rows = (await recordsOf(place)).map((cells, index) => factorsOf(cells, file, index + 1));
    for (let row = 0; row + 1 < rows.length; row++) {
      const [now, next] = [rows[row]!, rows[row + 1]!];
      if (next.label <= now.label) throw bad(file, row + 2, 'a date that is not after the one before');
      const about = { symbol, lastCumDate: now.label, file, row: row + 1 };
      const ratio = next.split / now.split;
      if (Math.abs(ratio - 1) > SPLIT_FACTOR_SLACK) events.push({ ...about, kind: 'splits', value: ratioText(ratio) });
      const paid = now.close * (1 - now.price / next.price);
      if (next.price - now.price > PRICE_FACTOR_SLACK && paid >= 0.00005) {
        events.push({ ...about, kind: 'dividends', value: paid.toFixed(4) });
      }
    }
  }
  return events;
}

/** Returns a ratio as text: of small whole numbers where one fits, else its decimals. */
export function ratioText(ratio: number, slack = RATIO_SLACK): string {
  for (let old = 1; old <= LARGEST_PART; old++) {
    const fresh = Math.round(ratio * old);
    if (fresh < 1 || fresh > 100 * LARGEST_PART || Math.abs(fresh / old / ratio - 1) > slack) continue;
    // 201/200 is a coincidence of digits, not a split.
    if (old > 1 && fresh > LARGEST_PART) continue;
    // Where decimals say it exactly they do, as people write it: 1.5 and 0.05.
    return 10_000 % old === 0 ? String(fresh / old) : `${fresh}/${old}`;
  }
  return String(Number(ratio.toPrecision(6)));
}

function factorsOf(
  [date = '', price = '', split = '', close = '']: readonly string[],
  file: string,
  row: number,
): { readonly label: number; readonly price: number; readonly split: number; readonly close: number } {
  const label = parseDateLabel(date.replace(/^(\d{4})(\d{2})(\d{2})$/, '$1-$2-$3'));
  if (Number.isNaN(label)) throw bad(file, row, `the date ${quote(date)}`);
  const [priceFactor, splitFactor, reference] = [price, split, close].map((text) =>
    text === '' ? Number.NaN : Number(text),
  );
  if (!(priceFactor! > 0 && splitFactor! > 0 && reference! >= 0)) {
    throw bad(file, row, `the factors ${quote(price)}, ${quote(split)}, ${quote(close)}`);
  }
  return { label, price: priceFactor!, split: splitFactor!, close: reference! };
}

const bad = (file: string, row: number, what: string): DataError =>
  new DataError('BAD_FACTOR_FILE', {
    message: `${file} row ${row} holds ${what}. A factor file has rows of date, price factor, split factor and reference close.`,
    details: { file, row },
  });
