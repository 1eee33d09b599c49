import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Network } from '../../lib/index.js';
import { clouds } from '../training/data.js';

const data = clouds(2000);
const make = (seed: number) => new Network({ layers: [4, 120, 3], seed });

describe('many networks at once', () => {
  it('train, predict and are aborted without noticing each other, and no call is lost', async () => {
    const epochs = 4;
    const alone = await Promise.all(
      Array.from({ length: 8 }, async (_, seed) => {
        const network = make(seed);
        await network.fit(data, { epochs });
        return network.digest();
      }),
    );
    const trained = make(0);
    await trained.fit(data, { epochs: 1 });
    const scores = (await trained.predictBatch(data.inputs)).scores;

    let training = 8;
    const counts = { epochs: 0, progress: 0, predictions: 0, aborted: 0 };
    const trainers = Array.from({ length: 8 }, async (_, seed) => {
      const network = make(seed);
      const run = await network.fit(data, {
        epochs,
        threads: 1 + (seed % 2),
        onProgress: () => {
          counts.progress++;
        },
        onEpoch: () => {
          counts.epochs++;
        },
      });
      training--;
      expect(run).toMatchObject({ stopped: 'finished', examples: epochs * data.rows });
      return network.digest();
    });
    const predictors = Array.from({ length: 3 }, async () => {
      const own = make(0);
      await own.fit(data, { epochs: 1 });
      while (training > 0) {
        expect((await own.predictBatch(data.inputs, { threads: 2 })).scores).toEqual(scores);
        counts.predictions++;
      }
    });
    const aborters = Array.from({ length: 2 }, async (_, i) => {
      while (training > 0) {
        const abort = new AbortController();
        const fitting = make(i).fit(data, { epochs: 1000, signal: abort.signal });
        await sleep(counts.aborted % 5);
        abort.abort();
        expect((await fitting).stopped).toBe('aborted');
        counts.aborted++;
      }
    });
    const [digests] = await Promise.all([Promise.all(trainers), ...predictors, ...aborters]);
    expect(digests).toEqual(alone);
    expect(counts.epochs).toBe(8 * epochs);
    expect(counts.progress).toBeGreaterThanOrEqual(8 * epochs);
    expect(counts.predictions).toBeGreaterThan(0);
    expect(counts.aborted).toBeGreaterThan(0);
  });
});
