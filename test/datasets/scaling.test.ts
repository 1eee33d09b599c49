import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  defaultScalingKind,
  describeScaling,
  fitInputScaling,
  fitTargetScaling,
  INPUT_SCALING_KINDS,
  parseInputScaling,
  parseTargetScaling,
} from '../../lib/data/scaling.js';
import { Matrix } from '../../lib/index.js';
import type { InputScaling, InputScalingKind, Targets } from '../../lib/public/data.js';
import { columnOf, fittedScaling } from '../reference/epochs.js';
import { expectRefusal } from './refusal.js';

/** The scaling applied as its documentation says. */
function apply(scaling: InputScaling, inputs: Matrix): number[] {
  if (scaling.kind === 'none') return [...inputs.data];
  const { offset, scale } = scaling;
  return Array.from(inputs.data, (x, i) => {
    const j = i % inputs.columns;
    return (x - (offset[j] as number)) * (scale[j] as number);
  });
}

const column = (values: readonly number[], columns: number, j: number) =>
  values.filter((_, i) => i % columns === j);
const mean = (values: readonly number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;
const values = (data: number[], names: string[]): Targets => ({
  kind: 'values',
  data: Float64Array.from(data),
  names,
});

describe('fitInputScaling', () => {
  it('standard: fits mean 0 and standard deviation 1', () => {
    const inputs = new Matrix(Float64Array.of(1, 100, 2, 300, 3, 500), 2);
    expect(fitInputScaling(inputs, 'standard')).toEqual({
      kind: 'standard',
      offset: [2, 300],
      scale: [1 / Math.sqrt(2 / 3), 1 / Math.sqrt(80_000 / 3)],
    });
  });

  it('minmax: fits 0 to 1', () => {
    const inputs = new Matrix(Int16Array.of(-5, 3, 5, 3, 15, 4), 2);
    expect(fitInputScaling(inputs, 'minmax')).toEqual({
      kind: 'minmax',
      offset: [-5, 3],
      scale: [1 / 20, 1],
    });
  });

  it.each<InputScalingKind>(['robust', 'standard', 'minmax'])(
    '%s: does as it says to any column, constant ones give 0',
    (kind) => {
      const cells = fc.oneof(
        fc.double({ min: -1e6, max: 1e6, noNaN: true }),
        fc.constantFrom(0, 1, 0.1, 1e6),
      );
      const tables = fc.array(fc.tuple(cells, cells, fc.constant(0.1)), { minLength: 1, maxLength: 30 });
      fc.assert(
        fc.property(tables, (rows) => {
          const inputs = new Matrix(Float64Array.from(rows.flat()), 3);
          const scaled = apply(fitInputScaling(inputs, kind), inputs);
          expect(scaled.every(Number.isFinite)).toBe(true);
          for (let j = 0; j < 3; j++) {
            const before = column([...inputs.data], 3, j);
            const after = column(scaled, 3, j);
            const range = Math.max(...before) - Math.min(...before);
            if (range === 0) expect(after.every((x) => x === 0)).toBe(true);
            else if (kind === 'robust') {
              const { offset, scale, deviation } = fittedScaling(before, kind);
              expect(deviation).toBeGreaterThan(0);
              expect(after).toEqual(before.map((x) => (x - offset) * scale));
            }
            // Where the values of a column hardly differ, the result depends on their last digits, not on the scaling.
            else if (range < 1e-6) continue;
            else if (kind === 'minmax') {
              expect(Math.min(...after) + 0).toBe(0); // -0 counts as 0
              expect(Math.max(...after)).toBeCloseTo(1, 9);
            } else {
              expect(mean(after)).toBeCloseTo(0, 2);
              expect(mean(after.map((x) => x * x))).toBeCloseTo(1, 2);
            }
          }
        }),
      );
    },
  );

  it('keeps its precision far from 0', () => {
    const inputs = new Matrix(Float64Array.of(1e9, 1e9 + 1, 1e9 + 2, 1e9 + 3), 1);
    const scaled = apply(fitInputScaling(inputs, 'standard'), inputs);
    expect(mean(scaled.map((x) => x * x))).toBeCloseTo(1, 9);
  });

  it('robust: a few extreme values do not change it', () => {
    const numbers = Array.from({ length: 999 }, (_, i) => Math.sin(i) * 10 + 5);
    const plain = fitInputScaling(new Matrix(Float64Array.from(numbers), 1), 'robust');
    const extreme = fitInputScaling(new Matrix(Float64Array.from([...numbers, 1e9]), 1), 'robust');
    if (plain.kind !== 'robust' || extreme.kind !== 'robust') throw new Error('other kinds');
    expect(Math.abs((extreme.offset[0] as number) - (plain.offset[0] as number))).toBeLessThan(1);
    expect((extreme.scale[0] as number) / (plain.scale[0] as number)).toBeGreaterThan(0.5);
  });

  it('robust: is about standard for normally distributed numbers', () => {
    // The sum of 12 pseudorandom numbers is nearly normal, with standard deviation 1.
    let state = 1;
    const uniform = () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state / 2 ** 32;
    };
    const normal = () => Array.from({ length: 12 }, uniform).reduce((a, b) => a + b, -6);
    const inputs = new Matrix(
      Float64Array.from({ length: 4000 }, () => 3 * normal() + 50),
      1,
    );
    const scaled = apply(fitInputScaling(inputs), inputs);
    expect(Math.abs(mean(scaled))).toBeLessThan(0.1);
    expect(mean(scaled.map((x) => x * x))).toBeGreaterThan(0.9);
    expect(mean(scaled.map((x) => x * x))).toBeLessThan(1.1);
  });

  it('robust: the distance of two values becomes 2, however rare one of them is', () => {
    for (const [common, rare] of [
      [0, 1],
      [1, 0],
      [-3, 5],
    ] as const) {
      const numbers = Float64Array.from({ length: 200 }, (_, i) => (i === 7 ? rare : common));
      const scaled = apply(fitInputScaling(new Matrix(numbers, 1), 'robust'), new Matrix(numbers, 1));
      expect(Math.abs((scaled[7] as number) - (scaled[0] as number))).toBeCloseTo(2, 9);
      expect(mean(scaled)).toBeCloseTo(0, 9);
    }
  });

  it('robust: is standard where nothing is extreme', () => {
    const numbers = Float64Array.from({ length: 400 }, (_, i) =>
      i % 4 === 3 ? (i % 5 === 0 ? i % 7 : 0) : Math.sin(i),
    );
    const inputs = new Matrix(numbers, 4);
    expect(fitInputScaling(inputs, 'robust')).toEqual({
      ...fitInputScaling(inputs, 'standard'),
      kind: 'robust',
    });
  });

  it('robust: an extreme value in a column that is mostly 0 does not hide the others', () => {
    const numbers = Array.from({ length: 100 }, (_, i) => (i === 50 ? 1e6 : i % 4 === 0 ? 2 : 0));
    expect(fitInputScaling(new Matrix(Float64Array.from(numbers), 1), 'robust')).toEqual({
      kind: 'robust',
      offset: [0],
      scale: [1 / 2],
    });
  });

  it('robust: looks at evenly spaced rows of large data, and survives what they do not show', () => {
    const rows = 2 ** 16 + 2;
    // Odd rows are not looked at.
    const data = Float64Array.from({ length: 2 * rows }, (_, i) => {
      const row = i >> 1;
      if (i % 2 === 0) return row === 1 ? 8 : 0;
      return row % 2 === 1 ? 1e9 : row;
    });
    const [zeros, ramp] = [0, 1].map((c) => fittedScaling(columnOf(data, 2, c), 'robust'));
    expect(fitInputScaling(new Matrix(data, 2))).toEqual({
      kind: 'robust',
      offset: [zeros?.offset, ramp?.offset],
      scale: [zeros?.scale, ramp?.scale],
    });
    expect(ramp?.offset).toBeLessThan(rows);
  });

  it('does not scale bytes by default', () => {
    const bytes = new Matrix(Uint8Array.of(0, 255), 1);
    const floats = new Matrix(Float32Array.of(0, 2), 1);
    expect([defaultScalingKind(bytes), defaultScalingKind(floats)]).toEqual(['none', 'robust']);
    expect(fitInputScaling(bytes)).toEqual({ kind: 'none' });
    expect(fitInputScaling(floats)).toEqual({ kind: 'robust', offset: [1], scale: [1] });
    expect(fitInputScaling(bytes, 'minmax')).toEqual({ kind: 'minmax', offset: [0], scale: [1 / 255] });
  });

  it('refuses kinds that it does not know, with the nearest', async () => {
    const inputs = new Matrix(Float32Array.of(0, 2), 1);
    await expectRefusal('INVALID_OPTION', ['"standart"', '"standard"'], () =>
      fitInputScaling(inputs, 'standart' as InputScalingKind),
    );
    await expectRefusal('INVALID_OPTION', ['robust, standard, minmax'], () =>
      fitInputScaling(inputs, 1 as unknown as 'none'),
    );
  });

  it.each<InputScalingKind>(['standard', 'minmax'])('%s: refuses a range beyond a double', async (kind) => {
    const inputs = new Matrix(Float64Array.of(0, -1.7e308, 0, 1.7e308), 2);
    await expectRefusal('INVALID_DATA', ['column 1'], () => fitInputScaling(inputs, kind));
  });

  it.each<InputScalingKind>(['robust', 'standard', 'minmax'])(
    '%s: survives differences too small to divide by',
    (kind) => {
      const inputs = new Matrix(Float64Array.of(0, 5e-324), 1);
      expect(apply(fitInputScaling(inputs, kind), inputs).every(Number.isFinite)).toBe(true);
    },
  );
});

describe('fitTargetScaling', () => {
  it('fits mean and standard deviation of each output', () => {
    expect(fitTargetScaling(values([1, 10, 3, 10], ['x', 'y']))).toEqual({ mean: [2, 10], sd: [1, 1] });
  });

  it('gives a constant its own value, exactly', () => {
    expect(fitTargetScaling(values([0.1, 0.1, 0.1], ['x']))).toEqual({ mean: [0.1], sd: [1] });
  });

  it('gives what is nearly constant the standard deviation 1 only where its own has no inverse', () => {
    expect(fitTargetScaling(values([0, 1e-300], ['x']))).toMatchObject({ sd: [1] });
    expect(fitTargetScaling(values([0, 1e-150], ['x']))).toMatchObject({ sd: [5e-151] });
  });

  it('refuses classes, and ranges beyond a double', async () => {
    const classes: Targets = { kind: 'classes', labels: Int32Array.of(0), classes: ['a'] };
    await expectRefusal('INVALID_DATA', ['classes'], () => fitTargetScaling(classes));
    await expectRefusal('INVALID_DATA', ['"price"'], () =>
      fitTargetScaling(values([-1.7e308, 1.7e308], ['price'])),
    );
  });
});

describe('a stored scaling', () => {
  it('comes back from JSON as it was', () => {
    const inputs = new Matrix(Float64Array.of(0.1, 2, 0.7, 4), 2);
    for (const kind of INPUT_SCALING_KINDS) {
      const scaling = fitInputScaling(inputs, kind);
      expect(parseInputScaling(JSON.parse(JSON.stringify(scaling)), 2)).toEqual(scaling);
    }
    const target = fitTargetScaling(values([0.1, 0.7], ['x']));
    expect(parseTargetScaling(JSON.parse(JSON.stringify(target)), 1)).toEqual(target);
  });

  it.each<[unknown]>([
    [null],
    ['none'],
    [[]],
    [{}],
    [{ kind: 'other' }],
    [{ kind: 'standard' }],
    [{ kind: 'standard', offset: [0], scale: [1] }],
    [{ kind: 'standard', offset: [0, 0], scale: [1, null] }],
    [{ kind: 'minmax', offset: [0, '0'], scale: [1, 1] }],
    [{ kind: 'minmax', offset: { length: 2 }, scale: [1, 1] }],
  ])('is refused when it is %j', async (json) => {
    await expectRefusal('INVALID_FILE', ['input scaling'], () => parseInputScaling(json, 2));
  });

  it.each<[unknown]>([
    [null],
    [{ mean: [0] }],
    [{ mean: [0], sd: [0] }],
    [{ mean: [0], sd: [-1] }],
    [{ mean: [0, 1], sd: [1, 1] }],
  ])('of targets is refused when it is %j', async (json) => {
    await expectRefusal('INVALID_FILE', ['target scaling'], () => parseTargetScaling(json, 1));
  });

  it('is described in a line', () => {
    expect(describeScaling({ kind: 'none' })).toBe('none');
    expect(describeScaling({ kind: 'minmax', offset: [0], scale: [1] })).toBe('minmax (1 column)');
    expect(describeScaling({ kind: 'standard', offset: [0, 0], scale: [1, 1] })).toBe('standard (2 columns)');
  });
});
