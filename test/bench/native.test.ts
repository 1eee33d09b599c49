import { describe, expect, it } from 'vitest';
import { measuring } from '../../lib/engine/measuring.js';
import { native } from '../../lib/engine/native.js';

const addon = measuring();
const set = native().currentKernelSet();

describe('measureLimits()', () => {
  it('measures clock, dot products and reading', () => {
    const limits = addon.measureLimits({
      kernelSet: set,
      seconds: 0.001,
      sizes: Float64Array.of(4096, 65_536),
    });
    expect(limits.clock).toBeGreaterThan(0);
    expect(limits.dotProducts).toBeGreaterThan(0);
    expect(limits.reading).toHaveLength(2);
  });

  it('refuses what would take too long or too much memory', () => {
    const task = { kernelSet: set, seconds: 0.001, sizes: Float64Array.of(4096) };
    expect(() => addon.measureLimits({ ...task, kernelSet: 'none' as never })).toThrow(/not available/);
    expect(() => addon.measureLimits({ ...task, seconds: 1e9 })).toThrow(RangeError);
    expect(() => addon.measureLimits({ ...task, sizes: Float64Array.of(1e12) })).toThrow(RangeError);
    expect(() => addon.measureLimits({ ...task, sizes: [4096] as never })).toThrow(TypeError);
    expect(() => addon.measureLimits(undefined as never)).toThrow(TypeError);
  });
});

describe('measureKernel()', () => {
  const task = {
    kernelSet: set,
    operation: 'forwardTiles',
    left: 32,
    right: 16,
    edges: 512,
    rows: new Uint8Array(64).fill(1),
    seconds: 1e-5,
  };

  it('counts calls and the edges of active tiles', () => {
    const { calls, edges, bytes } = addon.measureKernel(task);
    expect(edges).toBe(512 * calls);
    expect(bytes).toBeGreaterThan(2 * edges);
  });

  it('refuses what does not fit', () => {
    expect(() => addon.measureKernel({ ...task, operation: 'none' })).toThrow(/no such operation/);
    expect(() => addon.measureKernel({ ...task, rows: new Uint8Array(33) })).toThrow(/whole rows/);
    expect(() => addon.measureKernel({ ...task, rows: new Uint8Array() })).toThrow(/whole rows/);
    expect(() => addon.measureKernel({ ...task, left: 1e9 })).toThrow(RangeError);
    expect(() => addon.measureKernel({ ...task, edges: 0 })).toThrow(RangeError);
    expect(() => addon.measureKernel({ ...task, rows: undefined as never })).toThrow(TypeError);
  });
});
