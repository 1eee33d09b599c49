import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../cli/run.js';

/** Packages that come in with a module, by its static imports and those of what it imports. */
function packagesOf(entry: string): string[] {
  const seen = new Set<string>();
  const packages = new Set<string>();
  const visit = (file: string) => {
    if (seen.has(file)) return;
    seen.add(file);
    // What the compiler leaves: types are gone.
    const text = readFileSync(file, 'utf8');
    for (const [, id = ''] of text.matchAll(/^(?:import|export)\s(?:[^;'"]*?\sfrom\s)?['"]([^'"]+)['"]/gm)) {
      if (id.startsWith('.')) visit(join(dirname(file), id));
      else if (!id.startsWith('node:')) packages.add(id);
    }
  };
  visit(join(ROOT, 'dist', entry));
  expect(seen.size).toBeGreaterThan(0);
  return [...packages].sort();
}

describe('start-up', () => {
  it('loads no package for the version, and only what shows help for a command line', () => {
    expect(packagesOf('cli/main.js')).toEqual([]);
    expect(packagesOf('cli/program.js')).toEqual(['commander']);
  });

  it('leaves packages that only some calls of the API need for those calls', () => {
    expect(packagesOf('index.js')).toEqual([]);
  });

  it('trains on digits without what reads other files, draws reports or searches', () => {
    expect(packagesOf('cli/commands/mnist.js')).toEqual(['picocolors']);
  });
});
