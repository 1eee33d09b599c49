/**
 * Networks of all kinds with inputs to try them on, for checking exports against predict(): trained ones of MNIST with all
 * 10,000 test images, and small ones whose parameters reach the limits of their formats, with inputs beyond them.
 *
 * Functions take the package's API, so that both its sources and its build can be checked.
 */

/** Random numbers from 0 to below 1, the same on every machine. */
export function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** MNIST networks; inputs are its 10,000 test images. The log gets a run of each. */
export async function mnistCases({ Network, loadDataset, padDataset }, log) {
  const wanted = {
    'mnist-wide': { layers: [784, 512, 10], density: [0.0973, 0.5] },
    'mnist-8-bit': { layers: [784, 128, 10], density: [0.1, 1], arithmetic: { kind: 'wide', weightBits: 8 } },
    'mnist-float': { layers: [784, 128, 10], density: [0.1, 1], arithmetic: { kind: 'float' } },
    'mnist-hardware': {
      layers: [1024, 64, 16],
      fanOut: [8, 8],
      pattern: 'SS',
      arithmetic: { kind: 'hardware', width: 12, integerBits: 3 },
    },
  };
  const data = await loadDataset('mnist');
  const cases = [];
  for (const [name, options] of Object.entries(wanted)) {
    const [train, test] = [data.train, data.test].map((part) =>
      options.layers[0] === 784 ? part : padDataset(part, options.layers[0]),
    );
    const network = new Network({ ...options, seed: 1 });
    await network.fit(train, { epochs: name === 'mnist-wide' ? 2 : 1, log });
    cases.push({ name, network, input: 'uint8', inputs: test.inputs.data, rows: test.rows });
  }
  cases[0].log = log;
  return cases;
}

const wide = (weightBits, weightFraction) => ({ kind: 'wide', weightBits, weightFraction });
const hardware = (width, integerBits, more = {}) => ({ kind: 'hardware', width, integerBits, ...more });

/**
 * The options of the small networks, the kind of inputs that they learn from and read, and the size of their
 * weights.
 */
const SMALL = {
  'softmax-bytes': [{ layers: [40, 24, 7], density: [0.4, 1] }, 'uint8', 0.02],
  'softmax-clipped': [{ layers: [40, 24, 7] }, 'int16', 1],
  'softmax-deep': [{ layers: [9, 20, 33, 12, 5], activation: ['relu', 'tanh', 'sigmoid'] }, 'float32', 0.1],
  'softmax-no-fraction': [{ layers: [6, 8, 3], arithmetic: wide(16, 0) }, 'float64', 0.2],
  'softmax-fraction-2': [{ layers: [6, 8, 40], arithmetic: wide(6, 2), activation: 'tanh' }, 'int16', 1],
  'softmax-many': [{ layers: [5, 300], arithmetic: wide(8, 6) }, 'float32', 0.3],
  labels: [{ layers: [12, 20, 6], output: 'sigmoid', density: 0.5, pattern: 'random' }, 'float32', 0.1],
  'yes-or-no': [{ layers: [12, 20, 1], output: 'sigmoid', activation: 'sigmoid' }, 'float64', 0.1],
  values: [{ layers: [10, 16, 3], output: 'linear', activation: 'tanh' }, 'float32', 0.05],
  'values-bytes': [{ layers: [10, 16, 2], output: 'linear', arithmetic: wide(4, 3) }, 'uint8', 1],
  'scaled-bytes': [{ layers: [10, 16, 4], scaling: 'standard' }, 'uint8', 0.1],
  'hardware-16': [
    { layers: [32, 16, 8], fanOut: 4, arithmetic: hardware(16, 4), pattern: 'clash-free-2' },
    'int16',
    1,
  ],
  'hardware-8-relu': [
    { layers: [32, 16, 8], density: 0.5, arithmetic: hardware(8, 2, { tableFloor: 1 }), activation: 'relu' },
    'uint8',
    1,
  ],
  'hardware-4': [
    {
      layers: [12, 10, 1],
      output: 'sigmoid',
      pattern: 'random',
      density: 0.4,
      arithmetic: hardware(4, 1, { outputActivation: 'relu' }),
    },
    'float32',
    1,
  ],
  'hardware-32': [{ layers: [20, 12, 5], arithmetic: hardware(32, 10) }, 'float64', 1],
  'float-values': [{ layers: [10, 16, 3], output: 'linear', arithmetic: { kind: 'float' } }, 'float32', 0.2],
  'float-labels': [
    {
      layers: [10, 16, 8, 4],
      output: 'sigmoid',
      activation: ['tanh', 'sigmoid'],
      arithmetic: { kind: 'float' },
    },
    'int16',
    0.2,
  ],
};

/** The names of {@link smallCases}, in its order. */
export const SMALL_NAMES = Object.keys(SMALL);

/** Small networks of every arithmetic, output and input, with parameters up to the limits of their formats. */
export async function smallCases({ Network, Dataset }, rows = 300) {
  const cases = [];
  for (const [name, [options, input, spread]] of Object.entries(SMALL)) {
    const random = generator(cases.length + 1);
    const network = new Network({ ...options, seed: 1 });
    const [columns, outputs] = [options.layers[0], options.layers.at(-1)];
    const inputs = randomInputs(input, rows * columns, random);
    await network.fit(examples(Dataset, network.output, { inputs, columns, rows, outputs }, random), {
      epochs: 1,
    });
    for (let j = 0; j + 1 < options.layers.length; j++) spreadParameters(network, j, spread, random);
    cases.push({ name, network, input, inputs, rows });
  }
  return cases;
}

function randomInputs(type, length, random) {
  const value = {
    uint8: () => (random() < 0.2 ? 255 : random() * 256),
    int16: () => (random() < 0.1 ? 32767 : (random() - 0.5) * 6000),
    float32: () => (random() - 0.5) * 40,
    float64: () => (random() - 0.5) * 40,
  }[type];
  const array = { uint8: Uint8Array, int16: Int16Array, float32: Float32Array, float64: Float64Array }[type];
  return array.from({ length }, value);
}

function examples(Dataset, output, { inputs, columns, rows, outputs }, random) {
  const names = Array.from({ length: outputs }, (_, i) => `output ${i}`);
  if (output === 'softmax') {
    const labels = Int32Array.from({ length: rows }, () => Math.floor(random() * outputs));
    return Dataset.from({ inputs, columns, labels, classes: names });
  }
  const numbers = Array.from({ length: rows * outputs }, () => random());
  return output === 'sigmoid'
    ? Dataset.from({ inputs, columns, multilabel: numbers.map(Math.round), targetNames: names })
    : Dataset.from({ inputs, columns, values: numbers.map((x) => x * 300 - 50), targetNames: names });
}

/**
 * Gives a junction random weights and biases: up to `spread` times the limits of their formats, some exactly
 * at a limit.
 */
function spreadParameters(network, j, spread, random) {
  const { arithmetic } = network;
  const [weightLimit, biasLimit] =
    arithmetic.kind === 'float'
      ? [5, 5]
      : arithmetic.kind === 'wide'
        ? [2 ** (arithmetic.weightBits - 1), 2 ** (arithmetic.weightBits + 9)]
        : [2 ** (arithmetic.width - 1), 2 ** (arithmetic.width - 1)];
  const number = (limit) => {
    const x = (2 * random() - 1) * limit * spread;
    if (arithmetic.kind === 'float') return x;
    return random() < 0.02 ? (x < 0 ? -limit : limit - 1) : Math.trunc(x);
  };
  const junction = network.junction(j);
  junction.setWeights(junction.weights().map(() => number(weightLimit)));
  junction.setBiases(junction.biases().map(() => number(biasLimit)));
}
