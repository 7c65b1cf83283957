import type { BenchmarkReport, ScenarioClaim, ScenarioReport } from '../benchmark/benchmark.js';
import type { ArmFigures } from '../benchmark/comparison.js';
import type { GateReport } from '../benchmark/gate-file.js';
import type { SelfTest } from '../benchmark/self-test.js';
import { pText } from '../benchmark/verdict.js';
import { formatPercent, renderTable, type TextColumn, type TextTableOptions } from '../report/index.js';
import { wrapIndented } from './output.js';
import { bytesText, counted, shortHash } from './text-blocks.js';

/** Returns a benchmark for people: what was measured, what it means, and why a candidate was not accepted. */
export function benchText(report: BenchmarkReport, gate: GateReport | undefined, style: TextTableOptions): string {
  const claims = report.scenarios.flatMap((scenario) => scenario.claims);
  const lines = (texts: readonly string[]): string[] => texts.map((text) => wrapIndented(text, style.width ?? 80));
  return [
    ...report.scenarios.flatMap((scenario) => [...scenarioText(scenario, style), '']),
    claimsTable(claims, style),
    '',
    ...lines(claims.flatMap(whyText)),
    ...(report.sequential === undefined ? [] : ['', ...lines(sequentialText(report.sequential))]),
    ...(gate === undefined ? [] : ['', ...gateText(gate, style)]),
  ].join('\n');
}

function scenarioText(
  { name, work, bundle, runs, warmUp, life, result, arms, claims }: ScenarioReport,
  style: TextTableOptions,
): string[] {
  const figures = new Map<string, ArmFigures>();
  for (const { comparison } of claims) {
    for (const arm of [comparison.baseline, comparison.candidate]) figures.set(arm.name, arm);
  }
  const columns: TextColumn[] = [
    { header: 'arm' },
    ...['wall', 'CPU', 'peak RSS', 'PSS'].map((header): TextColumn => ({ header, align: 'right' })),
  ];
  const rows = arms.map((arm) => {
    const { wallSeconds, cpuSeconds, peakRssBytes, pssBytes } = figures.get(arm.name)!;
    const memory = [bytesText(peakRssBytes), pssBytes === null ? '–' : bytesText(pssBytes)];
    return [arm.name, secondsText(wallSeconds), secondsText(cpuSeconds), ...memory];
  });
  const lines = [
    `${name}: ${work} on ${bundle.name} ${shortHash(bundle.version)}`,
    `${counted(runs, 'run')} of each arm, in random order within rounds, ${counted(warmUp, 'round')} of warm-up, ${life} code`,
    `Equal results in every run: ${result.says}`,
  ];
  return [...lines.map((line) => wrapIndented(line, style.width ?? 80)), '', renderTable(columns, rows, style)];
}

const secondsText = (seconds: number): string =>
  seconds >= 1 ? `${seconds.toFixed(3)} s` : `${(1000 * seconds).toFixed(2)} ms`;

function claimsTable(claims: readonly ScenarioClaim[], style: TextTableOptions): string {
  return renderTable(
    [
      { header: 'claim' },
      ...['faster', 'saved', '95 % interval', 'p', 'memory'].map((header): TextColumn => ({ header, align: 'right' })),
      { header: 'verdict', whole: true },
    ],
    claims.map(({ name, comparison, verdict }) => {
      const [low, high] = comparison.savedInterval;
      return [
        name,
        `${comparison.timeRatio.toFixed(2)}x`,
        formatPercent(comparison.saved, 1),
        `${(100 * low).toFixed(1)} to ${(100 * high).toFixed(1)}`,
        pText(verdict.adjustedP),
        `${comparison.memoryGrowth < 0 ? '' : '+'}${formatPercent(comparison.memoryGrowth, 1)}`,
        verdict.word,
      ];
    }),
    style,
  );
}

function whyText({ name, difference, verdict }: ScenarioClaim): string[] {
  if (verdict.word === 'a/a') {
    return [
      `${name}: the same code against itself; ${verdict.wouldPass ? 'a difference would have been claimed, which is a false alarm' : 'no difference is claimed, as it should be'}`,
    ];
  }
  const what = `${name}: ${difference.join(', ')}`;
  const missing = verdict.conditions.filter(({ met }) => !met).map(({ says }) => `  not met: ${says}`);
  return [what, ...missing];
}

function sequentialText({
  entries,
  saved,
  timeRatio,
  goal,
  isGoalReached,
  stopped,
}: NonNullable<BenchmarkReport['sequential']>): string[] {
  const why = {
    'goal-reached': 'the goal is reached',
    'diminishing-returns': 'the last ones saved too little',
    'all-evaluated': 'all are evaluated',
  }[stopped];
  return [
    'In rank order, each on top of those accepted before:',
    ...entries.map(({ step, verdict, timeRatio: own, reason, cumulativeTimeRatio }) =>
      own === undefined
        ? `  ${step.name}: ${verdict}, ${reason}`
        : `  ${step.name}: ${verdict}, ${own.toFixed(2)}x, together ${cumulativeTimeRatio.toFixed(2)}x`,
    ),
    `Together ${timeRatio.toFixed(2)}x as fast, ${formatPercent(saved, 1)} of the time saved; the goal of ${formatPercent(goal, 0)} is ${isGoalReached ? '' : 'not '}reached. Ended because ${why}.`,
  ];
}

function gateText({ file, stored, findings, passed }: GateReport, style: TextTableOptions): string[] {
  const rows = findings.map((finding) => [
    finding.name,
    finding.stored.toFixed(3),
    finding.measured.toFixed(3),
    `${finding.slowdown < 0 ? '' : '+'}${formatPercent(finding.slowdown, 1)}`,
    pText(finding.adjustedP),
    finding.passed ? 'passed' : 'FAILED',
  ]);
  const columns: TextColumn[] = [
    { header: 'ratio to the baseline' },
    ...['stored', 'now', 'slower', 'p'].map((header): TextColumn => ({ header, align: 'right' })),
    { header: 'gate', whole: true },
  ];
  return [
    ...(findings.length === 0 ? [] : [renderTable(columns, rows, style)]),
    ...(stored.length === 0 ? [] : [`Stored in ${file} for the next time: ${stored.join(', ')}`]),
    ...(findings.length === 0
      ? []
      : [passed ? 'The gate passes.' : 'The gate fails: slower by more than 10 % with significance.']),
  ];
}

/** Returns a self-test for people. */
export function selfTestText(
  { times, runs, rounds, falseAlarms, found, noise, measured }: SelfTest,
  style: TextTableOptions,
): string {
  const rate = (count: number): string => formatPercent(count / times, 1);
  return [
    ...scenarioText(measured, style),
    '',
    ...[
      `Times vary by ${formatPercent(noise, 1)} from run to run. Of ${counted(times, 'benchmark')} of ${runs} runs, drawn from these ${rounds} rounds:`,
      `  the same code would have been accepted in ${falseAlarms} (${rate(falseAlarms)}); at most 5 % are allowed`,
      `  a tenth less time was found in ${found} (${rate(found)}); 95 % are expected`,
      ...(found >= 0.95 * times
        ? []
        : ['This machine is too noisy for so few runs: close what else is running, or raise --runs.']),
    ].map((line) => wrapIndented(line, style.width ?? 80)),
  ].join('\n');
}
