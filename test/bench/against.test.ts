import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeBuild, findBuild } from '../../lib/bench/against/builds.js';
import { COMPARED_CASES, type ComparedCase, type ComparedWork } from '../../lib/bench/against/cases.js';
import { compareBuilds } from '../../lib/bench/against/compare-builds.js';
import type { AgainstRow } from '../../lib/bench/result.js';
import { againstSection } from '../../lib/terminal/bench/against.js';
import { expectMistake, workFolder } from '../cli/run.js';
import { RESULT } from './sample.js';

const cwd = workFolder();

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sparse-train-against-'));
});
afterEach(() => rm(folder, { recursive: true }));

interface Fake {
  /** Seconds that the engine claims for an example. */
  readonly seconds?: number;
  readonly digest?: string;
  /** Without an engine, a build can only be timed by its fit(). */
  readonly hasEngine?: boolean;
  /** Patterns that the stand-in's networks refuse. */
  readonly refuses?: string;
}

/**
 * A stand-in for a build: its networks train nothing, report times that the test chooses, and write to order.txt which
 * of them was asked.
 */
async function fakeBuild(name: string, fake: Fake = {}): Promise<string> {
  const { seconds = 1e-6, digest = 'ab', hasEngine = true, refuses = '' } = fake;
  const root = join(folder, name);
  await mkdir(join(root, 'lib'), { recursive: true });
  const manifest = {
    name: 'sparse-train',
    version: '9.8.7',
    type: 'module',
    exports: { '.': { types: './lib/index.d.ts', import: './lib/index.js', default: './none.js' } },
  };
  await writeFile(join(root, 'package.json'), JSON.stringify(manifest));
  await writeFile(
    join(root, 'lib', 'index.js'),
    `import { appendFileSync } from 'node:fs';
     const note = () => appendFileSync(${JSON.stringify(join(folder, 'order.txt'))}, '${name}');
     export class Dataset {
       static from({ inputs, columns, labels, classes }) {
         const data = new Dataset();
         data.rows = labels.length;
         data.inputs = { data: inputs, columns };
         data.targets = { kind: 'classes', labels, classes };
         return data;
       }
     }
     const digits = Array.from({ length: 10 }, (_, i) => String(i));
     const rows = (count) => Dataset.from({
       inputs: new Uint8Array(count * 4), columns: 4, labels: new Int32Array(count), classes: digits,
     });
     export const loadDataset = async () => ({ train: rows(6000), test: rows(100) });
     export class Network {
       constructor(options) {
         if (String(options.pattern).includes('${refuses || 'nothing'}')) throw new Error('no such pattern');
         const timed = async (examples) => { note(); return { seconds: ${seconds} * examples }; };
         if (${hasEngine}) this.core = { engine: {
           train: ({ order }) => timed(order.length),
           predict: ({ count }) => timed(count),
         } };
       }
       async fit(data) {
         if (data.rows === 6000) note();
         return { trainSeconds: ${seconds} * data.rows, kernelSet: 'fake' };
       }
       async evaluate() { return { accuracy: 0.98 }; }
       async predictBatch() {}
       learn() {}
       predict() {}
       digest() { return '${digest}'; }
     }`,
  );
  return root;
}

const caseOf = (work: ComparedWork): ComparedCase =>
  COMPARED_CASES.find((one) => one.work === work) as ComparedCase;

async function compare(
  here: string,
  there: string,
  cases: readonly ComparedCase[],
): Promise<readonly AgainstRow[]> {
  const plan = { quick: true, onStep: () => undefined, signal: new AbortController().signal, cases };
  return (await compareBuilds(here, there, plan)).rows;
}

const order = () => readFile(join(folder, 'order.txt'), 'utf8');

describe('a build', () => {
  it('is found in its own folder, and in node_modules of another', async () => {
    const root = await fakeBuild('one');
    const found = findBuild(root);
    expect(found).toMatchObject({ folder: root, entry: join(root, 'lib', 'index.js'), version: '9.8.7' });
    expect(describeBuild(found)).toBe('v9.8.7');
    await mkdir(join(folder, 'project', 'node_modules'), { recursive: true });
    const installed = await fakeBuild(join('project', 'node_modules', 'sparse-train'));
    expect(findBuild(join(folder, 'project')).folder).toBe(installed);
  });

  it('is named by the commit of its checkout, and says where files differ from it', async () => {
    const root = await fakeBuild('one');
    const git = (...words: string[]) =>
      execFileSync('git', ['-C', root, '-c', 'user.name=a', '-c', 'user.email=a@b', ...words], {
        encoding: 'utf8',
      }).trim();
    git('init', '--quiet');
    git('add', '.');
    git('commit', '--quiet', '--message', 'one');
    const commit = git('rev-parse', '--short', 'HEAD');
    expect(describeBuild(findBuild(root))).toBe(commit);
    await writeFile(join(root, 'lib', 'index.js'), '');
    expect(describeBuild(findBuild(root))).toBe(`${commit}+changes`);
  });

  it('is refused if there is none, or if it has not been built', async () => {
    expect(() => findBuild(folder)).toThrow(/is not a build of sparse-train; give a checkout/);
    const root = await fakeBuild('one');
    await rm(join(root, 'lib'), { recursive: true });
    expect(() => findBuild(root)).toThrow(/has not been built; run there: npm ci/);
  });
});

describe('two builds', () => {
  it('are measured in turn, the other one first in every second window', async () => {
    const [a, b] = [await fakeBuild('A', { seconds: 2e-6 }), await fakeBuild('B', { seconds: 6e-6 })];
    const [row] = await compare(a, b, [caseOf('train')]);
    expect(row).toMatchObject({
      unit: 'example',
      here: { median: 2, min: 2, max: 2, repeats: 2 },
      there: { median: 6 },
      best: 3,
      median: 3,
      sameBits: true,
    });
    expect(await order()).toBe('ABBA');
  });

  it('are compared by digests', async () => {
    const [a, b] = [await fakeBuild('A'), await fakeBuild('B', { digest: 'cd' })];
    const rows = await compare(a, b, [caseOf('train'), caseOf('learn')]);
    expect(rows.map(({ sameBits }) => sameBits)).toEqual([false, false]);
    const section = againstSection({
      ...RESULT,
      against: { here: { folder: a, version: '2' }, there: { folder: b, version: '1', commit: 'abc' }, rows },
    });
    expect(section.notes?.at(-1)).toMatch(/^DIFFERENT BITS: train local 784-64-10; learn/);
    expect(section.tables[0]?.head.slice(0, 3)).toEqual(['what', 'abc', 'v2']);
  });

  it('are timed by whole epochs where one of them lacks the call for stretches', async () => {
    const [a, b] = [await fakeBuild('A', { seconds: 1e-6 }), await fakeBuild('B', { hasEngine: false })];
    const [trained, reached] = await compare(a, b, [caseOf('train'), caseOf('time-to-accuracy')]);
    expect(trained).toMatchObject({ here: { median: 1, repeats: 1 }, best: 1 });
    expect(reached).toMatchObject({ unit: 'training', here: { median: 6000 }, leastAccuracy: 0.98 });
    expect(await order()).toBe('ABAB');
  });

  it('stop a training as soon as it has reached 97 %', async () => {
    const [a, b] = [await fakeBuild('A'), await fakeBuild('B')];
    const [row] = await compare(a, b, [caseOf('time-to-accuracy')]);
    // Every fake decision is right, so that the first of four quarters is enough.
    expect(row).toMatchObject({ here: { median: 1500 }, leastAccuracy: 1 });
  });

  it('leave out what one of them cannot do, and say why', async () => {
    const [a, b] = [await fakeBuild('A'), await fakeBuild('B', { refuses: 'tiled' })];
    const tiled = COMPARED_CASES.find(({ network }) => network.pattern[0] === 'tiled') as ComparedCase;
    const rows = await compare(a, b, [tiled, caseOf('predict-batch')]);
    expect(rows[0]).toEqual({ name: tiled.name, unit: 'example', failure: 'no such pattern' });
    expect(rows[1]).toMatchObject({ unit: 'image', best: 1 });
    const against = { here: { folder: a, version: '1' }, there: { folder: b, version: '1' }, rows };
    expect(againstSection({ ...RESULT, against }).tables[0]?.rows[0]?.at(-1)).toBe(
      'not measured: no such pattern',
    );
  });

  it('fail as a whole where one does not start', async () => {
    const [a, b] = [await fakeBuild('A'), await fakeBuild('B')];
    await writeFile(join(b, 'lib', 'index.js'), 'throw new Error("broken build");');
    await expect(compare(a, b, [caseOf('train')])).rejects.toThrow(`${b} does not start: broken build`);
  });

  it('cover every kind of work, each with its own name', () => {
    expect(new Set(COMPARED_CASES.map(({ work }) => work)).size).toBe(5);
    expect(new Set(COMPARED_CASES.map(({ name }) => name)).size).toBe(COMPARED_CASES.length);
  });
});

describe('sparse-train bench online --against', () => {
  it('refuses folders without a build, and other parts', async () => {
    await expectMistake(['bench', 'online', '--against', cwd()], {
      status: 1,
      code: 'FILE_NOT_FOUND',
      says: ['is not a build of sparse-train'],
    });
    await expectMistake(['bench', 'predict', '--against', cwd()], {
      status: 2,
      code: 'INVALID_OPTION',
      says: ['--against works with "bench online" and "bench all"'],
    });
  });
});
