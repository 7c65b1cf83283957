import { decimalNumber } from '../core/decimal-text.js';
import { UsageError } from '../core/errors.js';
import { nearestHint } from '../core/suggest.js';
import { bound, median, type Pruner, patient, percentile, threshold, wilcoxonPruner } from './pruners.js';

/** A pruner as it is written and as a journal keeps it. */
interface Form {
  readonly usage: string;
  /** Settings that are written as numbers in this order, and how many of them must be. */
  readonly numbers: readonly string[];
  readonly required: number;
  /** Settings that are written `word=number`. */
  readonly named?: Readonly<Record<string, string>>;
  readonly make: (settings: Readonly<Record<string, number>>) => Pruner;
}

const START = { startup: 'startupTrials', warmup: 'warmUpSteps' };

const FORMS: Readonly<Record<string, Form>> = {
  median: {
    usage: 'median',
    numbers: [],
    required: 0,
    named: START,
    make: ({ keep: _keep, ...start }) => median(start),
  },
  percentile: {
    usage: 'percentile:25',
    numbers: ['keep'],
    required: 1,
    named: START,
    make: ({ keep, ...start }) => percentile(keep!, start),
  },
  threshold: { usage: 'threshold:VALUE', numbers: ['bound'], required: 1, make: ({ bound: at }) => threshold(at!) },
  patient: {
    usage: 'patient:STEPS[,LEAST]',
    numbers: ['steps', 'least'],
    required: 1,
    make: ({ steps, least }) => patient(steps!, least),
  },
  wilcoxon: { usage: 'wilcoxon[:P]', numbers: ['p'], required: 0, make: ({ p }) => wilcoxonPruner(p) },
  bound: { usage: 'bound', numbers: [], required: 0, make: bound },
};

/**
 * Reads a pruner as a command line has it: `median`, `percentile:25`, `threshold:0.5`, `patient:3,0.01`, `wilcoxon:0.1`, `bound`; the first two take
 * `startup=10` and `warmup=2` too.
 * @throws UsageError `INVALID_OPTION` that says how they are written, and what the pruner itself throws
 */
export function parsePruner(text: string): Pruner {
  const [name = '', ...rest] = text.trim().split(':');
  const form = Object.hasOwn(FORMS, name) ? FORMS[name]! : undefined;
  if (form === undefined) throw refused(text, `There is no pruner '${name}'.${nearestHint(name, Object.keys(FORMS))}`);
  const { numbers, required, named = {}, usage } = form;
  const settings: Record<string, number> = {};
  const body = rest.join(':');
  let place = 0;
  for (const part of body === '' ? [] : body.split(',')) {
    const [word, value] = part.includes('=') ? part.split('=', 2) : [undefined, part];
    const key = word === undefined ? numbers[place++] : named[word.trim()];
    const number = decimalNumber(value!.trim());
    if (key === undefined || !Number.isFinite(number)) {
      throw refused(text, `'${part}' says nothing to the pruner '${name}', which is written ${usage}.`);
    }
    settings[key] = number;
  }
  if (place < required) throw refused(text, `The pruner '${name}' is written ${usage}.`);
  return form.make(settings);
}

/** Returns the pruner that a journal names, or undefined where it names none. @throws as {@link parsePruner} does */
export function recordedPruner(
  recorded: (Readonly<Record<string, unknown>> & { readonly name?: unknown }) | undefined,
): Pruner | undefined {
  if (recorded === undefined || recorded.name === 'none') return undefined;
  const { name, ...settings } = recorded;
  const form = FORMS[String(name)];
  if (form === undefined) throw refused(String(name), `There is no pruner '${String(name)}'.`);
  return form.make(settings as Readonly<Record<string, number>>);
}

const refused = (text: string, reason: string): UsageError =>
  new UsageError('INVALID_OPTION', {
    message: `${reason} Pruners: ${Object.values(FORMS)
      .map(({ usage }) => usage)
      .join(' | ')}.`,
    details: { option: 'prune', value: text },
  });
