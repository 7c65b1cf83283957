import { UsageError } from '../core/errors.js';
import { didYouMean } from '../core/suggest.js';

/** A switch of Hindcast that changes how something is done and never what comes out. */
interface Flag {
  readonly name: string;
  /** The environment variable that decides it. */
  readonly variable: string;
  /** What the variable is when the flag is off. */
  readonly off: string;
  readonly isOn: (value: string | undefined) => boolean;
}

/** All of them, in the order of the documentation. */
const FLAGS: readonly Flag[] = [
  { name: 'mappedFiles', variable: 'HINDCAST_NO_MMAP', off: '1', isOn: (value) => value !== '1' },
];

/** Returns which flags are on in an environment. */
export const flagsIn = (env: Readonly<Record<string, string | undefined>>): Readonly<Record<string, boolean>> =>
  Object.fromEntries(FLAGS.map(({ name, variable, isOn }) => [name, isOn(env[variable])]));

/** Returns the names of all flags, each with the environment that switches it off. */
export const flagsOff = (): readonly { readonly name: string; readonly env: Readonly<Record<string, string>> }[] =>
  FLAGS.map(({ name, variable, off }) => ({ name, env: { [variable]: off } }));

/** @throws UsageError `UNKNOWN_FLAG` for a variable that is no flag: it could not be told from one that changes nothing */
export function refuseUnknownFlags(where: string, env: Readonly<Record<string, string>>): void {
  const known = FLAGS.map(({ variable }) => variable);
  for (const variable of Object.keys(env)) {
    if (known.includes(variable)) continue;
    throw new UsageError('UNKNOWN_FLAG', {
      message: `${where} sets ${variable}, which is no flag of Hindcast.${didYouMean(variable, known)}`,
      details: { variable, known },
    });
  }
}
