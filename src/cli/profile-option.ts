import type { RecordingSink } from '../profiling/recorder.js';
import type { ProfileUnits, ReportProfile } from '../report/index.js';
import type { Output } from './output.js';

/** What `--profile` found, after its files are written. */
export interface ProfileResult {
  /** For the command's JSON document. */
  readonly document: object;
  /** For a page. */
  readonly report: ReportProfile;
  /** For a terminal. */
  readonly text: (output: Pick<Output, 'width' | 'color'>) => string;
}

/** A command that is being recorded. */
export interface ProfiledCommand extends Disposable {
  /** For pools: each of their threads is recorded from its start to its end. */
  readonly sink: RecordingSink;
  /**
   * Ends the recording and writes the files; to be called once, when pools are closed.
   * @throws UsageError `PROFILE_NOT_WRITABLE`; RunError `PROFILE_WRITE_FAILED`, for a full disk for example
   */
  finish(title: string, units: ProfileUnits): Promise<ProfileResult>;
}

/** A place for a profile, before anything is recorded. */
export interface PreparedProfile {
  /** Starts to record this thread. */
  start(): Promise<ProfiledCommand>;
}

export const PROFILE_HELP = 'record where time and memory go, and write it there';

/**
 * Returns the place of a profile where one is asked for: its folder is made where there is none. Nothing is loaded where none is.
 * @throws UsageError `PROFILE_NOT_WRITABLE`; RunError `PROFILE_WRITE_FAILED`
 */
export async function openProfile(folder: string | undefined): Promise<PreparedProfile | undefined> {
  return folder === undefined ? undefined : (await import('./profile.js')).prepareProfile(folder);
}
