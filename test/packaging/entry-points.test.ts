import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../cli/run.js';

/**
 * The folders of test/ that import modules of lib/ that are no entry points, why they test internals, and from which
 * floors. All other tests use lib/index.ts and lib/public/. A test that can be written with an entry should be.
 */
const INTERNALS: Readonly<Record<string, readonly [why: string, floors: string]>> = {
  bench: [
    'the benchmark is a command; its tables and judgements have no API',
    'bench catalog cli data engine terminal training',
  ],
  cli: ['what the command line checks before it calls the API', 'base catalog cli engine formats terminal'],
  datasets: [
    'readers are tried block by block, and downloads against a local server',
    'base catalog data engine formats',
  ],
  errors: ['the wording of messages, and every code in the table', 'base cli'],
  export: ['the bytes of each format, before they are a file', 'data export network training'],
  faults: ['what a process that was killed left in a journal', 'search'],
  fuzz: [
    'parsers get bytes that no entry lets through',
    'base cli data engine export formats hardware import network report training',
  ],
  hardware: ['the engine is compared with a plan on every kernel set', 'engine hardware terminal'],
  native: ['the addon itself, which no entry exports', 'base engine'],
  network: [
    'number formats, patterns and model files in parts',
    'base data engine hardware network training',
  ],
  online: ['the encoder and the engine of a learner in parts', 'base data engine online'],
  options: [
    'every option table, and the page that is made from them',
    'base catalog cli engine export formats import network online report search serve training',
  ],
  oracle: ['the engine is compared with the second implementation', 'base engine hardware network training'],
  queue: ['the messages of the queue, and what they leave in a journal', 'catalog engine search'],
  reference: ['the second implementation uses the types of the engine', 'engine'],
  report: ['numbers and charts of a page in parts', 'base report terminal training'],
  reproduce: ['the studies of a command, in small', 'catalog data reproduce training'],
  search: ['samplers, pruners and journals in parts', 'search'],
  serve: ['what is said where packages are missing', 'serve'],
  terminal: ['text as wide as the terminal', 'cli terminal'],
  training: [
    'schedules, metrics and the steps of a run in parts',
    'base catalog data engine network report training',
  ],
};

/** The internals of lib/ that a source text imports, such as `network/options`. */
function internalsOf(text: string): string[] {
  const specifiers = text.matchAll(/(?:\bfrom|\bimport\()\s*['"](?:\.\.\/)+lib\/([^'"]+)\.js['"]/g);
  return [...specifiers]
    .map(([, module = '']) => module)
    .filter((module) => module !== 'index' && !module.startsWith('public/'));
}

/** The floors of lib/ that each folder of test/ imports internals from. */
function floorsByFolder(): Record<string, string> {
  const found = new Map<string, Set<string>>();
  const test = join(ROOT, 'test');
  for (const file of readdirSync(test, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts')) continue;
    const folder = file.split(/[\\/]/)[0] as string;
    const floors = found.get(folder) ?? new Set();
    for (const module of internalsOf(readFileSync(join(test, file), 'utf8')))
      floors.add(module.split('/')[0] as string);
    if (floors.size > 0) found.set(folder, floors);
  }
  return Object.fromEntries([...found].map(([folder, floors]) => [folder, [...floors].sort().join(' ')]));
}

describe('tests', () => {
  it('import through the entry points, except where they test internals on purpose', () => {
    const allowed = Object.entries(INTERNALS).map(([folder, [, floors]]) => [folder, floors]);
    expect(floorsByFolder()).toEqual(Object.fromEntries(allowed));
  });

  it('are told apart by what they import', () => {
    const lib = '../../lib';
    const lines = [
      `import { Network } from '${lib}/index.js';`,
      `import { readCsv } from '${lib}/public/data.js';`,
      `import type { Kind } from '${lib}/base/options/kinds.js';`,
      `const { pool } = await import('${lib}/search/execution/pool.js');`,
    ];
    expect(internalsOf(lines.join('\n'))).toEqual(['base/options/kinds', 'search/execution/pool']);
  });
});

describe('the main entry', () => {
  it('exports as many names as the changelog says, and not many more than a newcomer reads', () => {
    const lists = readFileSync(join(ROOT, 'lib', 'index.ts'), 'utf8').matchAll(
      /export (?:type )?\{([^}]*)\}/g,
    );
    const names = [...lists].flatMap(([, list = '']) => list.split(',').filter((name) => name.trim() !== ''));
    const [, said] =
      /main entry exports (\d+) names/.exec(readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8')) ?? [];
    expect(names.length).toBe(Number(said));
    expect(names.length).toBeLessThanOrEqual(48);
  });
});
