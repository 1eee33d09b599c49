// The worker of `sparse-train bench` for what runs in JavaScript; README.md beside this file says what it is asked.
//
//   node javascript.mjs plain-js | brain.js | tfjs-wasm
//
// Measures what the script of that name in ../js measures, with its network, but one thing at a time, when it is asked to.

import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { loadMnist, random, samples } from '../js/common.mjs';

const SCRIPTS = { 'plain-js': 'plain_js.mjs', 'brain.js': 'brainjs.mjs', 'tfjs-wasm': 'tfjs_wasm.mjs' };
const WARM_UP = 0.2; // seconds

const kind = process.argv[2];
const { Network, prepare, versions = {} } = await import(`../js/${SCRIPTS[kind]}`);
await prepare?.();
const data = loadMnist(path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../../datasets/mnist'));
const uniform = random(5);
const order = Int32Array.from({ length: samples }, () => Math.floor(uniform() * samples));
const networks = new Map();

/** Calls `work(count)`, which handles this number of samples, until the time is over. */
function run(work, smallest, seconds) {
  const start = performance.now();
  let count = smallest;
  for (let done = 0; ; ) {
    work(count);
    done += count;
    const elapsed = (performance.now() - start) / 1000;
    if (elapsed >= seconds) return { samplesPerSecond: done / elapsed };
    if (elapsed < seconds / 50 && 2 * count <= samples) count *= 2;
  }
}

function train({ layers, batch, mode, seconds }) {
  const key = [layers, batch, mode].join(' ');
  const existing = networks.get(key);
  const network = existing ?? new Network(data, layers[1], batch, mode === 'eager-manual');
  const smallest = network.rows ?? batch;
  const work = (count) => network.train(order.subarray(0, count), () => 0.01);
  if (existing === undefined) {
    networks.set(key, network);
    network.start(1);
    run(work, smallest, WARM_UP);
  }
  return run(work, smallest, seconds);
}

const send = (reply) => process.stdout.write(`${JSON.stringify(reply)}\n`);
send({ ready: true, versions: { node: process.versions.node, ...versions } });
for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  try {
    if (request.measure !== 'train') throw new Error(`${kind} is not asked for ${request.measure}`);
    send(train(request));
  } catch (error) {
    send({ error: error.message });
  }
}
