import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Network, type NetworkOptions, SparseTrainError } from '../../lib/index.js';
import { describeOptions, resolveOptions } from '../../lib/network/options.js';
import { expectRefusal } from '../datasets/refusal.js';

const refuse = (options: unknown, code: string, ...parts: string[]) =>
  expectRefusal(code, parts, () => resolveOptions(options as NetworkOptions));

describe('defaults', () => {
  it('are integers, pipelined, relu and softmax, dense', () => {
    expect(resolveOptions({ layers: [4, 8, 3] })).toEqual({
      layers: [4, 8, 3],
      patterns: [{ kind: 'dense' }, { kind: 'dense' }],
      arithmetic: { kind: 'wide', weightBits: 16, weightFraction: 12, rounding: 'stochastic' },
      activations: ['relu'],
      output: 'softmax',
      optimizer: { kind: 'sgd', momentum: 0, weightDecay: 0 },
      momentum: 0,
      weightDecay: 0,
      initialBias: 0,
      schedule: 'pipelined',
      seed: 1,
      scaling: 'auto',
      classes: undefined,
      learningRate: 0.01,
    });
  });

  it('keep narrow weights near 1', () => {
    const fraction = (weightBits: number) => {
      const { arithmetic } = resolveOptions({ layers: [2, 2], arithmetic: { kind: 'wide', weightBits } });
      return arithmetic.kind === 'wide' ? arithmetic.weightFraction : undefined;
    };
    expect([4, 8, 11, 12, 16].map(fraction)).toEqual([2, 6, 9, 8, 12]);
  });

  it('spread one activation over the hidden layers', () => {
    expect(resolveOptions({ layers: [2, 3, 4, 2], activation: 'tanh' }).activations).toEqual([
      'tanh',
      'tanh',
    ]);
    expect(resolveOptions({ layers: [2, 3, 4, 2], activation: ['relu', 'sigmoid'] }).activations).toEqual([
      'relu',
      'sigmoid',
    ]);
  });

  it('give Adam the constants and the rate of its authors', () => {
    const adam = resolveOptions({
      layers: [2, 2],
      arithmetic: { kind: 'float' },
      optimizer: { kind: 'adam' },
    });
    expect(adam.optimizer).toEqual({
      kind: 'adam',
      momentum: 0,
      weightDecay: 0,
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-8,
    });
    expect(adam.learningRate).toBe(0.001);
  });

  it('give smaller learning rates with momentum', () => {
    expect(resolveOptions({ layers: [2, 2], optimizer: { momentum: 0.9 } }).learningRate).toBeCloseTo(0.001);
  });
});

describe('a misspelt option', () => {
  it('is refused with the name that was probably meant', async () => {
    await refuse({ layer: [2, 2] }, 'UNKNOWN_OPTION', '"layer"', 'did you mean "layers"?');
    await refuse({ layers: [2, 2], densty: 0.5 }, 'UNKNOWN_OPTION', '"densty"', 'did you mean "density"?');
    await refuse(
      { layers: [2, 2], optimizer: { momentun: 0.9 } },
      'UNKNOWN_OPTION',
      'optimizer',
      '"momentum"',
    );
    await refuse({ layers: [2, 2], arithmetic: { kind: 'wide', bits: 8 } }, 'UNKNOWN_OPTION', '"bits"');
  });

  it('is refused in values too', async () => {
    await refuse({ layers: [2, 2], output: 'sofmax' }, 'INVALID_OPTION', 'output', '"sofmax"', "'softmax'?");
    await refuse({ layers: [2, 3, 2], activation: 'rely' }, 'INVALID_OPTION', 'activation', "'relu'?");
    await refuse({ layers: [2, 2], schedule: 'pipeline' }, 'INVALID_OPTION', 'schedule', "'pipelined'?");
    await refuse({ layers: [2, 2], scaling: 'standart' }, 'INVALID_OPTION', 'scaling', "'standard'?");
    await refuse(
      { layers: [2, 2], arithmetic: { kind: 'wid' } },
      'INVALID_OPTION',
      'arithmetic.kind',
      "'wide'?",
    );
  });
});

describe('a wrong value is refused with its name, value and range:', () => {
  it('layers', async () => {
    await refuse({}, 'INVALID_OPTION', 'layers', 'undefined', '[784, 256, 10]');
    await refuse({ layers: [784] }, 'INVALID_OPTION', 'layers', 'an array of 1');
    await refuse({ layers: [784, 0, 10] }, 'INVALID_OPTION', 'layers[1]', 'from 1 to 2^20', 'is 0');
    await refuse({ layers: [784, 2.5, 10] }, 'INVALID_OPTION', 'layers[1]', '2.5');
    await refuse({ layers: '784-10' }, 'INVALID_OPTION', 'layers', '"784-10"');
    await refuse({ layers: new Array(257).fill(1) }, 'NETWORK_TOO_LARGE', '257', '256');
    await refuse(undefined, 'INVALID_OPTION', 'network options', 'undefined');
  });

  it('arithmetic', async () => {
    const arithmetic = (value: unknown) => ({ layers: [2, 2], arithmetic: value });
    await refuse(arithmetic('wide'), 'INVALID_OPTION', 'arithmetic', "{ kind: 'wide' }");
    await refuse(arithmetic({ kind: 'wide', weightBits: 3 }), 'INVALID_OPTION', 'weightBits', 'from 4 to 16');
    await refuse(
      arithmetic({ kind: 'wide', weightBits: 8, weightFraction: 8 }),
      'INVALID_OPTION',
      'from 0 to 7',
    );
    await refuse(arithmetic({ kind: 'wide', rounding: 'up' }), 'INVALID_OPTION', 'rounding', "'nearest'");
    await refuse(
      arithmetic({ kind: 'float', weightBits: 8 }),
      'INVALID_OPTION',
      'arithmetic.weightBits',
      "kind: 'float'",
    );
    await refuse(arithmetic({ kind: 'hardware' }), 'INVALID_OPTION', 'arithmetic.width');
  });

  it('optimizer', async () => {
    await refuse(
      { layers: [2, 2], optimizer: { momentum: 0.3 } },
      'INVALID_OPTION',
      'momentum',
      '0.5 to 0.9999',
      '0.3',
    );
    await refuse({ layers: [2, 2], optimizer: { weightDecay: -1 } }, 'INVALID_OPTION', 'weightDecay', '-1');
    await refuse({ layers: [2, 2], optimizer: 0.9 }, 'INVALID_OPTION', 'optimizer', '0.9');
    const float = (optimizer: object) => ({ layers: [2, 2], arithmetic: { kind: 'float' }, optimizer });
    await refuse(float({ kind: 'adan' }), 'INVALID_OPTION', 'optimizer.kind', "'adam'");
    await refuse({ layers: [2, 2], optimizer: { kind: 'adam' } }, 'INVALID_OPTION', 'adam', 'float');
    await refuse(float({ kind: 'adam', momentum: 0.9 }), 'INVALID_OPTION', 'optimizer.momentum', "'adam'");
    await refuse(float({ beta2: 0.99 }), 'INVALID_OPTION', 'optimizer.beta2', "'sgd'");
    await refuse(float({ kind: 'adamw', beta1: 1 }), 'INVALID_OPTION', 'optimizer.beta1', 'is 1');
    await refuse(float({ kind: 'adam', epsilon: 0 }), 'INVALID_OPTION', 'optimizer.epsilon', 'is 0');
    await refuse({ layers: [2, 2], initialBias: 2 }, 'INVALID_OPTION', 'initialBias', 'is 2');
  });

  it('learningRate, which many fraction bits limit', async () => {
    await refuse({ layers: [2, 2], learningRate: 0 }, 'INVALID_OPTION', 'learningRate', 'above 0');
    await refuse({ layers: [2, 2], learningRate: 0.5 }, 'INVALID_OPTION', 'at most 0.25', '12 fraction bits');
    const momentum = { layers: [2, 2], optimizer: { momentum: 0.9 }, learningRate: 0.02 };
    await refuse(momentum, 'INVALID_OPTION', 'at most 0.015625', 'and momentum');
    expect(
      resolveOptions({ layers: [2, 2], arithmetic: { kind: 'float' }, learningRate: 1 }).learningRate,
    ).toBe(1);
  });

  it('output, where there is only one', async () => {
    await refuse({ layers: [2, 1] }, 'INVALID_OPTION', "output 'sigmoid'", "'linear'");
  });

  it('activation, one per hidden layer', async () => {
    await refuse(
      { layers: [2, 3, 2], activation: ['relu', 'relu'] },
      'INVALID_OPTION',
      'per hidden layer (1)',
      'has 2',
    );
  });

  it('seed', async () => {
    await refuse({ layers: [2, 2], seed: -1 }, 'INVALID_OPTION', 'seed', '2^53 - 1');
    await refuse({ layers: [2, 2], seed: 2 ** 53 }, 'INVALID_OPTION', 'seed');
    await refuse({ layers: [2, 2], seed: '1' }, 'INVALID_OPTION', 'seed', '"1"');
  });

  it('classes', async () => {
    await refuse({ layers: [2, 3], classes: ['a', 'b'] }, 'INVALID_OPTION', 'classes', '3 outputs', 'has 2');
    await refuse({ layers: [2, 2], classes: ['a', 'a'] }, 'INVALID_OPTION', 'classes', '"a"', 'twice');
  });

  it('scaling', async () => {
    const scaling = { kind: 'standard', offset: [0], scale: [1] };
    await refuse({ layers: [2, 2], scaling }, 'INVALID_OPTION', 'scaling', '2 finite numbers');
  });
});

describe('no options whatever', () => {
  it('get past the checks without a SparseTrainError and then make the engine fail', () => {
    const small = fc.oneof(
      fc.integer({ min: -2, max: 40 }),
      fc.double(),
      fc.constantFrom(undefined, null, 'x'),
    );
    const anyOptions = fc.record(
      {
        layers: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 2, maxLength: 4 }),
        density: fc.oneof(
          small,
          fc.double({ min: 0, max: 1 }),
          fc.array(fc.double({ min: 0, max: 1 }), { maxLength: 3 }),
        ),
        pattern: fc.oneof(fc.constantFrom('auto', 'tiled', 'structured', 'random', 'dense'), fc.anything()),
        arithmetic: fc.oneof(
          fc.record({ kind: fc.constantFrom('wide', 'float'), weightBits: fc.integer({ min: 3, max: 17 }) }),
          fc.anything(),
        ),
        output: fc.constantFrom('softmax', 'sigmoid', 'linear', 'other'),
        seed: fc.oneof(fc.maxSafeNat(), fc.anything()),
        schedule: fc.constantFrom('pipelined', 'sequential', undefined),
      },
      { requiredKeys: ['layers'] },
    );
    fc.assert(
      fc.property(anyOptions, (options) => {
        try {
          new Network(options as NetworkOptions);
        } catch (error) {
          expect(error).toBeInstanceOf(SparseTrainError);
          expect((error as SparseTrainError).code).not.toBe('INTERNAL');
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('described options', () => {
  it.each<[string, NetworkOptions]>([
    [
      'of generated patterns',
      { layers: [16, 12, 4], density: 0.5, pattern: ['random', 'structured'], seed: 7 },
    ],
    ['of dense layers', { layers: [16, 4] }],
    [
      'of the float arithmetic with Adam',
      { layers: [8, 4], arithmetic: { kind: 'float' }, optimizer: { kind: 'adam' } },
    ],
    ['of momentum and weight decay', { layers: [8, 6, 4], optimizer: { momentum: 0.5, weightDecay: 0.01 } }],
    [
      'of interleavers',
      {
        layers: [32, 16, 8],
        pattern: { kind: 'interleaver', type: 1, dither: true },
        fanOut: 4,
        arithmetic: { kind: 'hardware', width: 12, integerBits: 3 },
      },
    ],
  ])('are plain JSON that makes the same network: %s', (_, options) => {
    const described = describeOptions(resolveOptions(options));
    const again = JSON.parse(JSON.stringify(described)) as NetworkOptions;
    expect(again).toEqual(JSON.parse(JSON.stringify(describeOptions(resolveOptions(again)))));
    expect(new Network(again).digest()).toBe(new Network(options).digest());
  });

  it('have a word for edges that were given one by one', () => {
    const { pattern } = describeOptions(resolveOptions({ layers: [2, 2], pattern: { edges: [[0, 1]] } }));
    expect(pattern).toEqual(['custom']);
  });
});
