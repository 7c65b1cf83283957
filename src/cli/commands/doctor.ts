import { accessSync, constants, existsSync, statfsSync } from 'node:fs';
import { availableParallelism, cpus, freemem, totalmem } from 'node:os';
import { dirname } from 'node:path';
import type { Command } from 'commander';
import { packageVersion } from '../../core/version.js';
import { defaultSharing } from '../../data/reader.js';
import { BundleStore, type BundleSummary } from '../../data/store.js';
import { OptimizationConfig } from '../../engine/optimization-config.js';
import { renderRecord } from '../../report/index.js';
import type { Session } from '../session.js';
import { bytesText, counted } from '../text-blocks.js';

/** One thing that was looked at. A problem is worth a remedy; it is no failure of the command. */
interface Finding {
  readonly name: string;
  readonly value: string;
  readonly problem?: string;
}

/** Bytes that a bundle may have to be verified in passing. */
const QUICK_BYTES = 256 * 1024 * 1024;
/** Free bytes below which a search or an ingest may soon fail. */
const LOW_BYTES = 512 * 1024 * 1024;

/** Adds `doctor`. */
export function registerDoctor(program: Command, session: Session): void {
  program
    .command('doctor')
    .description(
      'Looks at what Hindcast needs of this machine and says what is amiss. Bundles are verified, up to 256 MiB of them. Exit code 1 when there is a problem.',
    )
    .addHelpText('after', '\nExample:\n  $ hindcast doctor')
    .action(async () => examine(session));
}

async function examine(session: Session): Promise<void> {
  const { output } = session;
  const store = new BundleStore();
  const findings: Finding[] = [
    { name: 'hindcast', value: packageVersion() },
    nodeFinding(),
    { name: 'platform', value: `${process.platform} ${process.arch}` },
    { name: 'cores', value: `${availableParallelism()}${modelOf()}` },
    { name: 'memory', value: `${bytesText(totalmem())}, ${bytesText(freemem())} free` },
    mappingFinding(),
    storeFinding(store),
    diskFinding(store),
    ...(await bundleFindings(store)),
    ...environmentFindings(session.io.env),
  ];
  const problems = findings.flatMap(({ name, problem }) => (problem === undefined ? [] : [{ name, problem }]));
  session.exitCode = problems.length === 0 ? 0 : 1;
  output.result({ healthy: problems.length === 0, findings, problems }, () =>
    [
      renderRecord(
        findings.map(({ name, value, problem }) => [name, problem === undefined ? value : `${value}\n  ! ${problem}`]),
        output.color,
      ),
      '',
      problems.length === 0 ? 'All is well.' : `${counted(problems.length, 'problem')} found, marked with '!'.`,
    ].join('\n'),
  );
}

function nodeFinding(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const isOld = major < 20 || (major === 20 && minor < 19);
  const problem = isOld ? { problem: 'Node 20.19 or later is needed.' } : {};
  return { name: 'node', value: `${process.version} (V8 ${process.versions.v8})`, ...problem };
}

const modelOf = (): string => {
  const model = cpus()[0]?.model.trim();
  return model === undefined || model === '' || model === 'unknown' ? '' : ` (${model})`;
};

/** Without a mapping bundles are shared in memory, which is as right and nearly as good: no problem. */
function mappingFinding(): Finding {
  const sharing = defaultSharing();
  if (sharing === 'mapped') return { name: 'bundles in memory', value: 'mapped (mmap by koffi)' };
  const reason =
    process.env.HINDCAST_NO_MMAP === '1'
      ? 'HINDCAST_NO_MMAP=1'
      : process.platform !== 'linux'
        ? `${process.platform} is not mapped`
        : 'the optional package koffi is not installed';
  return { name: 'bundles in memory', value: `${sharing} (${reason})` };
}

/** Returns the nearest folder that exists: the one that decides whether the store can be made. */
function existingFolder(path: string): string {
  let folder = path;
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}

function storeFinding({ directory }: BundleStore): Finding {
  const folder = existingFolder(directory);
  const value = folder === directory ? directory : `${directory} (made by the first ingest)`;
  try {
    if (statfsSync(folder).type === undefined) return { name: 'store', value };
    accessSync(`${folder}/.`, constants.W_OK);
    return { name: 'store', value };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = code === 'ENOTDIR' ? `${folder} is a file` : message;
    return {
      name: 'store',
      value,
      problem: `It cannot be written: ${reason}. Set HINDCAST_HOME to a folder of yours.`,
    };
  }
}

function diskFinding({ directory }: BundleStore): Finding {
  try {
    const { bavail, bsize } = statfsSync(existingFolder(directory));
    const free = bavail * bsize;
    const problem = free < LOW_BYTES ? { problem: 'Little space is left for bundles and studies.' } : {};
    return { name: 'free on its disk', value: bytesText(free), ...problem };
  } catch (error) {
    return { name: 'free on its disk', value: `unknown (${(error as Error).message})` };
  }
}

async function bundleFindings(store: BundleStore): Promise<Finding[]> {
  const bundles = store.list();
  if (bundles.length === 0) return [{ name: 'bundles', value: 'none yet; hindcast demo makes one' }];
  const findings: Finding[] = [];
  let budget = QUICK_BYTES;
  for (const bundle of bundles) {
    const size = bundle.bytes / bundle.versions.length;
    const isQuick = size <= budget;
    if (isQuick) budget -= size;
    findings.push(await bundleFinding(store, bundle, isQuick));
  }
  return findings;
}

async function bundleFinding(store: BundleStore, bundle: BundleSummary, verify: boolean): Promise<Finding> {
  const { name, assets, rows, bytes, damaged } = bundle;
  const contents = `${counted(assets.length, 'symbol')}, ${counted(rows, 'row')}, ${bytesText(bytes)}`;
  const finding = { name: `bundle ${name}`, value: contents };
  if (damaged !== undefined) return { ...finding, problem: damaged };
  if (!verify) return { ...finding, value: `${contents}; large: hindcast bundles verify ${name}` };
  try {
    await store.verify(name);
    return { ...finding, value: `${contents}, intact` };
  } catch (error) {
    return { ...finding, problem: (error as Error).message };
  }
}

function environmentFindings(env: Readonly<Record<string, string | undefined>>): Finding[] {
  return Object.keys(env)
    .filter((name) => name.startsWith('HINDCAST_') && (env[name] ?? '') !== '')
    .sort()
    .map((name) => ({ name, value: env[name]!, ...cacheProblem({ [name]: env[name] }) }));
}

/** A switch of a cache that cannot be read would end every run. */
function cacheProblem(env: Readonly<Record<string, string | undefined>>): { readonly problem?: string } {
  try {
    OptimizationConfig.fromDefaults(env);
    return {};
  } catch (error) {
    return { problem: (error as Error).message };
  }
}
