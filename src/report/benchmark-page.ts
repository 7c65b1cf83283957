import type { BenchmarkReport, ScenarioClaim, ScenarioReport } from '../benchmark/benchmark.js';
import type { ArmFigures } from '../benchmark/comparison.js';
import type { BenchmarkEnvironment } from '../benchmark/environment.js';
import { clientFiles } from './client-files.js';
import { formatCount, formatNumber, formatPercent, formatShort } from './format.js';
import { type Html, html } from './html.js';
import { pageOf } from './page-shell.js';
import { fixed, frame, inner, rangeOf, size } from './svg-plot.js';

/** What a benchmark's page shows. */
export interface BenchmarkPage {
  readonly report: BenchmarkReport;
  readonly environment: BenchmarkEnvironment;
  /** The command line that repeats the figures. */
  readonly command: string;
  /** `YYYY-MM-DD`. */
  readonly date: string;
}

/**
 * Returns a benchmark as one HTML page that needs nothing else, no script either. Equal benchmarks give equal bytes.
 * Throws a {@link RunError} with code `REPORT_CLIENT_MISSING` when the package was not built.
 */
export function renderBenchmark({ report, environment, command, date }: BenchmarkPage): string {
  const claims = report.scenarios.flatMap((scenario) => scenario.claims);
  const accepted = claims.filter(({ verdict }) => verdict.word === 'accepted').length;
  const main = html`<header class="page-head">
<p class="brand">Hindcast</p>
<h1>Benchmark</h1>
<p class="sub">${formatCount(claims.length)} ${claims.length === 1 ? 'claim' : 'claims'}, ${formatCount(accepted)} accepted · ${date}</p>
</header>
${claimsSection(claims, report)}
${report.scenarios.map(scenarioSection)}
${provenance(environment, command)}`;
  return pageOf({ title: 'Benchmark', style: clientFiles().style, main });
}

const numberHead = (label: string): Html => html`<th scope="col" class="num">${label}</th>`;

function claimsSection(claims: readonly ScenarioClaim[], { thresholds, sequential }: BenchmarkReport): Html {
  return html`<section class="panel" aria-labelledby="claims-title" id="claims">
<h2 id="claims-title">What is faster?</h2>
<figure>${savingsChart(claims, thresholds.saving)}<figcaption class="caption">Time saved of the baseline's, median and 95 % interval. Dashed: nothing, and the least that is accepted, ${formatPercent(thresholds.saving, 0)}.</figcaption></figure>
<div class="scroll" tabindex="0" role="region" aria-labelledby="claims-title"><table>
<thead><tr><th scope="col">Claim</th><th scope="col">What differs</th>${['Times as fast', 'Saved', 'From', 'To', 'p', 'Memory'].map(numberHead)}<th scope="col">Verdict</th></tr></thead>
<tbody>${claims.map(
    ({ name, difference, comparison, verdict }) =>
      html`<tr><td>${name}</td><td>${difference.join(', ') || 'nothing'}</td><td class="num">${formatNumber(comparison.timeRatio)}</td>${[comparison.saved, ...comparison.savedInterval].map((share) => html`<td class="num">${formatPercent(share, 1)}</td>`)}<td class="num">${formatShort(verdict.adjustedP, 3)}</td><td class="num">${formatPercent(comparison.memoryGrowth, 1)}</td><td>${verdict.word}</td></tr>\n`,
  )}</tbody></table></div>
${
  sequential !== undefined &&
  html`<p>In rank order, each on top of those accepted before: ${sequential.entries.map(({ step, verdict }) => `${step.name} ${verdict}`).join(', ')}. Together ${formatNumber(sequential.timeRatio)} times as fast, ${formatPercent(sequential.saved, 1)} of the time saved; the goal of ${formatPercent(sequential.goal, 0)} is ${sequential.isGoalReached ? '' : 'not '}reached.</p>`
}
</section>`;
}

type Scale = (value: number) => string;

/** A place across the plot of a value of a range. */
const scaleOver =
  ({ low, high }: { readonly low: number; readonly high: number }): Scale =>
  (value) =>
    fixed(size.left + ((value - low) / (high - low)) * inner.width);

function upright(kind: string, place: string, top: number, tall: number): Html {
  return html`<line class="${kind}" x1="${place}" x2="${place}" y1="${fixed(top)}" y2="${fixed(top + tall)}"/>`;
}

function savingsChart(claims: readonly ScenarioClaim[], threshold: number): Html {
  const range = rangeOf([0, threshold, ...claims.flatMap(({ comparison }) => comparison.savedInterval)]);
  const across = scaleOver(range);
  const row = inner.height / claims.length;
  const rows = claims.map(({ name, comparison, verdict }, index) => {
    const top = size.top + index * row;
    const middle = top + row * 0.65;
    const [low, high] = comparison.savedInterval;
    return html`<text x="${size.left + 4}" y="${fixed(top + row * 0.35)}">${name}</text><line class="whisker" x1="${across(low)}" x2="${across(high)}" y1="${fixed(middle)}" y2="${fixed(middle)}"/><circle class="${verdict.word === 'rejected' ? 'bad' : 'good'}" cx="${across(comparison.saved)}" cy="${fixed(middle)}" r="4"/>`;
  });
  const told = claims.map(
    ({ name, comparison }) =>
      `${name} ${formatPercent(comparison.saved, 1)}, ${comparison.savedInterval.map((share) => formatPercent(share, 1)).join(' to ')}`,
  );
  return frame(
    `Time saved: ${told.join('; ')}`,
    html`${[0, threshold].map((share) => upright('zero', across(share), size.top, inner.height))}${rows}`,
    { ...range, title: 'time saved', format: (share) => formatPercent(share, 0) },
  );
}

function scenarioSection(scenario: ScenarioReport): Html {
  const { name, work, bundle, runs, warmUp, life, result, arms, claims } = scenario;
  const figures = new Map<string, ArmFigures>();
  for (const { comparison } of claims) {
    for (const arm of [comparison.baseline, comparison.candidate]) figures.set(arm.name, arm);
  }
  const id = `scenario-${name}`;
  return html`<section class="panel" aria-labelledby="${id}">
<h2 id="${id}">${name}</h2>
<p class="caption">${work} on ${bundle.name} ${bundle.version.slice(0, 12)}. ${formatCount(runs)} runs of each arm in random order within rounds, ${life} code, after ${formatCount(warmUp)} ${warmUp === 1 ? 'round' : 'rounds'} of warm-up. Every run gave equal results: ${result.says}.</p>
<div class="pair"><figure>${strips(scenario)}<figcaption class="caption">Every run, one row an arm; the tick is the median.</figcaption></figure>
<figure>${byRound(scenario)}<figcaption class="caption">The same round by round, ${claims[0]?.candidate ?? ''} in colour: what moves all lines together is the machine.</figcaption></figure></div>
<div class="scroll" tabindex="0" role="region" aria-labelledby="${id}"><table>
<thead><tr><th scope="col">Arm</th>${['Wall, s', 'All cores, s', 'Peak RSS, MiB', 'PSS, MiB'].map(numberHead)}</tr></thead>
<tbody>${arms.map((arm) => {
    const { wallSeconds, cpuSeconds, peakRssBytes, pssBytes } = figures.get(arm.name)!;
    const mebibytes = (bytes: number | null): string => formatNumber(bytes === null ? null : bytes / 2 ** 20, 1);
    return html`<tr><td>${arm.name}</td><td class="num">${formatNumber(wallSeconds, 4)}</td><td class="num">${formatNumber(cpuSeconds, 4)}</td><td class="num">${mebibytes(peakRssBytes)}</td><td class="num">${mebibytes(pssBytes)}</td></tr>\n`;
  })}</tbody></table></div>
<dl class="findings">${claims.map(
    (claim) => html`<div class="finding" data-claim="${claim.name}">
<dt>${claim.name}<span class="value">${claim.verdict.word}</span></dt>
${claim.verdict.conditions.map(({ met, says }) => html`<dd>${met ? 'met' : 'not met'}: ${says}</dd>\n`)}</div>`,
  )}</dl>
</section>`;
}

const secondsOf = ({ time }: ScenarioReport, arm: ScenarioReport['arms'][number]): number[] =>
  arm.runs.map(({ seconds, cpuSeconds }) => (time === 'wall' ? seconds : cpuSeconds));

/** Room for every run; no time is below 0. */
function rangeOfTimes(scenario: ScenarioReport): { readonly low: number; readonly high: number } {
  const { low, high } = rangeOf(scenario.arms.flatMap((arm) => secondsOf(scenario, arm)));
  return { low: Math.max(0, low), high };
}

function strips(scenario: ScenarioReport): Html {
  const { arms, claims } = scenario;
  const medians = new Map(
    claims
      .flatMap(({ comparison: { baseline, candidate } }) => [baseline, candidate])
      .map((arm) => [arm.name, arm.median]),
  );
  const range = rangeOfTimes(scenario);
  const across = scaleOver(range);
  const row = inner.height / arms.length;
  const drawn = arms.map((arm, index) => {
    const top = size.top + index * row;
    const dots = secondsOf(scenario, arm).map(
      (seconds) => html`<circle class="good" cx="${across(seconds)}" cy="${fixed(top + row * 0.65)}" r="3"/>`,
    );
    return html`<text x="${size.left + 4}" y="${fixed(top + row * 0.35)}">${arm.name}</text>${dots}${upright('median', across(medians.get(arm.name)!), top + row * 0.5, row * 0.3)}`;
  });
  const told = arms.map(({ name }) => `${name} ${formatShort(medians.get(name)!, 4)} s`).join(', ');
  return frame(`Median time of a run: ${told}`, html`${drawn}`, { ...range, title: 'seconds a run' });
}

function byRound(scenario: ScenarioReport): Html {
  const { arms, runs, claims } = scenario;
  const range = rangeOfTimes(scenario);
  const x = { low: 1, high: Math.max(2, runs) };
  const across = scaleOver(x);
  const up: Scale = (seconds) =>
    fixed(size.top + inner.height - ((seconds - range.low) / (range.high - range.low)) * inner.height);
  const lines = arms.map((arm) => {
    const points = secondsOf(scenario, arm).map((seconds, round) => `${across(round + 1)},${up(seconds)}`);
    const kind = arm.name === claims[0]?.candidate ? 'curve chosen' : 'curve';
    return html`<polyline class="${kind}" points="${points.join(' ')}"/>`;
  });
  const format = (round: number): string => formatShort(Math.round(round), 6);
  return frame(
    `Time of each arm over ${runs} rounds`,
    html`${lines}`,
    { ...x, title: 'round', format },
    { ...range, title: 'seconds' },
  );
}

function provenance(environment: BenchmarkEnvironment, command: string): Html {
  const { cpu, cores, memoryBytes, freeMemoryBytes, system, node, v8, hindcast, commit, loadAverage } = environment;
  const gibibytes = (bytes: number): string => `${formatNumber(bytes / 2 ** 30, 1)} GiB`;
  const entries = {
    processor: `${cpu}, ${cores} cores`,
    memory: `${gibibytes(memoryBytes)}, ${gibibytes(freeMemoryBytes)} free`,
    system,
    node: `${node}, V8 ${v8}`,
    hindcast: commit === null ? hindcast : `${hindcast}, commit ${commit}`,
    load: loadAverage.map((load) => load.toFixed(2)).join(' '),
    command,
  };
  return html`<section class="panel" aria-labelledby="provenance-title">
<h2 id="provenance-title">Provenance</h2>
<dl class="provenance">${Object.entries(entries).map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
</section>`;
}
