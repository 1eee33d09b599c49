import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (...parts: string[]) => readFileSync(join(root, ...parts), 'utf8');

/** The words of a union type, in order. */
function wordsOf(source: string, type: string): string[] {
  const plain = source.replace(/\/\*\*.*?\*\//gs, '');
  const [, union = ''] = new RegExp(`type ${type} =([^;]*);`).exec(plain) ?? [];
  return [...union.matchAll(/'([A-Z_]+)'/g)].map(([, word]) => word as string);
}

const codes = [
  ...wordsOf(read('lib', 'base', 'errors.ts'), 'ErrorCode'),
  ...wordsOf(read('lib', 'cli', 'usage.ts'), 'UsageCode'),
];
const warnings = wordsOf(read('lib', 'base', 'warning.ts'), 'WarningCode');

function filesOf(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesOf(path) : path.endsWith('.ts') ? [path] : [];
  });
}

describe('codes of errors and warnings', () => {
  it('stand in docs/errors.md, each once, with all columns filled, and no others', () => {
    const rows = [...read('docs', 'errors.md').matchAll(/^\| `([A-Z_]+)` \|(.*)\|$/gm)];
    expect(rows.map(([, code]) => code).sort()).toEqual([...codes, ...warnings].sort());
    for (const [, code, rest = ''] of rows) {
      const cells = rest.split('|').map((cell) => cell.trim());
      expect(cells, code).toHaveLength(3);
      for (const cell of cells) expect(cell.length, code).toBeGreaterThan(3);
    }
  });

  it('that the package gives are each provoked by a test', () => {
    const textsOf = (folder: string, ...without: string[]) =>
      filesOf(join(root, folder))
        .filter((path) => !without.includes(path))
        .map((path) => readFileSync(path, 'utf8'));
    const lib = textsOf(
      'lib',
      join(root, 'lib', 'base', 'errors.ts'),
      join(root, 'lib', 'base', 'warning.ts'),
    );
    const tests = textsOf('test', fileURLToPath(import.meta.url));
    const isIn = (texts: string[], code: string) => texts.some((text) => text.includes(`'${code}'`));
    const thrown = [...codes, ...warnings].filter((code) => isIn(lib, code));
    expect(thrown.length).toBeGreaterThan(10);
    expect(thrown.filter((code) => !isIn(tests, code))).toEqual([]);
  });
});
