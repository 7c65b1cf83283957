import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { hindcast } from '../../helpers/command-line.js';

const COMMANDS = [
  'demo',
  'ingest',
  'bundles',
  'backtest',
  'optimize',
  'resume',
  'walkforward',
  'report',
  'trials',
  'importance',
  'reproduce',
  'lookahead',
  'validate',
  'holdout',
  'bench',
  'doctor',
];

describe('help', () => {
  it.each([undefined, ...COMMANDS])('of %s says the same as ever, in 80 columns, with an example', async (command) => {
    const { code, stdout, stderr } = await hindcast(command === undefined ? ['--help'] : [command, '--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatchSnapshot();
    expect(stdout).toContain('  $ hindcast ');
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  it('is what the command help prints too', async () => {
    for (const command of [[], ['backtest']]) {
      const asked = await hindcast(['help', ...command]);
      expect(asked).toEqual({ ...(await hindcast([...command, '--help'])), code: 0, stderr: '' });
    }
  });

  it('lists every command and no other', async () => {
    const { stdout } = await hindcast(['--help']);
    const listed = stdout
      .slice(stdout.indexOf('Commands:'))
      .match(/^ {2}[a-z]+/gm)!
      .map((name) => name.trim());
    expect(listed).toEqual([...COMMANDS, 'help']);
  });

  it('lists each command as its own help writes it', async () => {
    const plain = (text: string): string => text.replace(' [options]', '');
    const listed = (await hindcast(['--help'])).stdout.split('\n').map(plain);
    for (const command of COMMANDS) {
      const { stdout } = await hindcast([command, '--help']);
      const usage = plain(stdout.match(/^Usage: hindcast (.*)$/m)![1]!);
      expect(listed.filter((line) => line.startsWith(`  ${usage}  `))).toHaveLength(1);
    }
  });

  it('lists no option that the reference lacks', async () => {
    const reference = readFileSync('docs/reference/command-line.md', 'utf8');
    for (const command of COMMANDS) {
      const { stdout } = await hindcast([command, '--help']);
      expect(reference).toContain(`hindcast ${command}`);
      const options = stdout.match(/^ {2}(?:-\w, )?--[a-z-]+/gm)!.map((option) => option.trim().replace(/^-\w, /, ''));
      for (const option of options) {
        if (option !== '--help' && option !== '--version') expect(reference).toMatch(new RegExp(`${option}[ \`,\\]]`));
      }
    }
  });

  it('fits narrow terminals where words do', async () => {
    const { stdout } = await hindcast(['doctor', '--help'], { columns: 60 });
    const [before] = stdout.split('\nExample');
    for (const line of before!.split('\n')) expect(line.length).toBeLessThanOrEqual(60);
  });
});
