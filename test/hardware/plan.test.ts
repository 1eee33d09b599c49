import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findDevice, halfBlocks, lutsFor } from '../../lib/hardware/devices.js';
import { measureTraining, planHost } from '../../lib/hardware/host-speed.js';
import { DEVICES, type PlanRequest, planHardware } from '../../lib/public/hardware.js';

const fpga: PlanRequest = { layers: [1024, 64, 32], fanOut: [4, 16], width: 12, clockHz: 15e6, budget: {} };

function plan(request: PlanRequest, parallelism?: number[]) {
  const outcome = planHardware(request, parallelism);
  if (!outcome.possible) throw new Error(outcome.reasons.join('; '));
  return outcome;
}

function refused(request: PlanRequest, parallelism?: number[]) {
  const outcome = planHardware(request, parallelism);
  if (outcome.possible) throw new Error(`possible with z = ${outcome.plan.parallelism}`);
  return outcome;
}

describe('the published network', () => {
  const { plan: published } = plan(fpga, [128, 32]);

  it('takes 34 clocks a block, 2.27 microseconds at 15 MHz', () => {
    expect(published.clocksPerJunctionCycle).toBe(32);
    expect(published.clocksPerBlock).toBe(34);
    expect(published.secondsPerBlock * 1e6).toBeCloseTo(2.27, 2);
    expect(Math.round(published.imagesPerSecond / 1000)).toBe(441);
  });

  it('has the multipliers of section 4: FF z, UP z, BP 2z but not in junction 1', () => {
    expect(published.junctions.map(({ multipliers }) => multipliers)).toEqual([
      { ff: 128, up: 128, bp: 0, total: 256 },
      { ff: 32, up: 32, bp: 64, total: 128 },
    ]);
    expect(published.used.multipliers).toBe(384);
  });

  it('has the memories of section 4', () => {
    const banks = published.memories.map(({ what, of, banks, memories, depth, width }) => [
      what,
      of,
      banks,
      memories,
      depth,
      width,
    ]);
    expect(banks).toEqual([
      ['activations', 'layer 0', 5, 128, 8, 12],
      ['activations', 'layer 1', 3, 32, 2, 12],
      ['derivatives', 'layer 1', 3, 32, 2, 12],
      ['deltas', 'layer 1', 2, 32, 2, 12],
      ['deltas', 'layer 2', 2, 1, 32, 12],
      ['weights', 'junction 1', 1, 128, 32, 12],
      ['biases', 'junction 1', 1, 2, 32, 12],
      ['weights', 'junction 2', 1, 32, 32, 12],
      ['biases', 'junction 2', 1, 1, 32, 12],
    ]);
    expect(published.used.memoryBits).toBe(
      12 * (5 * 1024 + 6 * 64 + 2 * 64 + 2 * 32 + 4096 + 64 + 1024 + 32),
    );
  });

  it('has the published z as one of its own for the other published networks too', () => {
    expect(plan({ ...fpga, layers: [64, 16, 4], fanOut: [2, 2] }, [32, 8]).plan.clocksPerJunctionCycle).toBe(
      4,
    );
    expect(plan({ ...fpga, layers: [1024, 64, 16], fanOut: [8, 8] }, [512, 32]).plan.clocksPerBlock).toBe(18);
  });
});

describe('choosing', () => {
  it('gives the fastest that the budget allows, and says what limits it', () => {
    const { plan: chosen, limitedBy } = plan({ ...fpga, budget: { device: findDevice('XC7A100T') } });
    expect(chosen.parallelism).toEqual([64, 16]);
    expect(chosen.utilisation.multipliers).toBeCloseTo(192 / 240, 12);
    expect(limitedBy).toContain('z = 128, 32 at 34 cycles');
    expect(limitedBy).toContain('384 of 240 DSP slices');
    expect(plan({ ...fpga, budget: { multipliers: 384 } }).plan.parallelism).toEqual([128, 32]);
  });

  it('is legal, equally long in all junctions and within the budget, whatever the network', () => {
    const sizes = fc.array(
      fc.integer({ min: 1, max: 60 }).map((n) => 4 * n),
      { minLength: 2, maxLength: 4 },
    );
    fc.assert(
      fc.property(
        sizes,
        fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 3, maxLength: 3 }),
        fc.integer({ min: 1, max: 400 }),
        (layers, fanOuts, multipliers) => {
          const request = {
            ...fpga,
            layers,
            fanOut: fanOuts.slice(0, layers.length - 1),
            budget: { multipliers },
          };
          const outcome = planHardware(request);
          const found = outcome.possible ? outcome.plan : outcome.nearest?.plan;
          if (!outcome.possible) expect(outcome.reasons.length).toBeGreaterThan(0);
          if (found === undefined) return;
          expect(found.used.multipliers).toBeLessThanOrEqual(multipliers);
          for (const junction of found.junctions) {
            expect(junction.left % junction.parallelism).toBe(0);
            expect(junction.edges / junction.parallelism).toBe(found.clocksPerJunctionCycle);
            expect(Number.isInteger(junction.fanIn)).toBe(true);
            expect(junction.fanOut).toBeLessThanOrEqual(junction.right);
          }
          if (!outcome.possible) return;
          expect(found.layers).toEqual(layers);
          // The plan that was chosen passes the check, and slower plans are compared with it.
          expect(planHardware(request, found.parallelism).possible).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('takes four DSP slices for a product of 32 bits', () => {
    const { plan: wide } = plan({ ...fpga, width: 32, budget: { device: findDevice('xc7a200t') } });
    expect(wide.slices).toBe(4 * wide.used.multipliers);
    expect(wide.slices).toBeLessThanOrEqual(740);
  });
});

describe('what is impossible', () => {
  it('z that does not divide is refused with the nearest that does', () => {
    const { reasons, nearest } = refused(fpga, [128, 30]);
    expect(reasons[0]).toContain('z = 30 does not divide the 64 left neurons');
    expect(reasons[0]).toContain('is 32');
    expect(nearest?.plan.parallelism).toEqual([128, 32]);
  });

  it('z out of proportion is refused', () => {
    expect(refused(fpga, [128, 16]).reasons[0]).toContain('32 in junction 1, 64 in junction 2');
  });

  it('edges that do not divide among right neurons are refused, and layers to pad to are found', () => {
    const { reasons, nearest } = refused({ ...fpga, layers: [784, 100, 10], fanOut: [10, 10] });
    expect(reasons[0]).toContain('7840 edges do not divide among 100 right neurons');
    expect(nearest?.plan.layers).toEqual([800, 100, 10]);
  });

  it('a budget that is too small is reported with what exceeds it', () => {
    const { reasons, nearest } = refused({ ...fpga, budget: { memoryBits: 100_000 } });
    expect(reasons[0]).toContain('130,944 of 100,000 bits of memory');
    expect(nearest?.plan.used.memoryBits).toBeLessThanOrEqual(100_000);
  });

  it('given z over the budget, the fastest within it is named', () => {
    const { nearest } = refused({ ...fpga, budget: { multipliers: 200 } }, [128, 32]);
    expect(nearest?.plan.parallelism).toEqual([64, 16]);
  });
});

describe('memories', () => {
  it('are made of the fewest halves of block RAMs', () => {
    expect([
      halfBlocks(512, 36),
      halfBlocks(513, 36),
      halfBlocks(1024, 18),
      halfBlocks(32, 1536),
      halfBlocks(16_384, 1),
    ]).toEqual([1, 2, 1, 43, 1]);
  });
  it('of few rows take look-up tables by fours', () => {
    expect([lutsFor(8, 12), lutsFor(64, 12)]).toEqual([8, 16]);
  });
  it('of known devices are plausible', () => {
    for (const device of DEVICES) expect(device.blocks * 36_864 + device.lutRams * 64).toBeGreaterThan(1e6);
    expect(findDevice('none')).toBeUndefined();
  });
});

describe('this machine', () => {
  it('says kernel set, layouts and threads, each with a reason', { timeout: 120_000 }, async () => {
    const host = await planHost({ layers: [64, 32, 10], density: [0.25, 1] });
    expect(host.kernelSets).toContain(host.kernelSet);
    expect(host.junctions.map(({ edges }) => edges)).toEqual([512, 320]);
    for (const junction of host.junctions) expect(junction.why.length).toBeGreaterThan(20);
    expect(host.measured[0]).toMatchObject({ threads: 1, kernelSet: host.kernelSet });
    expect(host.measured.map(({ threads }) => threads)).toContain(host.threads);
  });

  it('measures the hardware arithmetic as well', async () => {
    const speed = await measureTraining(
      {
        layers: [64, 16, 4],
        fanOut: [2, 2],
        pattern: 'SV',
        parallelism: [32, 8],
        arithmetic: { kind: 'hardware', width: 10, integerBits: 2 },
      },
      1,
      0.02,
    );
    expect(speed.inputsPerSecond * speed.secondsPerInput).toBeCloseTo(1, 9);
    expect(speed.inputsPerSecond).toBeGreaterThan(1000);
  });
});
