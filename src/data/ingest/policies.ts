import { UsageError } from '../../core/errors.js';
import { nearestHint } from '../../core/suggest.js';
import type { DefectCode } from './defects.js';

/**
 * What is done about a defect. `fail` refuses the ingest; `warn` keeps what the source has and says so; `drop` leaves the row (or what the
 * defect is of) out; `fill` puts a bar in its place at the last close with volume 0; `first` and `last` keep that one of several rows.
 */
export type Policy = 'fail' | 'warn' | 'drop' | 'fill' | 'first' | 'last';

/** What may be done about a kind of defect; the first is the default. */
type Choices = readonly [Policy, ...Policy[]];

const ROW: Choices = ['fail', 'drop'];
const VALUE: Choices = ['fail', 'drop', 'fill'];
const KEEPABLE: Choices = ['fail', 'warn', 'drop', 'fill'];
const REMARK: Choices = ['warn', 'fail'];

/**
 * The choices by defect. The default refuses whatever would make another bundle than the source says, and warns of what is only odd.
 * Defects that are not here have no choice.
 */
const CHOICES: Readonly<Partial<Record<DefectCode, Choices>>> = {
  RAGGED_ROW: ROW,
  NUL_BYTE: VALUE,
  BAD_UTF8: VALUE,
  MISSING_VALUE: VALUE,
  NOT_A_NUMBER: VALUE,
  NOT_FINITE: VALUE,
  TEXT_NUMBERS: ['fail', 'warn'],
  ZERO_PRICE: KEEPABLE,
  NEGATIVE_PRICE: KEEPABLE,
  NEGATIVE_VOLUME: VALUE,
  VOLUME_TOO_LARGE: VALUE,
  HIGH_BELOW_LOW: KEEPABLE,
  OPEN_OUTSIDE_RANGE: KEEPABLE,
  CLOSE_OUTSIDE_RANGE: KEEPABLE,
  NOT_A_DATE: ROW,
  MIXED_DATE_FORMATS: ROW,
  SKIPPED_LOCAL_TIME: ROW,
  AMBIGUOUS_LOCAL_TIME: ['fail', 'warn', 'drop'],
  LOCAL_TIME_ONCE: REMARK,
  NO_SYMBOL: ROW,
  NO_VOLUME: REMARK,
  DUPLICATE_IDENTICAL: ['fail', 'drop'],
  DUPLICATE_CONFLICTING: ['fail', 'first', 'last', 'drop'],
  UNSORTED: ['fail', 'warn'],
  NEWEST_FIRST: REMARK,
  NOT_A_SESSION: ROW,
  OUTSIDE_CALENDAR_YEARS: ROW,
  OUTSIDE_HOURS: ['drop', 'warn', 'fail'],
  OFF_GRID: ['warn', 'fail', 'drop'],
  MISSING_SESSIONS: ['warn', 'fail', 'fill'],
  MISSING_BARS: ['warn', 'fail', 'fill'],
  SUSPECT_SPIKE: ['warn', 'fail', 'drop', 'fill'],
  LARGE_MOVE: ['warn', 'fail', 'drop', 'fill'],
  STALE_RUN: ['warn', 'fail', 'drop'],
  SAME_CONTENT: REMARK,
  SPLIT_WITHOUT_JUMP: ['warn', 'drop', 'fail'],
  ADJUSTED_CLOSE: REMARK,
  ADJUSTED_STEP: ['fail', 'drop'],
  DERIVED_EVENTS: REMARK,
  REUSED_TICKER: ['warn', 'drop', 'fail'],
  DUPLICATE_EVENT: ['fail', 'drop'],
  EVENT_DROPPED: REMARK,
  EVENT_MOVED: REMARK,
  EVENT_OUTSIDE_LIFE: REMARK,
  EVENT_OF_OTHER_SYMBOL: REMARK,
};

/** Policies by defect, as users name it: `{ 'duplicate-identical': 'drop' }`. */
export type PolicyNames = Readonly<Record<string, Policy>>;

/** The policies of one ingest. */
export class Policies {
  readonly #chosen = new Map<DefectCode, Policy>();

  /**
   * @param chosen policies that differ from the default
   * @throws UsageError `UNKNOWN_DEFECT`, `INVALID_POLICY` naming what may be chosen
   */
  constructor(chosen: PolicyNames = {}) {
    for (const [name, policy] of Object.entries(chosen)) {
      const code = name.toUpperCase().replaceAll('-', '_') as DefectCode;
      const choices = CHOICES[code];
      if (choices === undefined) {
        throw new UsageError('UNKNOWN_DEFECT', {
          message: `There is no policy for '${name}'.${nearestHint(name, defectNames())} Known are ${defectNames().join(', ')}.`,
          details: { name, known: defectNames() },
        });
      }
      if (!choices.includes(policy)) {
        throw new UsageError('INVALID_POLICY', {
          message: `${name} may be ${choices.join(', ')}, not '${policy}'.`,
          details: { name, policy, known: choices },
        });
      }
      this.#chosen.set(code, policy);
    }
  }

  /** Returns what is done about a kind of defect. */
  of(code: DefectCode): Policy {
    return this.#chosen.get(code) ?? CHOICES[code]?.[0] ?? 'fail';
  }

  /** Whether the user chose it. */
  isChosen(code: DefectCode): boolean {
    return this.#chosen.has(code);
  }
}

/** Returns how users name a kind of defect: `DUPLICATE_IDENTICAL` is `duplicate-identical`. */
export const defectName = (code: DefectCode): string => code.toLowerCase().replaceAll('_', '-');

const defectNames = (): string[] => (Object.keys(CHOICES) as DefectCode[]).map(defectName);
