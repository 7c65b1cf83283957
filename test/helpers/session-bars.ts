import type { BundleDraft } from '../../src/data/draft.js';
import { INTRADAY_MS } from '../../src/market/bar-axis.js';
import type { Frequency } from '../../src/market/bars.js';
import { getCalendar } from '../../src/market/calendars.js';
import { parseDateLabel } from '../../src/market/civil-date.js';
import { assetDraft } from './bundle-draft.js';

/** Labels of the bars of all sessions of a calendar between two dates, both inclusive. */
export function sessionLabels(calendar: string, frequency: Frequency, from: string, to: string): number[] {
  const table = getCalendar(calendar).sessions(parseDateLabel(from), parseDateLabel(to));
  const step = INTRADAY_MS[frequency];
  if (step === undefined) return [...table.labels];
  const labels: number[] = [];
  for (let session = 0; session < table.length; session++) {
    for (let label = table.opens[session]!; label < table.closes[session]!; label += step) labels.push(label);
  }
  return labels;
}

/** A draft of one asset, A, whose n-th bar closes at 100 plus n hundredths. */
export function labelledDraft(calendar: string, frequency: Frequency, labels: readonly number[]): BundleDraft {
  const closes = labels.map((_, row) => (10_000 + row) / 100);
  return {
    groups: [{ calendar, frequency, times: Float64Array.from(labels), assets: [assetDraft('A', closes)] }],
    splits: [],
    dividends: [],
  };
}
