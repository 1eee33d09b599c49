// Shared by the JavaScript baselines: the command line, MNIST, timing, the search for time to accuracy and
// the result document (described in ../README.md). ../common.py is the counterpart in Python.

import { readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';

const repository = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');

export const networks = [100, 128, 256, 512];
export const batches = [1, 8, 32, 64, 128, 256, 512, 1024, 4096];
export const targetAccuracy = 0.97;
export const samples = 60_000;

/**
 * Whether the module with this URL is the program that was started, rather than imported by a worker of
 * `sparse-train bench`.
 */
export const isMain = (url) => process.argv[1] !== undefined && path.resolve(process.argv[1]) === fileURLToPath(url);

function parsed(known) {
  try {
    return parseArgs({ options: known }).values;
  } catch (error) {
    console.error(error.message);
    process.exit(2);
  }
}

/** The command line of every baseline. */
export function options() {
  const values = parsed({
    output: { type: 'string' },
    quick: { type: 'boolean', default: false },
    threads: { type: 'string' },
    batch: { type: 'string' },
    data: { type: 'string', default: path.join(repository, 'datasets/mnist') },
    deadline: { type: 'string', default: '3600' },
  });
  return {
    ...values,
    threads: values.threads ? Number(values.threads) : undefined,
    batch: values.batch ? values.batch.split(',').map(Number) : undefined,
    deadline: performance.now() + 1000 * Number(values.deadline),
  };
}

/**
 * Loads an optional package, from the folder SPARSE_TRAIN_BENCH_MODULES if that is set. Ends with status 3, which means "missing", and a line
 * that says how to install it.
 */
export async function load(name) {
  const folder = process.env.SPARSE_TRAIN_BENCH_MODULES;
  try {
    if (folder === undefined || path.resolve(folder) === path.dirname(fileURLToPath(import.meta.url))) return await import(name);
    // Node resolves packages from the folder of the importing module, so one must exist in this folder.
    const importer = path.join(folder, 'import.mjs');
    writeFileSync(importer, 'export default (name) => import(name);\n');
    return await (await import(pathToFileURL(importer).href)).default(name);
  } catch (error) {
    console.error(`${name} is not installed (${error.code ?? error.message}); install it with: npm ci --ignore-scripts --prefix scripts/baselines/js`);
    process.exit(3);
  }
}

/** {images: Float32Array [n * 784] of 0..1, labels: Uint8Array} for each of train and test. */
export function loadMnist(folder) {
  const read = (name, header) => new Uint8Array(gunzipSync(readFileSync(path.join(folder, name)))).subarray(header);
  const part = (prefix) => ({
    images: Float32Array.from(read(`${prefix}-images-idx3-ubyte.gz`, 16), (pixel) => pixel / 255),
    labels: read(`${prefix}-labels-idx1-ubyte.gz`, 8),
  });
  return { train: part('train'), test: part('t10k') };
}

/** Uniform numbers of 0..1, repeatable: a 32-bit xorshift. */
export function random(seed) {
  let state = (seed * 2654435761) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

export function shuffled(count, uniform) {
  const order = Int32Array.from({ length: count }, (_, index) => index);
  for (let i = count - 1; i > 0; --i) {
    const j = Math.floor(uniform() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
};
const significant = (value) => Number(value.toPrecision(4));

export class Document {
  constructor(baseline, options, versions) {
    this.options = options;
    this.document = {
      format: 'sparse-train-baseline',
      version: 1,
      baseline,
      takenAt: new Date().toISOString(),
      machine: {
        cpu: os.cpus()[0]?.model ?? 'unknown',
        cores: os.availableParallelism(),
        architecture: os.arch() === 'x64' ? 'x86_64' : os.arch(),
        memoryGiB: Math.round(os.totalmem() / 2 ** 30),
        os: `${os.type()} ${os.arch()}`,
      },
      versions: { node: process.versions.node, v8: process.versions.v8, ...versions },
      rows: [],
      notes: [],
    };
  }

  row(fields) {
    this.document.rows.push(fields);
    const rate = fields.samplesPerSecond ? `${fields.samplesPerSecond} samples/s` : `${fields.seconds} s, ${fields.epochs} epochs`;
    console.error(`${fields.measure} ${fields.mode} ${fields.layers.join('-')} batch ${fields.batch}: ${rate}`);
    this.write();
  }

  note(text) {
    this.document.notes.push(text);
  }

  write() {
    if (this.options.output) writeFileSync(this.options.output, `${JSON.stringify(this.document, null, 1)}\n`);
  }

  finish() {
    this.write();
    if (!this.options.output) console.log(JSON.stringify(this.document, null, 1));
  }
}

/**
 * Times `run(steps)` after a warm-up, with a number of steps such that one repeat lasts about `seconds`;
 * returns a row's speed fields.
 */
export function speed(run, batch, { quick }) {
  const [seconds, repeats] = quick ? [0.05, 3] : [0.4, 7];
  const time = (steps) => {
    const start = performance.now();
    run(steps);
    return (performance.now() - start) / 1000;
  };
  let steps = 2;
  while (time(steps) < seconds) steps *= 2; // doubling also gives the compiler its warm-up
  const timings = Array.from({ length: repeats }, () => time(steps));
  const rates = timings.map((elapsed) => (steps * batch) / elapsed);
  return {
    samplesPerSecond: significant(median(rates)),
    samplesPerSecondMin: significant(Math.min(...rates)),
    samplesPerSecondMax: significant(Math.max(...rates)),
    microsecondsPerStep: significant((1e6 * median(timings)) / steps),
    steps,
    repeats,
  };
}

/**
 * Trains until the target is reached, checked every quarter of an epoch; only training is timed. `trainer`
 * has start(seed), train(order, rateAt) and accuracy(); the rate falls linearly to zero over `decay` epochs,
 * or is constant. Gives up after `mostQuarters`, or at the time `stop`.
 */
export function timeToAccuracy(trainer, { rate, decay }, seed, mostQuarters, stop = Number.POSITIVE_INFINITY) {
  const uniform = random(seed + 1000);
  trainer.start(seed);
  let seconds = 0;
  let accuracy = 0;
  let order;
  let quarter = 0;
  while (quarter < mostQuarters && !(decay && quarter >= 4 * decay) && performance.now() < stop) {
    const start = performance.now();
    if (quarter % 4 === 0) order = shuffled(samples, uniform);
    const first = (quarter % 4) * (samples / 4);
    const done = (quarter * samples) / 4;
    trainer.train(order.subarray(first, first + samples / 4), (i) => (decay ? rate * Math.max(0, 1 - (done + i) / (decay * samples)) : rate));
    seconds += (performance.now() - start) / 1000;
    quarter += 1;
    accuracy = trainer.accuracy();
    if (accuracy >= targetAccuracy) return { reached: true, seconds, epochs: quarter / 4, accuracy };
  }
  return { reached: false, seconds, epochs: quarter / 4, accuracy };
}

/** Searches a grid of {rate, decay} for each trainer in `trainers` ({batch, trainer}), confirms the best with fresh seeds, adds the row. */
export function searchTimeToAccuracy(document, fields, trainers, rates, decays, budgetSeconds) {
  const { quick, deadline } = document.options;
  const stop = Math.min(deadline, performance.now() + 1000 * (quick ? 10 : budgetSeconds));
  const found = [];
  let best = Number.POSITIVE_INFINITY;
  let closest = 0;
  for (const { batch, trainer, scale = 1 } of trainers) {
    let perQuarter = 0;
    for (const decay of decays) {
      for (const base of rates) {
        const most = best === Number.POSITIVE_INFINITY ? 40 : Math.floor((1.3 * best) / perQuarter);
        if (performance.now() > stop || most < 1) continue;
        const config = { rate: base * scale, decay };
        const result = timeToAccuracy(trainer, config, 1, most, stop);
        perQuarter = result.seconds / (4 * result.epochs);
        closest = Math.max(closest, result.accuracy);
        if (!result.reached) continue;
        best = Math.min(best, result.seconds);
        found.push({ batch, trainer, config, seconds: result.seconds });
      }
    }
  }
  if (found.length === 0) {
    document.note(`${fields.mode} ${fields.layers.join('-')}: ${targetAccuracy} was not reached in the time given; best ${closest}`);
    return;
  }
  found.sort((a, b) => a.seconds - b.seconds);
  const seeds = quick ? [11] : [11, 12, 13, 14, 15];
  const results = found.slice(0, quick ? 1 : 2).map((candidate) => {
    const runs = seeds.map((seed) => timeToAccuracy(candidate.trainer, candidate.config, seed, 40, deadline));
    return { ...candidate, runs, seconds: median(runs.map((run) => (run.reached ? run.seconds : Number.MAX_VALUE))) };
  });
  results.sort((a, b) => a.seconds - b.seconds);
  const { batch, config, runs, seconds } = results[0];
  const good = runs.filter((run) => run.reached);
  if (2 * good.length <= runs.length) {
    document.note(`${fields.mode} ${fields.layers.join('-')}: most fresh seeds missed ${targetAccuracy}`);
    return;
  }
  document.row({
    measure: 'time-to-accuracy',
    ...fields,
    batch,
    learningRate: significant(config.rate),
    ...(config.decay && { decayEpochs: config.decay }),
    targetAccuracy,
    seconds: significant(seconds),
    secondsMin: significant(Math.min(...good.map((run) => run.seconds))),
    secondsMax: significant(Math.max(...good.map((run) => run.seconds))),
    epochs: median(good.map((run) => run.epochs)),
    accuracy: median(good.map((run) => run.accuracy)),
    repeats: runs.length,
    reached: good.length,
  });
}
