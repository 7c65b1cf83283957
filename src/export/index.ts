/** Results as tables, and tables as files: CSV, JSON lines and Parquet, without loss. Nothing here prints. */
export {
  checkExport,
  EXPORT_FORMATS,
  type ExportedFile,
  type ExportFormat,
  type ExportOptions,
  exportResult,
} from './export.js';
export {
  type BundleExportOptions,
  type BundleFormat,
  type ExportedBundleFile,
  exportBundle,
} from './export-bundle.js';
export { checkTrialsFile, exportTrials, type TrialExportOptions, writeTrials } from './export-trials.js';
