import { dirname, resolve } from 'node:path';
import { parse as parseYaml, YAMLError } from 'yaml';
import { z } from 'zod';
import { UsageError } from '../core/errors.js';
import { didYouMean } from '../core/suggest.js';
import { readTextFile } from '../data/text-file.js';
import type { MarketOptions } from '../engine/market.js';
import { refuseUnknownFlags } from './flags.js';

/** How one side of a comparison differs from the scenario. */
export interface ArmSettings {
  /** Flags of Hindcast by their environment variables. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly strategy?: string | undefined;
  /** On top of the scenario's. */
  readonly params?: Readonly<Record<string, string>> | undefined;
  readonly jobs?: number | undefined;
  /** Options of Node and V8, such as --max-semi-space-size=64. */
  readonly nodeOptions?: readonly string[] | undefined;
  /** Folder of another built Hindcast. */
  readonly package?: string | undefined;
}

/** What is measured, and how. */
export interface Scenario {
  readonly name: string;
  readonly strategy: string;
  /** A bundle of the store, or a market that is made for the benchmark. */
  readonly bundle: string | { readonly sample: { readonly symbols: number; readonly sessions: number } };
  readonly market: Omit<MarketOptions, 'bundle'>;
  readonly params: Readonly<Record<string, string>>;
  readonly seed: number;
  /** One backtest, or a search of the parameters. */
  readonly command: 'backtest' | 'optimize';
  readonly search: string;
  readonly trials?: number | undefined;
  readonly objective?: string | undefined;
  readonly jobs?: number | undefined;
  readonly repeat: number;
  readonly runs?: number | undefined;
  readonly warmUp?: number | undefined;
  readonly life: 'cold' | 'warm';
  readonly time: 'wall' | 'cpu';
  readonly memory: 'rss' | 'pss';
  /** Share of the time that the candidate is expected to save: the rank in a sequential evaluation. */
  readonly expected: number;
  readonly baseline: ArmSettings;
  readonly candidate: ArmSettings;
  /** Both sides are the same code on purpose. */
  readonly same: boolean;
}

/** Scenarios that belong together. */
export interface ScenarioFile {
  readonly scenarios: readonly Scenario[];
  /** Evaluated one by one in rank order, each on top of what was accepted. @defaultValue all are measured as they are */
  readonly sequential?: { readonly goal: number; readonly small: number; readonly row: number } | undefined;
}

const scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const share = z.number().min(0).max(1);
const armShape = z.strictObject({
  env: z.record(z.string(), scalar).optional(),
  strategy: z.string().min(1).optional(),
  params: z.record(z.string(), scalar).optional(),
  jobs: z.int().min(-1).optional(),
  nodeOptions: z.array(z.string().startsWith('-')).optional(),
  package: z.string().min(1).optional(),
});
const sampleShape = z.strictObject({
  symbols: z.int().min(1).max(26).default(8),
  sessions: z.int().min(100).max(20_000).default(5200),
});
const common = {
  strategy: z.string().min(1),
  bundle: z.union([z.string().min(1), z.strictObject({ sample: sampleShape })]),
  // Its members are the engine's to check, in the words of its options.
  market: z.record(z.string(), z.unknown()),
  params: z.record(z.string(), scalar),
  seed: z.int().min(0),
  command: z.enum(['backtest', 'optimize']),
  search: z.string().min(1),
  trials: z.int().min(1),
  objective: z.string().min(1),
  jobs: z.int().min(-1),
  repeat: z.int().min(1),
  runs: z.int(),
  warmUp: z.int().min(1),
  life: z.enum(['cold', 'warm']),
  time: z.enum(['wall', 'cpu']),
  memory: z.enum(['rss', 'pss']),
};
const scenarioShape = z.strictObject({
  name: z.string().regex(/^[\w.-]+$/, { error: "must be letters, digits, '-', '_' and '.'" }),
  ...z.strictObject(common).partial().shape,
  expected: share.optional(),
  baseline: armShape.optional(),
  candidate: armShape.optional(),
  same: z.boolean().optional(),
});
const fileShape = z.strictObject({
  defaults: z.strictObject(common).partial().optional(),
  sequential: z
    .union([
      z.literal(true).transform(() => ({ goal: 0.9, small: 0.02, row: 2 })),
      z.strictObject({
        goal: z.number().gt(0).lt(1).default(0.9),
        small: share.default(0.02),
        row: z.int().min(1).default(2),
      }),
    ])
    .optional(),
  scenarios: z.array(scenarioShape).min(1),
});

/** A market that is large enough for a backtest to take some tens of milliseconds. */
export const SAMPLE = { symbols: 8, sessions: 5200 } as const;

/** What a scenario has where it says nothing. */
export const SCENARIO_DEFAULTS = {
  bundle: { sample: SAMPLE },
  market: {},
  params: {},
  seed: 1,
  command: 'backtest',
  search: 'grid',
  repeat: 1,
  life: 'cold',
  time: 'wall',
  memory: 'rss',
  expected: 0,
  baseline: {},
  candidate: {},
  same: false,
} as const;

/**
 * Returns the scenarios of a YAML or JSON file. Paths in it are relative to its folder. docs/concepts/benchmarking.md lists the members.
 * @throws UsageError `SCENARIO_FILE` naming the file, the member and what it may be; `UNKNOWN_FLAG`
 */
export function readScenarioFile(path: string): ScenarioFile {
  const text = readTextFile(path, (what, cause) => refusal(path, what, cause));
  const parsed = fileShape.safeParse(parseText(path, text));
  if (!parsed.success) throw refusal(path, parsed.error.issues.map((issue) => describeIssue(issue)).join('; '));
  const { defaults = {}, scenarios, sequential } = parsed.data;
  const here = dirname(path);
  const names = new Set<string>();
  const read = scenarios.map((given): Scenario => {
    const { name } = given;
    if (names.has(name)) throw refusal(path, `two scenarios are named '${name}'; give each its own name`);
    names.add(name);
    const {
      baseline = {},
      candidate = {},
      strategy,
      ...rest
    } = { ...SCENARIO_DEFAULTS, ...defaults, ...given } as Partial<Scenario>;
    if (strategy === undefined) throw refusal(path, `scenario '${name}' has no strategy: name its file`);
    const arm = (side: string, settings: ArmSettings): ArmSettings => {
      refuseUnknownFlags(`${path}: the ${side} of '${name}'`, settings.env ?? {});
      return placed(settings, here);
    };
    return {
      ...(rest as Omit<Scenario, 'strategy' | 'baseline' | 'candidate'>),
      strategy: resolve(here, strategy),
      baseline: arm('baseline', baseline),
      candidate: arm('candidate', candidate),
    };
  });
  return { scenarios: read, sequential };
}

const placed = ({ strategy, package: folder, ...rest }: ArmSettings, here: string): ArmSettings => ({
  ...rest,
  ...(strategy === undefined ? {} : { strategy: resolve(here, strategy) }),
  ...(folder === undefined ? {} : { package: resolve(here, folder) }),
});

/** YAML holds JSON, so that one parser serves both. */
function parseText(path: string, text: string): unknown {
  try {
    return parseYaml(text);
  } catch (cause) {
    if (!(cause instanceof YAMLError)) throw cause;
    throw refusal(path, `is neither YAML nor JSON: ${cause.message.split('\n')[0]}`, cause);
  }
}

function describeIssue({ path, code, message, ...issue }: z.core.$ZodIssue): string {
  const place = path.length === 0 ? 'the file' : path.map(String).join('.');
  if (code !== 'unrecognized_keys') return `${place}: ${message}`;
  const { keys } = issue as unknown as { readonly keys: readonly string[] };
  const known = path.at(-1) === 'baseline' || path.at(-1) === 'candidate' ? Object.keys(armShape.shape) : knownAt(path);
  return `${place} does not know '${keys[0]}'.${didYouMean(keys[0]!, known)}`;
}

const knownAt = (path: readonly PropertyKey[]): readonly string[] =>
  path.length === 0
    ? Object.keys(fileShape.shape)
    : path[0] === 'scenarios' && path.length === 2
      ? Object.keys(scenarioShape.shape)
      : path[0] === 'defaults'
        ? Object.keys(common)
        : [];

const refusal = (path: string, what: string, cause?: unknown): UsageError =>
  new UsageError('SCENARIO_FILE', {
    message: `Scenario file ${path}: ${what}`.replace(/([^.?])$/, '$1.'),
    details: { path },
    ...(cause === undefined ? {} : { cause }),
  });
