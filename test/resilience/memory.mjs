/** Builds, trains and drops networks, and prints the resident memory as it goes: an array of bytes. Needs --expose-gc. */
import { Dataset, Network } from '../../dist/index.js';

const [networks = '1000', samples = '10'] = process.argv.slice(2);
const rows = 200;
const columns = 64;
const inputs = Uint8Array.from({ length: rows * columns }, (_, i) => (i * 2654435761) >>> 24);
const labels = Int32Array.from({ length: rows }, (_, i) => i % 10);
const data = Dataset.from({ inputs, columns, labels });
/** @type {import('../../dist/index.js').Arithmetic[]} */
const ARITHMETICS = [{ kind: 'wide' }, { kind: 'float' }, { kind: 'hardware', width: 12, integerBits: 3 }];
const bytes = [];
const every = Math.floor(Number(networks) / Number(samples));
for (let i = 1; i <= Number(networks); i++) {
  const arithmetic = ARITHMETICS[i % ARITHMETICS.length] ?? { kind: 'wide' };
  const activation = arithmetic.kind === 'hardware' ? 'sigmoid' : 'relu';
  const network = new Network({
    layers: [columns, 512, 10],
    density: [0.5, 1],
    arithmetic,
    activation,
    seed: i,
  });
  await network.fit(data, { epochs: 1, batchSize: i % 6 === 0 ? 16 : 1 });
  network.predict(data.inputs.row(0));
  await network.predictBatch(data.inputs);
  network.digest();
  if (i % 20 === 0) {
    globalThis.gc?.();
    // Finalizers of native objects run when the event loop turns.
    await new Promise((resolve) => setImmediate(resolve));
  }
  if (i % every === 0) bytes.push(process.memoryUsage.rss());
}
console.log(JSON.stringify(bytes));
