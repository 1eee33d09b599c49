// Online training of a dense 784-H-10 network in plain JavaScript, as short as possible with one idea: the
// weights of one pixel are adjacent, so a pixel that is zero (four of five are) costs nothing in either
// direction.

import { Document, isMain, loadMnist, networks, options, random, samples, searchTimeToAccuracy, speed } from './common.mjs';

export class Network {
  constructor(data, hidden) {
    Object.assign(this, { data, hidden, active: new Int32Array(784) });
    this.h = new Float32Array(hidden);
    this.dh = new Float32Array(hidden);
    this.z = new Float64Array(10);
  }

  start(seed) {
    const uniform = random(seed);
    const normal = () => Math.sqrt(-2 * Math.log(uniform() + 1e-12)) * Math.cos(2 * Math.PI * uniform());
    this.w1 = Float32Array.from({ length: 784 * this.hidden }, () => normal() * Math.sqrt(2 / 784));
    this.b1 = new Float32Array(this.hidden);
    this.w2 = Float32Array.from({ length: 10 * this.hidden }, () => normal() / Math.sqrt(this.hidden));
    this.b2 = new Float32Array(10);
  }

  /**
   * Class scores of the image at `offset`; returns the number of nonzero pixels, which `active` then lists.
   */
  forward(x, offset) {
    const { w1, b1, w2, b2, h, z, active, hidden } = this;
    let count = 0;
    h.set(b1);
    for (let i = 0; i < 784; ++i) {
      const pixel = x[offset + i];
      if (pixel === 0) continue;
      active[count++] = i;
      for (let j = 0, at = i * hidden; j < hidden; ++j, ++at) h[j] += pixel * w1[at];
    }
    for (let j = 0; j < hidden; ++j) if (h[j] < 0) h[j] = 0;
    for (let k = 0; k < 10; ++k) {
      let sum = b2[k];
      for (let j = 0, at = k * hidden; j < hidden; ++j, ++at) sum += w2[at] * h[j];
      z[k] = sum;
    }
    return count;
  }

  train(order, rateAt) {
    const { w1, b1, w2, b2, h, dh, z, active, hidden } = this;
    const { images, labels } = this.data.train;
    for (let n = 0; n < order.length; ++n) {
      const rate = rateAt(n);
      const offset = order[n] * 784;
      const count = this.forward(images, offset);
      let total = 0;
      for (let k = 0; k < 10; ++k) total += z[k] = Math.exp(z[k]);
      dh.fill(0);
      for (let k = 0; k < 10; ++k) {
        const d = rate * (z[k] / total - (labels[order[n]] === k ? 1 : 0));
        b2[k] -= d;
        for (let j = 0, at = k * hidden; j < hidden; ++j, ++at) {
          dh[j] += d * w2[at];
          w2[at] -= d * h[j];
        }
      }
      for (let j = 0; j < hidden; ++j) {
        if (h[j] <= 0) dh[j] = 0;
        b1[j] -= dh[j];
      }
      for (let a = 0; a < count; ++a) {
        const pixel = images[offset + active[a]];
        for (let j = 0, at = active[a] * hidden; j < hidden; ++j, ++at) w1[at] -= pixel * dh[j];
      }
    }
  }

  accuracy() {
    const { images, labels } = this.data.test;
    let right = 0;
    for (let n = 0; n < labels.length; ++n) {
      this.forward(images, 784 * n);
      if (this.z.indexOf(Math.max(...this.z)) === labels[n]) right += 1;
    }
    return right / labels.length;
  }
}

async function main() {
  const given = options();
  const document = new Document('plain-js', given, {});
  document.note('Time to accuracy counts training alone; accuracy on the test set is looked at every quarter epoch.');
  const data = loadMnist(given.data);
  for (const hidden of given.quick ? [128] : networks) {
    const fields = { mode: 'plain', layers: [784, hidden, 10], dense: true, threads: 1, precision: 'fp32' };
    const network = new Network(data, hidden);
    network.start(1);
    const uniform = random(5);
    const order = Int32Array.from({ length: samples }, () => Math.floor(uniform() * samples));
    const train = (steps) => {
      for (let done = 0; done < steps; done += samples) network.train(order.subarray(0, Math.min(samples, steps - done)), () => 0.02);
    };
    document.row({ measure: 'samples-per-second', ...fields, batch: 1, ...speed(train, 1, given) });
    const predict = (steps) => {
      for (let n = 0; n < steps; ++n) network.forward(data.test.images, 784 * (n % 10_000));
    };
    document.row({ measure: 'predict', ...fields, batch: 1, ...speed(predict, 1, given) });
    searchTimeToAccuracy(document, fields, [{ batch: 1, trainer: network }], [0.03, 0.02, 0.05], [1, 1.5, null], 180);
  }
  document.finish();
}

if (isMain(import.meta.url)) await main();
