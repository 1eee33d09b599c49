/**
 * Calls the addon itself, below all checks of the layers above, with getters that free memory or start other calls, and
 * with wrong values.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { native } from '../../lib/engine/native.js';
import { EXAMPLE_SPEC } from '../reference/document.js';
import { anything, Own } from './arguments.js';
import { TIMEOUT, tries } from './mutations.js';

// biome-ignore lint/suspicious/noExplicitAny: the point is to pass what types forbid
const addon = native() as any;

const spec = () => ({
  ...EXAMPLE_SPEC,
  layers: Uint32Array.of(2, 3, 2),
  arithmetic: { kind: 'wide', weightBits: 12, weightFraction: 9, rounding: 'nearest' },
  patterns: [{ kind: 'dense' }, { kind: 'random', edges: 4 }],
});
const job = () => ({
  inputs: new Uint8Array(2000),
  targets: new Int32Array(1000),
  order: Uint32Array.from({ length: 1000 }, (_, i) => i),
  rates: Float64Array.of(0.1),
  rateInterval: 1,
  threads: 1,
  drain: true,
});
const csvTask = () => ({
  bytes: Buffer.from('1,2\n3,4\n'),
  begin: 0,
  end: 8,
  delimiter: Buffer.from(','),
  decimal: 46,
  isPart: false,
  keepsBlankLines: false,
  numbers: new Float64Array(8),
  starts: new Int32Array(8),
  ends: new Int32Array(8),
  firsts: new Uint32Array(5),
  lines: new Uint32Array(4),
});

/** A result, or an error that states the fault; a crash would end this process. */
async function judged(action: () => unknown): Promise<void> {
  try {
    await action();
  } catch (error) {
    const isKnown = error instanceof TypeError || error instanceof RangeError || error instanceof Own;
    if (!isKnown && (error as { code?: string }).code === undefined) throw error;
  }
}

describe('the addon', () => {
  it('scans no CSV text whose memory a getter has taken away', () => {
    const bytes = new Uint8Array(1 << 20).fill(0x31);
    const task = {
      ...csvTask(),
      bytes,
      end: 1 << 20,
      get decimal() {
        structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
        return 46;
      },
    };
    expect(() => addon.scanCsv(task)).toThrow(RangeError);
  });

  it('begins no call that a getter of its arguments has begun', async () => {
    const network = new addon.Network(spec());
    let inner: Promise<unknown> | undefined;
    const outer = {
      ...job(),
      get threads() {
        inner ??= network.train(job());
        return 1;
      },
    };
    expect(() => network.train(outer)).toThrow('busy');
    await expect(inner).resolves.toMatchObject({ examples: 1000 });
  });

  it('changes no pattern while a call runs that a getter has begun', async () => {
    const network = new addon.Network(spec());
    let inner: Promise<unknown> | undefined;
    const pattern = {
      get offsets() {
        inner = network.train(job());
        return Float64Array.of(0, 1, 1, 1);
      },
      left: Uint32Array.of(0),
    };
    expect(() => network.setPattern(0, pattern)).toThrow('busy');
    await inner;
  });

  const functions: [string, (values: unknown[]) => unknown, () => object][] = [
    ['new Network', ([value]) => new addon.Network(value), spec],
    ['train', ([value]) => new addon.Network(spec()).train(value), job],
    [
      'predict',
      ([value]) => new addon.Network(spec()).predict(value),
      () => ({
        inputs: new Float32Array(4),
        count: 2,
        threads: 1,
        scores: new Float32Array(4),
        decisions: new Uint32Array(2),
      }),
    ],
    [
      'setScaling',
      ([value]) => new addon.Network(spec()).setScaling(value),
      () => ({ offset: new Float64Array(2), scale: new Float64Array(2) }),
    ],
    ['scanCsv', ([value]) => addon.scanCsv(value), csvTask],
    [
      'interleaver',
      ([value]) => addon.interleaver(value),
      () => ({ left: 8, right: 4, fanOut: 2, parallelism: 4, type: 2, dither: true, seed: 1, junction: 0 }),
    ],
    [
      'checkClashFree',
      ([value]) => addon.checkClashFree(value),
      () => ({
        leftNeurons: 2,
        rightNeurons: 1,
        offsets: Float64Array.of(0, 2),
        left: Uint32Array.of(0, 1),
        parallelism: 1,
      }),
    ],
    [
      'hardwareTable',
      ([value]) => addon.hardwareTable(value),
      () => ({ width: 8, integerBits: 2, tableFloor: 0 }),
    ],
  ];
  it.each(functions)(
    '%s takes wrong properties and wrong arguments',
    async (_, call, make) => {
      await fc.assert(
        fc.asyncProperty(fc.nat(20), anything, fc.boolean(), async (at, wrong, isGetter) => {
          const argument = make();
          const names = Object.keys(argument);
          const name = names[at % names.length] as string;
          const value = wrong();
          Object.defineProperty(argument, name, isGetter ? { get: () => value } : { value });
          await judged(() => call([argument]));
          await judged(() => call([wrong()]));
        }),
        tries(150),
      );
    },
    TIMEOUT,
  );

  it(
    'methods of a network take wrong arguments',
    async () => {
      const methods = [
        ...[
          'junctions',
          'rewire',
          'setPattern',
          'learn',
          'predictOne',
          'drain',
          'progress',
          'abort',
          'pause',
        ],
        ...[
          'exportState',
          'importState',
          'telemetry',
          'pattern',
          'weights',
          'setWeights',
          'biases',
          'setBiases',
        ],
      ];
      const network = new addon.Network(spec());
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom(...methods),
          fc.array(anything, { maxLength: 3 }),
          async (name, makes) => {
            await judged(() => network[name](...makes.map((make) => make())));
          },
        ),
        tries(600),
      );
    },
    TIMEOUT,
  );
});
