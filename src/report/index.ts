/** Text and HTML renderings of results: pure functions over plain data; nothing here prints. */

export { type BenchmarkPage, renderBenchmark } from './benchmark-page.js';
export { type DecisionPage, decisionPages } from './decision-page.js';
export { renderFlameGraph } from './flame-graph.js';
export {
  formatCount,
  formatMetric,
  formatMoney,
  formatNumber,
  formatPercent,
  formatShort,
  formatTime,
  metricLabel,
} from './format.js';
export { reportFront, reportOverfitting, reportRun, reportTrial, topTrials } from './from-results.js';
export { reportRobustness } from './from-robustness.js';
export { renderReport } from './html-report.js';
export { pathFigureTexts } from './path-figures.js';
export { type ProfileUnits, renderFunctions, renderProfile, renderThreads } from './profile-text.js';
export {
  type Progress,
  type ProgressLineOptions,
  renderProgressLine,
  renderProgressPlain,
} from './progress-line.js';
export type {
  BacktestReportModel,
  ReportModel,
  ReportParameter,
  ReportProfile,
  ReportRun,
  ReportTrial,
  StudyReportModel,
  WalkForwardReportModel,
} from './report-model.js';
export { renderRecord, renderTable, type TextColumn, type TextTableOptions } from './text-table.js';
