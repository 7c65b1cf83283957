import { describe, expect, it } from 'vitest';
import { codeOnly, sourceFiles } from '../../helpers/source-text.js';
import { sourceViolations, testViolations, waitingHelpers } from '../../helpers/test-habits.js';

const tests = sourceFiles('test');

describe('the tests of this project', () => {
  it('use the real thing, hide nothing, and never sleep for a result', () => {
    expect(tests.length).toBeGreaterThan(3);
    expect(tests.flatMap(testViolations)).toEqual([]);
  });

  it('list only waiting helpers that exist', () => {
    const paths = tests.map(({ path }) => path);
    expect([...waitingHelpers].filter((path) => !paths.includes(path))).toEqual([]);
  });
});

describe('the sources of this project', () => {
  it('keep the compiler on, and print in cli alone', () => {
    expect(sourceFiles('src').flatMap(sourceViolations)).toEqual([]);
  });
});

describe('the habits check', () => {
  const inTest = (text: string): string[] => testViolations({ path: 'test/unit/a.test.ts', text });
  const inSource = (text: string): string[] => sourceViolations({ path: 'src/core/a.ts', text });

  it.each([
    `vi.mock('../src/a.js');`,
    `const spy = vi.fn();`,
    `vi.spyOn(ledger, 'apply');`,
    `jest.fn();`,
    `sinon.stub(a, 'b');`,
    `it.skip('x', () => {});`,
    `describe.only('x', () => {});`,
    `it.todo('x');`,
    `await new Promise((resolve) => setTimeout(resolve, 500));`,
    `setTimeout(() => { done(f(1, 2)); }, 2 * 1_000,);`,
    `await sleep(50);`,
    `const a = \`\${vi.fn()}\`;`,
    `  // @ts-ignore`,
  ])('flags in a test: %s', (text) => {
    expect(inTest(text)).toHaveLength(1);
  });

  it.each([
    `// vi.mock is not used here`,
    `const text = "vi.fn()";`,
    `it.skipIf(process.platform === 'win32')('x', () => {});`,
    `setTimeout(resolve, deadline - now);`,
    `setTimeout(() => controller.abort(), 0);`,
    `  // @ts-expect-error a number is refused`,
    `const pattern = /vi.fn()/;`,
  ])('lets pass in a test: %s', (text) => {
    expect(inTest(text)).toEqual([]);
  });

  it.each([`const a = b as any;`, `console.log(1);`, `process.stdout.write('x');`, `// @ts-nocheck`])(
    'flags in a source: %s',
    (text) => {
      expect(inSource(text)).toHaveLength(1);
    },
  );

  it('lets a thread pass on what a strategy prints', () => {
    expect(inSource('process.stdout.write = process.stderr.write.bind(process.stderr);')).toEqual([]);
  });

  it('lets cli print', () => {
    expect(sourceViolations({ path: 'src/cli/a.ts', text: 'process.stdout.write(text);' })).toEqual([]);
  });
});

describe('codeOnly', () => {
  it('blanks text and keeps every offset', () => {
    const text = 'const a = "x/*"; // c\nconst b = `p${q("}")}r` / 2; const c = /[/"]/.test(a);';
    const code = codeOnly(text);
    expect(code).toHaveLength(text.length);
    expect(code).toBe('const a = "   ";     \nconst b = ` ${q(" ")} ` / 2; const c = /    /.test(a);');
  });
});
