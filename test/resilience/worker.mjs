/** A worker thread (or process) that trains until it is ended from outside; says so when it has begun. */
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { Dataset, Network } from '../../dist/index.js';

const { threads = 1, exitAfter } = isMainThread ? JSON.parse(process.argv[2] ?? '{}') : workerData;
const rows = 2000;
const columns = 64;
const inputs = Uint8Array.from({ length: rows * columns }, (_, i) => (i * 2654435761) >>> 24);
const labels = Int32Array.from({ length: rows }, (_, i) => i % 10);
const data = Dataset.from({ inputs, columns, labels });
const network = new Network({ layers: [columns, 256, 10], density: [0.5, 1] });
const training = network.fit(data, { epochs: 1_000_000, threads });
parentPort?.postMessage('training');
if (exitAfter !== undefined) setTimeout(() => process.exit(7), exitAfter);
await training;
