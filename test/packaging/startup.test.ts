import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../cli/run.js';

const DIST = join(ROOT, 'dist');

/** The file of a module that is loaded on demand. */
function chunk(name: string): string {
  const files = readdirSync(join(DIST, 'chunks')).filter(
    (file) => file.replace(/-[^-]{8}\.js$/, '') === name,
  );
  expect(files, `chunks called ${name}`).toHaveLength(1);
  return join(DIST, 'chunks', files[0] as string);
}

/** The files that a file loads by static imports, and the packages that these import. */
function loadedWith(entry: string): { files: number; bytes: number; packages: string[]; builtIn: string[] } {
  const seen = new Map<string, number>();
  const outside = new Set<string>();
  const visit = (file: string) => {
    if (seen.has(file)) return;
    const text = readFileSync(file, 'utf8');
    seen.set(file, text.length);
    for (const [, id = ''] of text.matchAll(/^(?:import|export)\s(?:[^;'"]*?\sfrom\s)?['"]([^'"]+)['"]/gm)) {
      if (id.startsWith('.')) visit(join(dirname(file), id));
      else outside.add(id);
    }
  };
  visit(entry);
  const all = [...outside].sort();
  return {
    files: seen.size,
    bytes: [...seen.values()].reduce((sum, bytes) => sum + bytes, 0),
    packages: all.filter((id) => !id.startsWith('node:')),
    builtIn: all.filter((id) => id.startsWith('node:')),
  };
}

/** The packages of the command line itself. */
const TEXT = ['commander', 'fast-string-truncated-width', 'picocolors'];

describe('start-up', () => {
  it('loads almost nothing for the version', () => {
    const { files, bytes, packages } = loadedWith(join(DIST, 'cli', 'main.js'));
    expect(packages).toEqual([]);
    expect(files).toBeLessThanOrEqual(3);
    expect(bytes).toBeLessThan(10_000);
  });

  it('loads only what reads a command line and shows text', () => {
    expect(loadedWith(chunk('program')).packages).toEqual(TEXT);
  });

  it('loads no package and no network client for the API; calls that need them load them', () => {
    const { files, packages, builtIn } = loadedWith(join(DIST, 'index.js'));
    expect(packages).toEqual([]);
    expect(builtIn).not.toContain('node:http');
    expect(builtIn).not.toContain('node:https');
    expect(files).toBeLessThanOrEqual(20);
  });

  it('trains on digits without what reads other files, draws reports or searches, and with few files', () => {
    const { files, packages } = loadedWith(chunk('mnist'));
    expect(packages).toEqual(TEXT);
    expect(files).toBeLessThanOrEqual(30);
  });
});

describe('the place of a module', () => {
  it('is asked for in one module only, which knows what bundlers make of it', () => {
    const lib = join(ROOT, 'lib');
    const asking = readdirSync(lib, { recursive: true, encoding: 'utf8' }).filter(
      (name) => name.endsWith('.ts') && readFileSync(join(lib, name), 'utf8').includes('import.meta.'),
    );
    expect(asking).toEqual([join('base', 'package.ts')]);
  });
});
