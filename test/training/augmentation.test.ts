import { describe, expect, it } from 'vitest';
import { Random } from '../../lib/base/random.js';
import { Dataset, type FitOptions, Network } from '../../lib/index.js';
import { resolveAugmentation } from '../../lib/training/augmentation.js';
import { expectRefusal } from '../datasets/refusal.js';
import { clouds } from './data.js';

/** A bright dot in a dark image of 8 x 8, in its left or its right half. */
function dots(rows: number, seed: number, columns: [number, number] = [0, 3]): Dataset {
  const random = new Random(seed);
  const inputs = new Uint8Array(rows * 64);
  const labels = new Int32Array(rows);
  for (let row = 0; row < rows; row++) {
    const label = random.below(2);
    const [low, high] = columns;
    const x = low + random.below(high - low + 1) + 4 * label;
    inputs[row * 64 + 8 * random.below(8) + x] = 255;
    labels[row] = label;
  }
  return Dataset.from({ inputs, columns: 64, labels, classes: ['left', 'right'] });
}

describe('augmentation', () => {
  it('shows images at places where they have not been', async () => {
    // The dots of the training images were always in columns 0 and 4; those that are measured are at most two columns
    // further right.
    const accuracy = async (augment: FitOptions['augment']) => {
      const network = new Network({ layers: [64, 2] });
      await network.fit(dots(400, 1, [0, 0]), { epochs: 10, learningRate: 0.1, augment });
      const metrics = await network.evaluate(dots(400, 2, [1, 2]));
      return metrics.kind === 'classification' ? metrics.accuracy : Number.NaN;
    };
    expect(await accuracy(undefined)).toBeLessThan(0.7);
    expect(await accuracy({ shift: 2 })).toBeGreaterThan(0.9);
  });

  it('is the same with any number of threads, and another with another seed', async () => {
    const digest = async (threads: number, seed: number, augment: FitOptions['augment']) => {
      const network = new Network({ layers: [64, 32, 2], density: [0.3, 1], seed });
      await network.fit(dots(100, 1), { epochs: 2, threads, augment });
      return network.digest();
    };
    const varied = { shift: 1, mirror: true };
    const first = await digest(1, 1, varied);
    expect(await digest(2, 1, varied)).toBe(first);
    expect(await digest(1, 2, varied)).not.toBe(first);
    expect(await digest(1, 1, undefined)).not.toBe(first);
  });

  it('works with every arithmetic and with streams', async () => {
    const arithmetics = [{ kind: 'float' }, { kind: 'hardware', width: 12, integerBits: 3 }] as const;
    for (const arithmetic of arithmetics) {
      const network = new Network({ layers: [64, 16, 2], arithmetic });
      const run = await network.fit(dots(50, 1), { epochs: 1, augment: { shift: 2 } });
      expect(run.examples).toBe(50);
    }
    const stream = new Network({ layers: [64, 2] });
    const data = dots(20, 3);
    const examples = Array.from({ length: 20 }, (_, i) => ({ input: data.inputs.row(i), label: i % 2 }));
    expect((await stream.fit(examples, { augment: { mirror: true } })).examples).toBe(20);
  });

  it('is refused where it has no meaning', async () => {
    const refuse = (augment: object, ...parts: string[]) =>
      expectRefusal('INVALID_OPTION', ['augment', ...parts], () =>
        new Network({ layers: [64, 2] }).fit(dots(10, 1), { augment } as FitOptions),
      );
    await refuse({ shift: 1, width: 7 }, '7', '64');
    await refuse({ shift: -1 }, 'shift');
    await refuse({ shift: 1, mirror: 'yes' }, 'mirror');
    await refuse({}, 'changes nothing');
    await expectRefusal('INVALID_OPTION', ['width', 'not square'], () =>
      new Network({ layers: [5, 3] }).fit(clouds(9, { features: 5 }), { augment: { shift: 1 } }),
    );
    await expectRefusal('UNKNOWN_OPTION', ['shif'], () =>
      new Network({ layers: [64, 2] }).fit(dots(9, 1), { augment: { shif: 1 } } as FitOptions),
    );
    expect(() => resolveAugmentation({ width: undefined, shift: 1, mirror: false }, 64, 4)).toThrow(
      'batchSize is 4',
    );
  });
});
