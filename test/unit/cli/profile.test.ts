import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CROSSOVER, emptyHome, file, hindcast, ingestWaves } from '../../helpers/command-line.js';

describe('--profile', () => {
  it('prints tables that fit into 80 columns, allocation a bar, and the place of the files', async () => {
    const folder = emptyHome();
    await ingestWaves(folder);
    const place = join(folder, 'made');
    const args = ['backtest', file(folder, 'cross.ts', CROSSOVER), '--bundle', 'waves', '--profile', place];
    const { code, stdout, stderr } = await hindcast(args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^function +where +self ms +self +total$/m);
    expect(stdout).toMatch(/^main( +[\d.]+){4}$/m);
    expect(stdout).toMatch(/^Allocated: .* a bar \(± \d+ %\)$/m);
    expect(stdout).toContain(`Profile: ${place}:\n  cpu.cpuprofile, heap.heapprofile, flame.svg, functions.txt\n`);
    for (const line of stdout.replace(place, '').split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    expect(existsSync(join(place, 'flame.svg'))).toBe(true);
  });

  it.each([
    ['a file', ['plain'], /it is no folder/],
    ['a folder below a file', ['plain', 'deep'], /a part of it is no folder/],
    ['a folder with a folder in a file’s place', ['taken'], /it is a folder/],
  ])('refuses %s before anything is read', async (_name, names, says) => {
    const folder = emptyHome();
    file(folder, 'plain', '');
    mkdirSync(join(folder, 'taken', 'flame.svg'), { recursive: true });
    for (const command of ['backtest', 'optimize']) {
      const args = [command, 'missing.ts', '--bundle', 'none', '--profile', join(folder, ...names)];
      const { code, stdout, stderr } = await hindcast(args);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toMatch(/^error: Cannot write the profile /);
      expect(stderr).toMatch(says);
    }
  });
});
