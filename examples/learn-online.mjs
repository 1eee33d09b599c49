/**
 * Learns from a stream, one example at a time, in the process that serves: each example is predicted first, then
 * learned from. Half-way the world changes; the network follows without being told.
 *
 *     node examples/learn-online.mjs
 */
import { Network } from 'sparse-train';
import { random } from './data/random.mjs';

const SENSORS = 32;
const STATES = ['idle', 'load', 'overheating', 'broken'];
const EXAMPLES = 40_000;
const REPORT = 4_000;

/** What the sensors show in each state: `typical[state][sensor]`, 0 to 255. */
const makeTypical = () => STATES.map(() => Uint8Array.from({ length: SENSORS }, () => 64 + 128 * random()));

/** An endless stream: sensor readings as bytes, with much noise, and the state of the machine. */
function* readings() {
  let typical = makeTypical();
  for (let i = 0; ; i++) {
    if (i === EXAMPLES / 2) typical = makeTypical(); // new sensors have been fitted
    const label = Math.floor(STATES.length * random());
    const noise = () => 160 * (random() - 0.5);
    yield {
      input: Uint8Array.from(typical[label] ?? [], (x) => Math.max(0, Math.min(255, x + noise()))),
      label,
    };
  }
}

const network = new Network({
  layers: [SENSORS, 64, STATES.length],
  density: [0.5, 1],
  scaling: 'none', // bytes are read as x / 256
  classes: STATES,
  learningRate: 0.02,
});

console.log(`${STATES.length} states from ${SENSORS} noisy sensors; ${network.kernelSet}`);
console.log('   examples   right of the last 4,000   predict and learn');
let seen = 0;
let right = 0;
let nanoseconds = 0n;
for (const { input, label } of readings()) {
  const begun = process.hrtime.bigint();
  const decided = network.classify(input);
  network.learn(input, label);
  nanoseconds += process.hrtime.bigint() - begun;
  seen++;
  if (decided === label) right++;
  if (seen % REPORT > 0) continue;
  const share = ((100 * right) / REPORT).toFixed(1).padStart(5);
  const each = (Number(nanoseconds) / 1000 / REPORT).toFixed(1);
  console.log(`${seen.toLocaleString('en-US').padStart(11)}   ${share} %                   ${each} µs each`);
  if (seen === EXAMPLES / 2) console.log('            -- the sensors are replaced --');
  right = 0;
  nanoseconds = 0n;
  if (seen === EXAMPLES) break;
}

const { weightsAtLimit } = network.inspect().junctions[0] ?? {};
console.log(
  `\n${network.inspect().inputsPresented.toLocaleString('en-US')} examples learned, ${weightsAtLimit} weights at their limit`,
);
