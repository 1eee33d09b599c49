/** What has been learned is kept, whatever else goes wrong. */
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { shortScope } from '../../lib/base/process-identity.js';
import { Dataset, Network, SparseTrainError, streamTable } from '../../lib/index.js';
import { RunLog } from '../../lib/training/run/run-log.js';
import { workFolder } from '../cli/run.js';

const cwd = workFolder();
const at = (name: string) => join(cwd(), name);

const inputs = Array.from({ length: 300 }, (_, i) => [(i * 7) % 11, (i * 5) % 13, (i * 3) % 17]);
const labels = inputs.map(([a = 0, b = 0]) => (a > b ? 1 : 0));
const data = Dataset.from({ inputs: Float64Array.from(inputs.flat()), columns: 3, labels });
const network = () => new Network({ layers: [3, 8, 2], density: 1, seed: 3 });

/** Collects the package's warnings while something runs. */
async function warningsOf(action: () => Promise<unknown>): Promise<string[]> {
  const codes: string[] = [];
  const listener = (warning: Error & { code?: string }) => codes.push(warning.code ?? warning.name);
  process.on('warning', listener);
  try {
    await action();
    await new Promise((resolve) => setImmediate(resolve));
  } finally {
    process.off('warning', listener);
  }
  return codes;
}

describe('onEpoch', () => {
  it.each([
    ['never settles', () => new Promise<void>(() => undefined)],
    [
      'fails after the stop',
      () => new Promise<void>((_, reject) => setTimeout(reject, 50, new Error('late'))),
    ],
  ])('that %s does not keep a signal from stopping training', async (_, wait) => {
    const stop = new AbortController();
    const trained = network();
    const run = await trained.fit(data, {
      epochs: 5,
      signal: stop.signal,
      onEpoch: () => {
        setTimeout(() => stop.abort(), 5);
        return wait();
      },
    });
    expect(run.stopped).toBe('aborted');
    expect(run.epochs).toHaveLength(1);
    await new Promise((resolve) => setTimeout(resolve, 80));
    expect((await trained.fit(data, { epochs: 1 })).stopped).toBe('finished');
  });

  it('is awaited unless training is stopped', async () => {
    let waited = 0;
    const onEpoch = async () => {
      await new Promise((resolve) => setTimeout(resolve, 10));
      waited++;
    };
    await network().fit(data, { epochs: 3, onEpoch });
    expect(waited).toBe(3);
  });
});

describe('a run log that cannot be written any more', () => {
  // Every write to /dev/full fails as on a full disk; opening it and reading its length succeed.
  it.runIf(process.platform === 'linux')('refuses the run only before anything is trained', async () => {
    const trained = network();
    const before = trained.digest();
    await expect(trained.fit(data, { log: '/dev/full' })).rejects.toMatchObject({ code: 'FILE_ACCESS' });
    expect(trained.digest()).toBe(before);
  });

  it('costs lines and a warning, not the run', async () => {
    const write = RunLog.prototype.write;
    const written: string[] = [];
    RunLog.prototype.write = function (type, fields) {
      written.push(type);
      if (type !== 'start') throw new SparseTrainError('FILE_ACCESS', 'the run log is on a full disk');
      write.call(this, type, fields);
    };
    try {
      const [logged, plain] = [network(), network()];
      const codes = await warningsOf(() => logged.fit(data, { epochs: 2, log: at('full.jsonl') }));
      await plain.fit(data, { epochs: 2 });
      expect(logged.digest()).toBe(plain.digest());
      expect(codes).toEqual(['LOG_INCOMPLETE']);
      // Each line is tried anew, because there may be room again.
      expect(written).toEqual(['start', 'epoch', 'epoch', 'end']);
    } finally {
      RunLog.prototype.write = write;
    }
  });
});

describe('a stream that breaks', () => {
  it('leaves the network as if it had ended before the example that is wrong, which the error names', async () => {
    for (const good of [1, 5, 1023, 1024, 1025, 2500]) {
      const examples = (count: number) =>
        Array.from({ length: count }, (_, i) => ({
          input: inputs[i % 300] as number[],
          label: labels[i % 300],
        }));
      const [broken, whole] = [network(), network()];
      const stream = [...examples(good), { input: [1, 2, 3], label: 'what?' }, ...examples(10)];
      await expect(broken.fit(stream as never)).rejects.toThrow(`example ${good} of the stream`);
      await whole.fit(examples(good));
      expect(broken.digest()).toBe(whole.digest());
      expect(broken.training.examples).toBe(good);
    }
  });

  const rows = inputs.map((row, i) => `${row.join()},${labels[i] === 1 ? 'yes' : 'no'}`);
  /** The kinds of the columns are inferred from the first 4 MB, so the unknown value comes after them. */
  const LONG = 500_000;

  it('skips rows with values that the first rows did not have, if told so', async () => {
    const many = Array.from({ length: LONG }, (_, i) => rows[i % 300] as string);
    const strange = ['1,2,3,maybe', 'x,2,3,yes', '4,5,6,yes'];
    await writeFile(at('long.csv'), ['a,b,c,label', ...many, ...strange].join('\n'));
    const refused = await streamTable(at('long.csv'));
    const trained = network();
    await expect(trained.fit(refused)).rejects.toThrow(
      new RegExp(`line ${LONG + 2}: .*"maybe".*onUnknown: 'skip'`),
    );
    expect(trained.training.examples).toBe(LONG);
    const told = await streamTable(at('long.csv'), { onUnknown: 'skip' });
    const run = await network().fit(told);
    expect(run.examples).toBe(LONG + 1);
    expect(told.skipped).toBe(2);
  });
});

describe('a model file', () => {
  it('is freed of what killed saves left beside it, by the next load as by the next save', async () => {
    const file = at('left.safetensors');
    const { pid } = spawnSync(process.execPath, ['--version']);
    const left = at(`.left.safetensors.${shortScope()}-${pid}-01234567.tmp`);
    const others = at(`.left.safetensors.${shortScope()}-${process.pid}-01234567.tmp`);
    await network().save(file);
    for (const action of [() => Network.load(file), () => network().save(file)]) {
      await Promise.all([left, others].map((name) => writeFile(name, 'half')));
      await action();
      expect([existsSync(left), existsSync(others)]).toEqual([false, true]);
    }
    rmSync(others);
  });

  it('that another process wrote meanwhile is replaced with a warning', async () => {
    const file = at('shared.safetensors');
    const mine = network();
    expect(await warningsOf(() => mine.save(file))).toEqual([]);
    expect(await warningsOf(() => mine.save(file))).toEqual([]);
    const other = await Network.load(file);
    await other.save(file);
    expect(await warningsOf(() => mine.save(file))).toEqual(['REPLACED_ANOTHER']);
    expect(await warningsOf(() => mine.save(file))).toEqual([]);
    // A file that was removed belongs to nobody.
    rmSync(file);
    expect(await warningsOf(() => other.save(file))).toEqual([]);
  });
});
