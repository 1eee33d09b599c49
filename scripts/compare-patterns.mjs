// The comparison of connectivity patterns in docs/lab/kernels.md: accuracy and time per input of one network whose first
// junction has the same number of edges in rectangles of different shapes (left x right neurons, all edges within a
// rectangle), dealt evenly. `node scripts/compare-patterns.mjs [seeds] [epochs]` prints the table as Markdown; timings
// hold for an idle machine.
import { loadDataset, Network } from '../dist/index.js';

const seeds = Number(process.argv[2] ?? 5);
const epochs = Number(process.argv[3] ?? 2);
const layers = [784, 512, 10];
const edges = 34_816;
const shapes = [
  [1, 1],
  [1, 16],
  [1, 32],
  [2, 2],
  [2, 8],
  [2, 16],
  [4, 16],
  [8, 16],
];

const { train, test } = await loadDataset('mnist');
const rows = [];
for (const shape of shapes)
  rows.push(await measure(`${shape[0]} x ${shape[1]}`, (seed) => rectangles(shape, seed)));
rows.push(await measure('random', () => ({ kind: 'random', edges })));
rows.sort((a, b) => a.microseconds - b.microseconds);
console.log('| rectangles | edges | held as | µs per input | test accuracy, mean (least - most) |');
console.log('|---|---|---|---|---|');
for (const { name, edges: count, layout, microseconds, accuracies } of rows) {
  const mean = accuracies.reduce((sum, accuracy) => sum + accuracy, 0) / accuracies.length;
  const [least, most] = [Math.min(...accuracies), Math.max(...accuracies)];
  console.log(
    `| ${name} | ${count} | ${layout} | ${microseconds.toFixed(2)} | ` +
      `${(100 * mean).toFixed(2)} % (${(100 * least).toFixed(2)} - ${(100 * most).toFixed(2)}) |`,
  );
}

/** Trains one network per seed; the time is the least of all epochs. */
async function measure(name, patternOf) {
  const accuracies = [];
  let microseconds = Number.POSITIVE_INFINITY;
  let junction;
  for (let seed = 1; seed <= seeds; seed++) {
    const network = new Network({
      layers,
      pattern: [patternOf(seed), 'dense'],
      density: [edges / (784 * 512), 1],
      seed,
    });
    const run = await network.fit(train, { epochs, learningRate: { kind: 'cosine', rate: 0.05 }, seed });
    for (const epoch of run.epochs)
      microseconds = Math.min(microseconds, (1e6 * epoch.seconds) / epoch.examples);
    accuracies.push((await network.evaluate(test)).accuracy);
    [junction] = network.inspect().junctions;
  }
  return { name, edges: junction.edges, layout: junction.layout, microseconds, accuracies };
}

/**
 * Every block of right neurons reads the same number of groups of left neurons, taken from shuffled decks of
 * all groups.
 */
function rectangles([groupSize, blockSize], seed) {
  const groups = layers[0] / groupSize;
  const blocks = layers[1] / blockSize;
  const perBlock = Math.round(edges / layers[1] / groupSize);
  const random = generator(seed * 7919);
  const lefts = [];
  let deck = [];
  for (let block = 0; block < blocks; block++) {
    const hand = new Set();
    const passed = [];
    while (hand.size < perBlock) {
      if (deck.length === 0) deck = shuffled(groups, random);
      const group = deck.pop();
      if (hand.has(group)) passed.push(group);
      else hand.add(group);
    }
    deck.push(...passed);
    const row = [...hand].sort((a, b) => a - b).flatMap((group) => range(group * groupSize, groupSize));
    for (let right = 0; right < blockSize; right++) lefts.push(row);
  }
  const offsets = Float64Array.from({ length: layers[1] + 1 }, (_, right) => right * perBlock * groupSize);
  return { offsets, left: Uint32Array.from(lefts.flat()) };
}

function range(first, count) {
  return Array.from({ length: count }, (_, i) => first + i);
}

function shuffled(count, random) {
  const deck = range(0, count);
  for (let i = count - 1; i > 0; i--) {
    const other = Math.floor(random() * (i + 1));
    [deck[i], deck[other]] = [deck[other], deck[i]];
  }
  return deck;
}

/** Numbers in [0, 1) from a seed (xorshift, 32 bits). */
function generator(seed) {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
