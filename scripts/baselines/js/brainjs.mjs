// brain.js, online training of a dense 784-H-10 network: its NeuralNetwork on the CPU, its own loss (squared error) and training rule.
// Patterns go straight to trainPattern, as Float32Array, past the conversions of train(): the fastest way in.

import { readFileSync } from 'node:fs';
import { Document, isMain, load, loadMnist, networks, options, random, samples, searchTimeToAccuracy, speed } from './common.mjs';

const brain = await load('brain.js');
const { NeuralNetwork } = brain.default ?? brain;
const manifest = JSON.parse(readFileSync(new URL('./node_modules/brain.js/package.json', import.meta.url), 'utf8'));

export class Network {
  constructor(data, hidden) {
    this.hidden = hidden;
    this.data = data;
    this.targets = Array.from({ length: 10 }, (_, label) => Float32Array.from({ length: 10 }, (_, k) => (k === label ? 1 : 0)));
    this.inputs = Array.from({ length: samples }, (_, n) => data.train.images.subarray(784 * n, 784 * (n + 1)));
  }

  start() {
    // The library draws its initial weights with Math.random, so runs cannot be repeated exactly.
    this.network = new NeuralNetwork({ hiddenLayers: [this.hidden], activation: 'leaky-relu' });
    this.network.sizes = [784, this.hidden, 10];
    this.network.initialize();
    this.network.trainOpts = { learningRate: 0.01, momentum: 0 }; // its own check refuses momentum 0
  }

  train(order, rateAt) {
    const { network, inputs, targets, data } = this;
    for (let n = 0; n < order.length; ++n) {
      network.trainOpts.learningRate = rateAt(n);
      network.trainPattern({ input: inputs[order[n]], output: targets[data.train.labels[order[n]]] });
    }
  }

  accuracy() {
    const { images, labels } = this.data.test;
    let right = 0;
    for (let n = 0; n < labels.length; ++n) {
      const scores = this.network.runInput(images.subarray(784 * n, 784 * (n + 1)));
      if (scores.indexOf(Math.max(...scores)) === labels[n]) right += 1;
    }
    return right / labels.length;
  }
}

export const versions = { 'brain.js': manifest.version };

async function main() {
  const given = options();
  const document = new Document('brain.js', given, { 'brain.js': manifest.version });
  document.note('The library has squared error only, no softmax cross-entropy.');
  document.note('Time to accuracy counts training alone; accuracy on the test set is looked at every quarter epoch.');
  const data = loadMnist(given.data);
  for (const hidden of given.quick ? [128] : networks) {
    const fields = { mode: 'trainPattern', layers: [784, hidden, 10], dense: true, threads: 1, precision: 'fp32' };
    const network = new Network(data, hidden);
    network.start();
    const uniform = random(5);
    const order = Int32Array.from({ length: samples }, () => Math.floor(uniform() * samples));
    const train = (steps) => {
      for (let done = 0; done < steps; done += samples) network.train(order.subarray(0, Math.min(samples, steps - done)), () => 0.01);
    };
    document.row({ measure: 'samples-per-second', ...fields, batch: 1, ...speed(train, 1, given) });
    const predict = (steps) => {
      for (let n = 0; n < steps; ++n) network.network.runInput(network.inputs[n % 10_000]);
    };
    document.row({ measure: 'predict', ...fields, batch: 1, ...speed(predict, 1, given) });
    // An epoch takes most of a minute, so this trains one network at few rates.
    if (hidden === 100 && !given.quick) searchTimeToAccuracy(document, fields, [{ batch: 1, trainer: network }], [0.03, 0.05, 0.02], [null], 600);
  }
  document.finish();
}

if (isMain(import.meta.url)) await main();
