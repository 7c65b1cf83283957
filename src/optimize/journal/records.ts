import type { Scalar } from '../../engine/parameters.js';
import { distributionOf, writeDistribution, writeFloat } from '../distributions.js';
import { choicesOf, type FlatParams, type Level, type Place } from '../space.js';
import type { Direction, TrialEnding } from '../trial.js';
import { localTimeWriter } from './clock-text.js';

/** The kinds of records of Optuna's journal. */
export const OP = {
  createStudy: 0,
  deleteStudy: 1,
  studyUserAttr: 2,
  studySystemAttr: 3,
  createTrial: 4,
  trialParam: 5,
  trialState: 6,
  trialIntermediate: 7,
  trialUserAttr: 8,
  trialSystemAttr: 9,
} as const;

/** The states of a trial by Optuna's numbers. */
export const STATES = ['running', 'complete', 'pruned', 'failed', 'waiting'] as const;

/** Key of the trial attribute that holds metrics, order-stream hash, worker, seconds and reason. */
export const TRIAL_ATTR = 'hindcast';

/** Key of the trial attribute that holds the share of the data, where it is not all of it: the trial says it from the start. */
export const BUDGET_ATTR = 'hindcast:budget';

/** Key of the trial attribute that holds how many trials it could see, where it was asked for early. */
export const SAW_ATTR = 'hindcast:saw';

/** Writes the records of one study, each one line with its end. Hand-written, since a large study has millions. */
export class RecordWriter {
  readonly #worker: string;
  readonly #level: Level;
  readonly #localTime = localTimeWriter();
  readonly #fragments = new Map<Place, Fragment>();

  constructor(worker: string, level: Level) {
    this.#worker = JSON.stringify(worker);
    this.#level = level;
  }

  /** A study with its directions. */
  createStudy(name: string, directions: readonly Direction[]): string {
    const numbers = directions.map((direction) => (direction === 'maximize' ? 2 : 1));
    return this.#line(OP.createStudy, `"study_name":${JSON.stringify(name)},"directions":[${numbers.join(',')}]`);
  }

  /** One attribute of the study. */
  studyAttr(study: number, key: string, value: unknown): string {
    return this.#line(
      OP.studyUserAttr,
      `"study_id":${study},"user_attr":{${JSON.stringify(key)}:${JSON.stringify(value)}}`,
    );
  }

  /** A trial that runs over a share of the data. `saw` is as of a JournalTrial. */
  createTrial(
    study: number,
    params: FlatParams,
    { budget, saw }: { readonly budget: number; readonly saw?: number | undefined },
    now: number,
  ): string {
    const { distributions, values } = this.#write(params);
    const share = budget === 1 ? '' : `,"${BUDGET_ATTR}":${budget}`;
    const seen = saw === undefined ? '' : `,"${SAW_ATTR}":${saw}`;
    const said = share + seen;
    const attrs = said === '' ? '' : `,"user_attrs":{${said.slice(1)}}`;
    return this.#line(
      OP.createTrial,
      `"study_id":${study},"datetime_start":"${this.#localTime(now)}","distributions":{${distributions}},"params":{${values}}${attrs}`,
    );
  }

  /** A trial that waits with the values it was given. */
  enqueueTrial(study: number, params: FlatParams): string {
    const fixed = JSON.stringify({ fixed_params: params });
    return this.#line(
      OP.createTrial,
      `"study_id":${study},"datetime_start":null,"state":4,"value":null,"values":null,"distributions":{},"params":{},"user_attrs":{},"system_attrs":${fixed},"intermediate_values":{}`,
    );
  }

  /** A waiting trial that starts to run: its state, its parameters, and, where that is said, what it saw. */
  startTrial(trial: number, params: FlatParams, saw: number | undefined, now: number): string {
    let lines = this.#line(
      OP.trialState,
      `"trial_id":${trial},"state":0,"values":null,"datetime_start":"${this.#localTime(now)}"`,
    );
    this.#each(this.#level, params, ({ key, distribution }, internal) => {
      lines += this.#line(
        OP.trialParam,
        `"trial_id":${trial},"param_name":${key},"param_value_internal":${internal},"distribution":${distribution}`,
      );
    });
    if (saw === undefined) return lines;
    return lines + this.#line(OP.trialUserAttr, `"trial_id":${trial},"user_attr":{"${SAW_ATTR}":${saw}}`);
  }

  /** The end of a trial: what is kept of it, then its state, after which no record changes it. */
  finishTrial(trial: number, budget: number, ending: TrialEnding, now: number): string {
    const attr = JSON.stringify(attrOf(ending));
    const kept =
      attr === '{}' ? '' : this.#line(OP.trialUserAttr, `"trial_id":${trial},"user_attr":{"${TRIAL_ATTR}":${attr}}`);
    // A value on part of the data is what Optuna calls intermediate; its steps are whole numbers: per cent of the data.
    const intermediate =
      budget === 1 || ending.state !== 'pruned' || ending.value === undefined
        ? ''
        : this.#line(
            OP.trialIntermediate,
            `"trial_id":${trial},"step":${Math.max(1, Math.round(budget * 100))},"intermediate_value":${writeFloat(ending.value)}`,
          );
    let reported = '';
    for (const [step, value] of ending.intermediate ?? []) {
      reported += this.#line(
        OP.trialIntermediate,
        `"trial_id":${trial},"step":${step},"intermediate_value":${writeFloat(value)}`,
      );
    }
    return (
      kept +
      intermediate +
      reported +
      this.#line(
        OP.trialState,
        `"trial_id":${trial},"state":${STATES.indexOf(ending.state)},"values":${writeValues(ending)},"datetime_complete":"${this.#localTime(now)}"`,
      )
    );
  }

  #line(op: number, fields: string): string {
    return `{"op_code":${op},"worker_id":${this.#worker},${fields}}\n`;
  }

  #write(params: FlatParams): { distributions: string; values: string } {
    let distributions = '';
    let values = '';
    this.#each(this.#level, params, ({ key, distribution }, internal) => {
      const comma = values === '' ? '' : ',';
      distributions += `${comma}${key}:${distribution}`;
      values += `${comma}${key}:${internal}`;
    });
    return { distributions, values };
  }

  #each(level: Level, params: FlatParams, visit: (fragment: Fragment, internal: string) => void): void {
    for (const place of level.places) {
      const value = params[place.key];
      if (value === undefined) continue;
      visit(this.#fragmentOf(place), internalOf(place, value));
      const branch = place.branches.find(({ kind }) => kind === value);
      if (branch !== undefined) this.#each(branch.level, params, visit);
    }
  }

  #fragmentOf(place: Place): Fragment {
    let fragment = this.#fragments.get(place);
    if (fragment === undefined) {
      const distribution = JSON.stringify(writeDistribution(distributionOf(place.declaration)));
      fragment = { key: JSON.stringify(place.key), distribution };
      this.#fragments.set(place, fragment);
    }
    return fragment;
  }
}

/** What never changes about a parameter's part of a record. */
interface Fragment {
  readonly key: string;
  readonly distribution: string;
}

function internalOf({ declaration }: Place, value: Scalar): string {
  switch (declaration.kind) {
    case 'int':
      return String(value);
    case 'float':
      return writeFloat(value as number);
    default:
      return String(choicesOf(declaration).indexOf(value));
  }
}

function writeValues(ending: TrialEnding): string {
  switch (ending.state) {
    case 'complete':
      return `[${ending.values.map(writeFloat).join(',')}]`;
    case 'pruned':
      return ending.value === undefined ? 'null' : `[${writeFloat(ending.value)}]`;
    case 'failed':
      return 'null';
  }
}

/** Everything about an ending that the record of its state has no field for. */
function attrOf(ending: TrialEnding): object {
  const { state: _state, intermediate: _intermediate, ...kept } = ending;
  if ('values' in kept) return { ...kept, values: undefined };
  return 'value' in kept ? { ...kept, value: undefined } : kept;
}
