import { writeAtomically } from '../base/files/atomic-write.js';
import { checkOptions } from '../base/options/table.js';
import { engineVersion } from '../engine/kernel-sets.js';
import { units } from '../network/arithmetic.js';
import { type Tensor, writeSafetensors } from '../network/model-file/safetensors.js';
import type { Network } from '../training/network.js';
import { cannotExport } from './inputs.js';
import { type JunctionSnapshot, takeSnapshot } from './snapshot.js';

/** The result of the export. */
export interface SafetensorsExport {
  files: [file: string];
  digest: string;
}

/** The largest matrix that a JavaScript array always holds. */
const MAX_NUMBERS = 2 ** 30;

/**
 * Writes dense float32 matrices, `layers.0.weight` [right, left] and `layers.0.bias` and so on, as PyTorch's Linear has
 * them; absent edges are 0.
 *
 * @throws SparseTrainError UNKNOWN_OPTION, INVALID_OPTION, NETWORK_BUSY, FILE_NOT_FOUND, FILE_ACCESS
 */
export async function writeDenseSafetensors(
  network: Network,
  file: string,
  options: object,
): Promise<SafetensorsExport> {
  checkOptions('exportSafetensors options', {}, options);
  const { junctions, arithmetic, layers, activations, output, digest } = takeSnapshot(network);
  const unit = units(arithmetic);
  const tensors = junctions.flatMap((junction, j): Tensor[] => {
    const { rightNeurons, leftNeurons, biases } = junction;
    const weight = denseRows(junction, unit.weight);
    const bias = Float32Array.from(biases, (b) => b * unit.bias);
    return [
      { name: `layers.${j}.weight`, dtype: 'F32', shape: [rightNeurons, leftNeurons], data: weight },
      { name: `layers.${j}.bias`, dtype: 'F32', shape: [rightNeurons], data: bias },
    ];
  });
  const metadata = {
    format: 'pt',
    source: `sparse-train ${engineVersion()}`,
    network: JSON.stringify({ layers, arithmetic, activations, output, digest }),
  };
  await writeAtomically(file, (handle) => writeSafetensors(handle, metadata, tensors));
  return { files: [file], digest };
}

function denseRows(
  { offsets, left, weights, leftNeurons, rightNeurons }: JunctionSnapshot,
  unit: number,
): Float32Array {
  if (leftNeurons * rightNeurons > MAX_NUMBERS) {
    throw cannotExport(
      `${rightNeurons} x ${leftNeurons} weights are too many for a dense matrix`,
      'export .npz, which holds edges only',
    );
  }
  const rows = new Float32Array(leftNeurons * rightNeurons);
  for (let r = 0; r < rightNeurons; r++) {
    for (let e = offsets[r] as number; e < (offsets[r + 1] as number); e++) {
      rows[r * leftNeurons + (left[e] as number)] = (weights[e] as number) * unit;
    }
  }
  return rows;
}
