import type { BenchmarkReport, ScenarioClaim, ScenarioReport } from '../benchmark/benchmark.js';
import type { BenchmarkEnvironment } from '../benchmark/environment.js';
import { formatNumber, formatPercent } from './format.js';

/** What a decision page is made of. */
export interface DecisionPage {
  readonly report: BenchmarkReport;
  readonly environment: BenchmarkEnvironment;
  /** The command line that repeats the figures. */
  readonly command: string;
  /** `YYYY-MM-DD`. */
  readonly date: string;
}

/** Returns a benchmark as Markdown, a page for each claim: the question, the choices, the figures, the decision. */
export function decisionPages(page: DecisionPage): string {
  return page.report.scenarios
    .flatMap((scenario) => scenario.claims.map((claim) => decision(page, scenario, claim)))
    .join('\n---\n\n');
}

function decision(
  { report, environment, command, date }: DecisionPage,
  scenario: ScenarioReport,
  claim: ScenarioClaim,
): string {
  const { comparison, verdict, difference } = claim;
  const { baseline, candidate, timeRatio } = comparison;
  const [low, high] = comparison.savedInterval;
  const { word } = verdict;
  const title = {
    accepted: `${claim.name} is accepted: ${timeRatio.toFixed(2)} times as fast`,
    rejected: `${claim.name} is rejected`,
    'a/a': `${claim.name}: the same code against itself`,
  }[word];
  const row = (label: string, of: (arm: typeof baseline) => string): string =>
    `| ${label} | ${of(baseline)} | ${of(candidate)} |`;
  const megabytes = (bytes: number | null): string =>
    bytes === null ? 'not measured' : `${formatNumber(bytes / 2 ** 20, 1)} MiB`;
  return `# ${title}

**Question.** Does \`${candidate.name}\` save at least ${formatPercent(report.thresholds.saving, 0)} of the time of \`${baseline.name}\`? The work is ${scenario.work}, of \`${scenario.strategy}\` on the bundle ${scenario.bundle.name} ${scenario.bundle.version.slice(0, 12)}.

**Choices.**

- \`${baseline.name}\`: ${settingsText(scenario, baseline.name)}
- \`${candidate.name}\`: ${settingsText(scenario, candidate.name)}

${difference.length === 0 ? 'Nothing differs: both are the same code.' : `What differs: ${difference.join(', ')}.`}

**Figures.** Medians of ${scenario.runs} runs of each, in random order within rounds, ${scenario.life} code, after ${scenario.warmUp} ${scenario.warmUp === 1 ? 'round' : 'rounds'} of warm-up. Every run gave equal results: ${scenario.result.says}.

| | ${baseline.name} | ${candidate.name} |
| --- | ---: | ---: |
${[
  row('wall time', ({ wallSeconds }) => `${formatNumber(wallSeconds, 4)} s`),
  row('time on all cores', ({ cpuSeconds }) => `${formatNumber(cpuSeconds, 4)} s`),
  row('peak resident memory', ({ peakRssBytes }) => megabytes(peakRssBytes)),
  row('memory, shared pages divided', ({ pssBytes }) => megabytes(pssBytes)),
].join('\n')}

| | |
| --- | ---: |
| times as fast | ${timeRatio.toFixed(3)} |
| time saved, median | ${formatPercent(comparison.saved)} |
| 95 % interval | ${formatPercent(low)} to ${formatPercent(high)} |
| time saved, mean | ${formatPercent(comparison.savedOfMeans)} |
| p: Welch; Mann and Whitney; Wilcoxon | ${[comparison.welch.p, comparison.mannWhitney.p, comparison.wilcoxon?.p].map((p) => (p === undefined ? 'not available' : p.toPrecision(3))).join('; ')} |
| p of all three, adjusted (Holm) | ${verdict.adjustedP.toPrecision(3)} |
| memory grows by | ${formatPercent(comparison.memoryGrowth)} |

${environment.cpu}, ${environment.cores} cores, ${megabytes(environment.memoryBytes)}, ${environment.system}, Node ${environment.node}, V8 ${environment.v8}, Hindcast ${environment.hindcast}${environment.commit === null ? '' : ` ${environment.commit}`}, load ${environment.loadAverage.map((load) => load.toFixed(2)).join(' ')}, ${date}.

\`\`\`sh
${command}
\`\`\`

**Decision.** ${{ accepted: 'Accepted', rejected: 'Rejected', 'a/a': 'None' }[word]}.

${verdict.conditions.map(({ met, says }) => `- ${met ? 'met' : '**not met**'}: ${says}`).join('\n')}
`;
}

function settingsText({ arms }: ScenarioReport, name: string): string {
  const { settings, code } = arms.find((arm) => arm.name === name)!;
  const { env = {}, ...rest } = settings;
  const given = [
    ...Object.entries(env).map(([variable, value]) => `${variable}=${value}`),
    ...Object.entries(rest).map(
      ([key, value]) => `${key} ${typeof value === 'string' ? value : JSON.stringify(value)}`,
    ),
  ];
  const made = `strategy ${code.strategySourceHash.slice(0, 12)}, Hindcast ${code.package.version} ${code.package.commit ?? code.package.codeHash.slice(0, 12)}`;
  return `${given.length === 0 ? 'as it is' : `\`${given.join(' ')}\``} (${made})`;
}
