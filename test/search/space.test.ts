import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Parameter } from '../../lib/public/search.js';
import { holds, parseConstraint } from '../../lib/search/space/constraint.js';
import { axisOf, coordinateOf, valueAtShare, valueNumber } from '../../lib/search/space/parameter.js';
import { Space } from '../../lib/search/space/space.js';
import { fillTemplate } from '../../lib/search/template.js';

const share = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('a parameter', () => {
  it('has all whole numbers of its range, with equal shares', () => {
    const axis = axisOf('x', { kind: 'int', low: 3, high: 6 });
    const counts = new Map<unknown, number>();
    for (let i = 0; i < 4000; i++) {
      const value = valueAtShare(axis, i / 4000);
      counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    expect([...counts]).toEqual([3, 4, 5, 6].map((value) => [value, 1000]));
  });

  it('keeps to its steps, which are decimal numbers', () => {
    const axis = axisOf('x', { kind: 'float', low: 0.1, high: 0.75, step: 0.1 });
    expect(Array.from({ length: axis.size }, (_, i) => valueNumber(axis, i))).toEqual([
      0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7,
    ]);
  });

  it('on a logarithmic scale has as many values in each decade', () => {
    const axis = axisOf('x', { kind: 'float', low: 0.001, high: 10, log: true });
    expect(valueAtShare(axis, 0.25)).toBeCloseTo(0.01);
    expect(valueAtShare(axis, 0.75)).toBeCloseTo(1);
  });

  it('never leaves its range, and a value knows its coordinate', () => {
    const parameter = fc.oneof(
      fc
        .record({
          low: fc.integer({ min: 1, max: 9 }),
          more: fc.integer({ min: 0, max: 90 }),
          log: fc.boolean(),
        })
        .map(({ low, more, log }): Parameter => ({ kind: 'int', low, high: low + more, log })),
      fc
        .record({
          low: fc.integer({ min: 1, max: 9 }),
          more: fc.integer({ min: 0, max: 90 }),
          log: fc.boolean(),
        })
        .map(({ low, more, log }): Parameter => ({ kind: 'float', low, high: low + more, log })),
    );
    fc.assert(
      fc.property(parameter, share, (given, at) => {
        const axis = axisOf('x', given);
        const value = valueAtShare(axis, at) as number;
        const { low, high } = given as { low: number; high: number };
        expect(value).toBeGreaterThanOrEqual(low);
        expect(value).toBeLessThanOrEqual(high);
        if (given.kind === 'int') expect(Number.isInteger(value)).toBe(true);
        const coordinate = coordinateOf(axis, value);
        expect(coordinate).toBeGreaterThanOrEqual(axis.low - 1e-9);
        expect(coordinate).toBeLessThanOrEqual(axis.high + 1e-9);
      }),
    );
  });

  it('may choose among lists and objects', () => {
    const choices = [{ kind: 'wide' }, [1, 2], null];
    const axis = axisOf('x', { kind: 'categorical', choices });
    expect(choices.map((choice) => coordinateOf(axis, choice))).toEqual([0, 1, 2]);
    expect(valueAtShare(axis, 0.5)).toEqual([1, 2]);
  });
});

describe('a space', () => {
  const space = new Space({
    second: { kind: 'int', low: 1, high: 3, when: { depth: [2, 3] } },
    third: { kind: 'int', low: 1, high: 3, when: { depth: 3, second: [1, 2] } },
    depth: { kind: 'int', low: 1, high: 3 },
  });

  it('has a parameter only where its conditions hold, those of its conditions included', () => {
    const at = (depth: number, second: number) =>
      space.assemble(({ name }) => ({ depth, second, third: 1 })[name] as number);
    expect(at(1, 1)).toEqual({ depth: 1 });
    expect(at(2, 1)).toEqual({ depth: 2, second: 1 });
    expect(at(3, 3)).toEqual({ depth: 3, second: 3 });
    expect(at(3, 2)).toEqual({ depth: 3, second: 2, third: 1 });
  });

  it('counts the points of its grid', () => {
    expect(space.gridSize).toBe(27);
  });
});

describe('a template', () => {
  it('gets values in the places of names and loses options whose parameter does not exist', () => {
    const template = {
      layers: [784, '$first', '$second', 10],
      arithmetic: { kind: 'wide', weightBits: '$bits' },
      note: '$$first',
    };
    expect(fillTemplate(template, { first: 64 })).toEqual({
      layers: [784, 64, 10],
      arithmetic: { kind: 'wide' },
      note: '$first',
    });
  });
});

describe('a constraint', () => {
  it('compares numbers, parameters and quantities', () => {
    const names = ['a', 'b', 'edges'];
    const check = (text: string) => holds(parseConstraint('c', text, names), { a: 3, b: 4 }, { edges: 100 });
    expect(
      ['a < b', 'a <= 3', 'b > 3', '4 >= b', 'edges <= 1e2', 'a < -1', 'edges < 100', 'b <= a'].map(check),
    ).toEqual([true, true, true, true, true, false, false, false]);
  });

  it('holds where its parameter does not exist', () => {
    expect(holds(parseConstraint('c', 'a > 5', ['a']), {}, {})).toBe(true);
  });
});
