import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { UsageError } from '../core/errors.js';
import type { ScenarioReport } from './benchmark.js';
import { checkGate, type GateFinding, type GateOptions, type GateRatios, gateRatios } from './gate.js';

/** What a gate file did for a benchmark. */
export interface GateReport {
  readonly file: string;
  /** Names that were stored now, because the file had none of them. */
  readonly stored: readonly string[];
  readonly findings: readonly GateFinding[];
  readonly passed: boolean;
}

const shape = z.strictObject({
  schemaVersion: z.literal(1),
  ratios: z.array(z.strictObject({ name: z.string(), ratios: z.array(z.number().positive()).min(1) })),
});

/** Reads a gate file, before the work; none is there the first time. @throws UsageError `GATE_FILE` */
export function readGateFile(path: string): readonly GateRatios[] {
  if (!existsSync(path)) return [];
  let parsed: ReturnType<typeof shape.safeParse>;
  try {
    parsed = shape.safeParse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    throw notAGate(path, (cause as Error).message, cause);
  }
  if (parsed.success) return parsed.data.ratios;
  throw notAGate(path, parsed.error.issues.map(({ path: at, message }) => `${at.join('.')}: ${message}`).join('; '));
}

/**
 * Compares a benchmark with what a gate file holds, and stores what it does not. What is stored stays until the file is removed: a gate
 * that follows each run would let a slowdown pass in small steps.
 */
export function passGate(
  path: string,
  stored: readonly GateRatios[],
  scenarios: readonly ScenarioReport[],
  options: GateOptions = {},
): GateReport {
  const measured = scenarios.flatMap(ratiosOf);
  const added = measured.filter(({ name }) => stored.every((one) => one.name !== name));
  const findings = checkGate(stored, measured, options);
  if (added.length > 0) {
    writeFileSync(path, `${JSON.stringify({ schemaVersion: 1, ratios: [...stored, ...added] }, undefined, 1)}\n`);
  }
  const passed = findings.every((finding) => finding.passed);
  return { file: path, stored: added.map(({ name }) => name), findings, passed };
}

/** Time of each candidate over that of its baseline, round by round. */
const ratiosOf = ({ name, arms, claims }: ScenarioReport): GateRatios[] =>
  claims.map((claim) => {
    const arm = (wanted: string) => arms.find((one) => one.name === wanted)!;
    const own = claim.name === name ? name : `${name}/${claim.name}`;
    return gateRatios(own, arm(claim.candidate), arm(claim.baseline));
  });

const notAGate = (path: string, why: string, cause?: unknown): UsageError =>
  new UsageError('GATE_FILE', {
    message: `${path} is no gate file: ${why}. Give another place, or remove it to store ratios anew.`,
    details: { path },
    ...(cause === undefined ? {} : { cause }),
  });
