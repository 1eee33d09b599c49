/** GPU measurements in result files of other machines. */
import type { BaselineDocument, BaselineRow, Named } from './result-files.js';

/** The ways to use a GPU, slowest first, with their modes in the result files. */
export const GPU_FORMS: readonly { readonly form: string; readonly modes: readonly string[] }[] = [
  { form: 'PyTorch eager', modes: ['eager'] },
  { form: 'PyTorch, gradients by hand', modes: ['eager-manual'] },
  { form: 'torch.compile', modes: ['compile'] },
  { form: 'CUDA graph', modes: ['cuda-graph', 'compile-graph'] },
  { form: 'hand-written kernels', modes: ['triton-graph', 'persistent-kernel'] },
];

/** A row of a result file with the GPU that it was taken on. */
export interface GpuRow extends BaselineRow {
  readonly gpu: string;
}

/** The rows of all GPUs. */
export function gpuRows(baselines: readonly Named<BaselineDocument>[]): GpuRow[] {
  return baselines.flatMap(({ document }) => {
    const { gpu } = document.machine;
    return gpu === undefined ? [] : document.rows.map((row) => ({ ...row, gpu }));
  });
}

/** The row with the most samples per second or the fewest seconds; undefined if there is none. */
export function fastestRow(
  rows: readonly GpuRow[],
  modes: readonly string[],
  measure: BaselineRow['measure'],
  batch?: number,
  layers?: readonly number[],
): GpuRow | undefined {
  const speed = ({ samplesPerSecond, seconds }: GpuRow) =>
    samplesPerSecond ?? 1 / (seconds ?? Number.POSITIVE_INFINITY);
  return rows
    .filter(
      (row) =>
        row.measure === measure &&
        modes.includes(row.mode ?? '') &&
        (batch === undefined || row.batch === batch) &&
        (layers === undefined || row.layers.join() === layers.join()),
    )
    .toSorted((a, b) => speed(b) - speed(a))[0];
}
