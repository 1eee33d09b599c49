import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../cli/run.js';

/**
 * The folders of test/ that import modules of lib/ that are no entry points, why they test internals, and from which
 * floors. All other tests use lib/index.ts and lib/public/. A test that can be written with an entry should be.
 */
const INTERNALS: Readonly<Record<string, readonly [why: string, floors: string]>> = {
  bench: ['the benchmark is a command; its tables and judgements have no API', 'bench cli engine terminal'],
  cli: ['what the command line checks before it calls the API', 'base catalog cli engine formats terminal'],
  datasets: [
    'readers are tried block by block, downloads against a local server, and names that stand twice in every reader',
    'base catalog cli data engine formats serve',
  ],
  errors: ['the wording of messages, and every code in the table', 'base cli'],
  export: ['the bytes of each format, before they are a file', 'export network'],
  faults: ['what a process that was killed left in a journal', 'search'],
  fuzz: ['parsers get bytes that no entry lets through', 'base cli engine formats report'],
  hardware: ['the engine is compared with a plan on every kernel set', 'engine hardware terminal'],
  native: ['the addon itself, which no entry exports', 'base engine'],
  network: ['number formats, patterns and model files in parts', 'base engine network'],
  online: ['the encoder and the engine of a learner in parts', 'base data engine online'],
  options: [
    'every option table, and the page that is made from them',
    'base catalog cli engine export formats import network online report search serve training',
  ],
  oracle: ['the engine is compared with the second implementation', 'base engine hardware network training'],
  queue: ['the messages of the queue, and what they leave in a journal', 'catalog engine search'],
  reference: ['the second implementation uses the types of the engine', 'engine'],
  report: ['numbers and charts of a page in parts', 'base report terminal'],
  reproduce: ['the studies of a command, in small', 'catalog reproduce'],
  search: ['samplers, pruners and journals in parts, and how a study is shown', 'report search terminal'],
  serve: ['what is said where packages are missing', 'serve'],
  terminal: ['text as wide as the terminal', 'cli terminal'],
  training: [
    'schedules, metrics and the steps of a run in parts',
    'base catalog data engine formats network report training',
  ],
};

/** The imports of lib/ in a source text, such as `Network` from `training/network`. */
function importsOf(text: string): { module: string; names: string[] }[] {
  const clauses = text.matchAll(
    /(?:\b(?:import|export) ([^;'"]*?) ?from |\bimport\()\s*['"](?:\.\.\/)+lib\/([^'"]+)\.js['"]/g,
  );
  return [...clauses].map(([, clause = '', module = '']) => ({ module, names: namesIn(clause) }));
}

/** The names between braces, without `type` and other names for them. */
function namesIn(clause: string): string[] {
  const [, list = ''] = /\{([^}]*)\}/.exec(clause) ?? [];
  const names = list.split(',').map((name) =>
    name
      .trim()
      .replace(/^type /, '')
      .replace(/ as .*$/, ''),
  );
  return names.filter((name) => name !== '');
}

/** The internals of lib/ that a source text imports, such as `network/options`. */
function internalsOf(text: string): string[] {
  return importsOf(text)
    .map(({ module }) => module)
    .filter((module) => module !== 'index' && !module.startsWith('public/'));
}

const LIB = join(ROOT, 'lib');

/** What the entry points export: `training/network Network` and the entry. */
function entryNames(): ReadonlyMap<string, string> {
  const entries = ['index.ts', ...readdirSync(join(LIB, 'public')).map((name) => `public/${name}`)];
  return new Map(
    entries.flatMap((entry) => {
      const exported = readFileSync(join(LIB, entry), 'utf8').matchAll(
        /export ([^;'"]*?) from '([^']+)\.js'/g,
      );
      return [...exported].flatMap(([, clause = '', path = '']) => {
        const module = posix.join(posix.dirname(entry), path);
        return namesIn(clause).map((name) => [`${module} ${name}`, entry] as const);
      });
    }),
  );
}

/** The source files of tests, with the part of their path behind test/. */
function testFiles(): { file: string; text: string }[] {
  const test = join(ROOT, 'test');
  return readdirSync(test, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => ({ file: file.replaceAll('\\', '/'), text: readFileSync(join(test, file), 'utf8') }));
}

/** The floors of lib/ that each folder of test/ imports internals from. */
function floorsByFolder(): Record<string, string> {
  const found = new Map<string, Set<string>>();
  for (const { file, text } of testFiles()) {
    const folder = file.split('/')[0] as string;
    const floors = found.get(folder) ?? new Set();
    for (const module of internalsOf(text)) floors.add(module.split('/')[0] as string);
    if (floors.size > 0) found.set(folder, floors);
  }
  return Object.fromEntries([...found].map(([folder, floors]) => [folder, [...floors].sort().join(' ')]));
}

describe('tests', () => {
  it('import through the entry points what these export', () => {
    const entries = entryNames();
    expect(entries.size).toBeGreaterThan(150);
    const detours = testFiles().flatMap(({ file, text }) =>
      importsOf(text).flatMap(({ module, names }) =>
        names
          .filter((name) => entries.has(`${module} ${name}`))
          .map((name) => `${file}: ${name} is in lib/${entries.get(`${module} ${name}`)}`),
      ),
    );
    expect(detours).toEqual([]);
  });

  it('import no other internals than those with a reason', () => {
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
    expect(importsOf(lines.join('\n')).map(({ names }) => names)).toEqual([
      ['Network'],
      ['readCsv'],
      ['Kind'],
      [],
    ]);
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
