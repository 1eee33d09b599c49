/** Small input files for tests that run many command lines. */

/** An IDX file. */
export function idxFile(type: number, shape: readonly number[], bytes: Uint8Array): Buffer {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header.set([0, 0, type, shape.length]);
  for (const [i, size] of shape.entries()) header.writeUInt32BE(size, 4 + 4 * i);
  return Buffer.concat([header, bytes]);
}

/** A study of one short trial. */
export const TINY_STUDY = [
  'trials = 1',
  'data = { name = "mnist", rows = 100, validation = 0.1 }',
  '[[objectives]]',
  'measure = "accuracy"',
  '[space]',
  'rate = { kind = "float", low = 0.01, high = 0.02 }',
  '[network]',
  'layers = [784, 4, 10]',
  'learningRate = "$rate"',
  '[fit]',
  'epochs = 1',
].join('\n');
