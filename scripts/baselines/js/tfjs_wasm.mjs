// TensorFlow.js on its WebAssembly backend (SIMD, and threads where the runtime has them), dense 784-H-10, plain SGD.
//
// Modes: eager = optimizer.minimize with automatic gradients, what most people write; eager-manual = gradients written by hand with
// fused operators. Shuffled rows are put into tensors 512 at a time; that is part of the measured time.

import { createRequire } from 'node:module';
import { batches, Document, isMain, load, loadMnist, networks, options, random, samples, searchTimeToAccuracy, speed } from './common.mjs';

const asked = await load('@tensorflow/tfjs');
const tf = asked.default ?? asked;
await load('@tensorflow/tfjs-backend-wasm');
const wasm = createRequire(import.meta.url)('@tensorflow/tfjs-backend-wasm');

export class Network {
  constructor(data, hidden, batch, manual) {
    Object.assign(this, { data, hidden, batch, manual });
    this.rows = Math.max(batch, Math.floor(512 / batch) * batch); // samples put into tensors at a time
    this.x = new Float32Array(this.rows * 784);
    this.y = new Float32Array(this.rows * 10);
  }

  start(seed) {
    this.stop();
    const variable = (shape, deviation) => tf.tidy(() => tf.variable(tf.randomNormal(shape, 0, deviation, 'float32', seed)));
    this.w1 = variable([784, this.hidden], Math.sqrt(2 / 784));
    this.w2 = variable([this.hidden, 10], Math.sqrt(1 / this.hidden));
    this.b1 = tf.variable(tf.zeros([this.hidden]));
    this.b2 = tf.variable(tf.zeros([10]));
    this.optimizer = tf.train.sgd(0.1);
  }

  stop() {
    for (const name of ['w1', 'w2', 'b1', 'b2']) this[name]?.dispose();
  }

  scores(x) {
    const h = tf.fused.matMul({ a: x, b: this.w1, bias: this.b1, activation: 'relu' });
    return [h, tf.fused.matMul({ a: h, b: this.w2, bias: this.b2 })];
  }

  step(x, y, rate) {
    if (!this.manual) {
      this.optimizer.setLearningRate(rate);
      this.optimizer.minimize(() => {
        const h = x.matMul(this.w1).add(this.b1).relu();
        return tf.losses.softmaxCrossEntropy(y, h.matMul(this.w2).add(this.b2));
      });
      return;
    }
    const [h, z] = this.scores(x);
    const dz = tf.softmax(z).sub(y).mul(rate / this.batch);
    const dh = tf.matMul(dz, this.w2, false, true).mul(h.step());
    this.w2.assign(this.w2.sub(tf.matMul(h, dz, true, false)));
    this.b2.assign(this.b2.sub(dz.sum(0)));
    this.w1.assign(this.w1.sub(tf.matMul(x, dh, true, false)));
    this.b1.assign(this.b1.sub(dh.sum(0)));
  }

  train(order, rateAt) {
    const { images, labels } = this.data.train;
    const { batch } = this;
    for (let first = 0; first + batch <= order.length; first += this.rows) {
      const count = Math.min(this.rows, Math.floor((order.length - first) / batch) * batch);
      this.y.fill(0);
      for (let n = 0; n < count; ++n) {
        const sample = order[first + n];
        this.x.set(images.subarray(784 * sample, 784 * (sample + 1)), 784 * n);
        this.y[10 * n + labels[sample]] = 1;
      }
      tf.tidy(() => {
        const x = tf.tensor2d(this.x.slice(0, 784 * count), [count, 784]);
        const y = tf.tensor2d(this.y.slice(0, 10 * count), [count, 10]);
        for (let at = 0; at < count; at += batch) {
          tf.tidy(() => {
            if (count === batch) this.step(x, y, rateAt(first));
            else this.step(x.slice([at, 0], [batch, 784]), y.slice([at, 0], [batch, 10]), rateAt(first + at));
          });
        }
      });
    }
    this.b2.dataSync(); // the backend computes at once, but say so
  }

  accuracy() {
    const { images, labels } = this.data.test;
    return tf.tidy(() => {
      const found = this.scores(tf.tensor2d(images, [labels.length, 784]))[1].argMax(1).dataSync();
      return found.filter((label, n) => label === labels[n]).length / labels.length;
    });
  }
}

export const versions = { tfjs: tf.version.tfjs };

export async function prepare() {
  await tf.setBackend('wasm');
  await tf.ready();
}

async function main() {
  const given = options();
  if (given.threads) wasm.setThreadsCount(given.threads);
  await prepare();
  const threaded = await tf.env().getAsync('WASM_HAS_MULTITHREAD_SUPPORT');
  const threads = threaded ? wasm.getThreadsCount() : 1;
  const document = new Document('tfjs-wasm', given, {
    tfjs: tf.version.tfjs,
    simd: Boolean(await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT')),
    threads: threaded,
  });
  document.note('Time to accuracy counts training alone; accuracy on the test set is looked at every quarter epoch.');
  if (!threaded) document.note('The backend found no threads in this runtime and ran on one.');
  const data = loadMnist(given.data);
  const uniform = random(5);
  const order = Int32Array.from({ length: samples }, () => Math.floor(uniform() * samples));
  for (const hidden of given.quick ? [128] : networks) {
    const common = { layers: [784, hidden, 10], dense: true, threads, precision: 'fp32' };
    for (const batch of given.batch ?? (given.quick ? [1, 64] : batches)) {
      for (const manual of [false, true]) {
        const network = new Network(data, hidden, batch, manual);
        network.start(1);
        const per = Math.max(1, Math.floor(network.rows / batch)); // steps per filled buffer: measured in whole buffers
        const train = (buffers) => {
          for (let n = 0; n < buffers; ++n) network.train(order.subarray((n % 10) * network.rows, ((n % 10) + 1) * network.rows), () => 0.02);
        };
        const measured = speed(train, network.rows, given);
        measured.steps *= per;
        measured.microsecondsPerStep = Number((measured.microsecondsPerStep / per).toPrecision(4));
        const mode = manual ? 'eager-manual' : 'eager';
        document.row({ measure: 'samples-per-second', mode, ...common, batch, ...measured });
        network.stop();
      }
    }
    for (const batch of given.quick ? [1024] : [1, 1024, 10_000]) {
      const network = new Network(data, hidden, batch, true);
      network.start(1);
      const x = tf.tensor2d(data.test.images.slice(0, 784 * batch), [batch, 784]);
      const predict = (steps) => {
        for (let n = 0; n < steps; ++n) tf.tidy(() => network.scores(x)[1].argMax(1).dataSync());
      };
      document.row({ measure: 'predict', mode: 'eager-manual', ...common, batch, ...speed(predict, batch, given) });
      x.dispose();
      network.stop();
    }
    const trainers = [64, 128, 32].map((batch) => ({ batch, scale: Math.sqrt(batch / 64), trainer: new Network(data, hidden, batch, true) }));
    searchTimeToAccuracy(document, { mode: 'eager-manual', ...common }, trainers, [0.6, 0.9], [1.5, 2, null], 180);
  }
  document.finish();
}

if (isMain(import.meta.url)) await main();
