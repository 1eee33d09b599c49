import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SparseTrainError } from '../../base/errors.js';
import type { NetworkOptions } from '../../network/options.js';
import type { FitOptions } from '../../training/fit-options.js';
import { scalarMetrics } from '../../training/metrics.js';
import { Network } from '../../training/network.js';
import type { TrialResult } from '../records.js';
import type { PaddedData } from './data.js';
import { clocksOf } from './quantities.js';
import type { TrialTask } from './task.js';

/** Callbacks during a trial's training. */
export interface TrialControl {
  /** Interrupts the trial, which then gives no result. */
  readonly signal?: AbortSignal | undefined;
  /** Called several times a second with the share of the training that is done. */
  readonly onProgress?: ((fraction: number) => void) | undefined;
  /** Called after every epoch with its value; returns whether to continue. */
  readonly onEpoch?: ((epoch: number, value: number) => Promise<'continue' | 'prune'>) | undefined;
}

/**
 * Trains and measures once.
 *
 * @returns undefined if it was interrupted
 * @throws SparseTrainError as Network, fit() and evaluate()
 */
export async function train(
  task: TrialTask,
  data: PaddedData,
  { signal, onProgress, onEpoch }: TrialControl,
): Promise<TrialResult | undefined> {
  // The templates are JSON that the user wrote; Network and fit() check them.
  const options = { seed: task.seed, ...task.network } as unknown as NetworkOptions;
  const network = new Network(options);
  const { train, validation, test } = data.for(network.layers[0]);
  const stop = new AbortController();
  const abort = () => stop.abort();
  if (signal?.aborted) abort();
  signal?.addEventListener('abort', abort);
  const curve: number[] = [];
  let pruned = false;
  try {
    const run = await network.fit(train, {
      threads: 1, // other trials have the other cores
      ...(task.fit as unknown as FitOptions),
      validation,
      signal: stop.signal,
      onProgress: onProgress === undefined ? undefined : ({ fraction = 0 }) => onProgress(fraction),
      onEpoch: async ({ epoch, complete, validation: metrics }) => {
        if (!complete || metrics === undefined || stop.signal.aborted) return;
        const value = metrics[task.epochMeasure];
        if (value === undefined) throw noMeasure(task.epochMeasure, metrics);
        curve.push(value);
        if ((await onEpoch?.(epoch, value)) !== 'prune') return;
        pruned = true;
        abort();
      },
    });
    if (signal?.aborted && !pruned) return undefined;
    const { edges, density, parameters, junctions } = network.inspect();
    const atLimit = junctions.reduce((sum, { weightsAtLimit }) => sum + weightsAtLimit, 0);
    const values: Record<string, number> = {
      ...(run.validation === undefined ? {} : scalarMetrics(run.validation)),
      edges,
      density,
      parameters,
      trainSeconds: run.trainSeconds,
      seconds: run.seconds,
      weightsAtLimit: atLimit / edges,
    };
    const digest = network.digest();
    if (pruned) return { state: 'pruned', values, curve, digest };
    for (const measure of task.measures) {
      if (measure === 'modelBytes') values.modelBytes = await modelBytes(network);
      else if (measure === 'clocks') values.clocks = clocksOf(options, task.budget);
      else if (values[measure] === undefined) throw noMeasure(measure, values);
    }
    if (test !== undefined) {
      const metrics = scalarMetrics(await network.evaluate(test));
      for (const [name, value] of Object.entries(metrics)) values[`test.${name}`] = value;
    }
    return { state: 'complete', values, curve, digest };
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}

function noMeasure(measure: string, there: Readonly<Record<string, number>>): SparseTrainError {
  return new SparseTrainError(
    'INVALID_OPTION',
    `${measure} is not a measure of this network's output and data; there are ${Object.keys(there).join(', ')}`,
  );
}

/** The size of the model's file. */
async function modelBytes(network: Network): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'sparse-train-size-'));
  try {
    const file = join(folder, 'model.safetensors');
    await network.save(file);
    return (await stat(file)).size;
  } finally {
    await rm(folder, { recursive: true });
  }
}
