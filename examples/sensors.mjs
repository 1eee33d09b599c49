/**
 * Predicts a machine's temperature from its sensors, row by row. At row 10,000 a sensor is exchanged for one of another
 * kind, and one falls out: the learner marks the change and follows it, without being told.
 *
 *     node examples/sensors.mjs
 */
import { Learner } from 'sparse-train';
import { random } from './data/random.mjs';

const ROWS = 20_000;
const CHANGE = 10_000;
const REPORT = 1_000;

const noise = () => random() + random() + random() - 1.5;

/** What the sensors show in a second, and the temperature that is measured a little later. */
function reading(/** @type {number} */ i) {
  const load = 0.5 + 0.4 * Math.sin(i / 40) + 0.2 * noise();
  const outside = 15 + 10 * Math.sin(i / 700) + noise();
  const fan = load > 0.7 ? 'fast' : 'slow';
  const temperature = outside + 60 * load * load - (fan === 'fast' ? 12 : 0) + noise();
  const isChanged = i > CHANGE;
  /** @type {Record<string, string | number>} */
  const row = { current: isChanged ? 900 - 700 * load : 4 + 12 * load, outside, fan };
  if (!isChanged) row.vibration = 30 * load + noise();
  return { row, temperature };
}

const learner = new Learner({ target: 'number', window: REPORT, onDrift: 'faster' });
/** @type {number[]} */
const curve = [];
for (let i = 1; i <= ROWS; i++) {
  const { row, temperature } = reading(i);
  learner.learn(row, temperature);
  if (i % REPORT === 0) {
    const { r2, rmse } = learner.metrics().window;
    curve.push(r2);
    console.log(
      `${String(i).padStart(6)} rows  R² of the latest ${REPORT}: ${r2.toFixed(3)}, off by ${rmse.toFixed(1)} °C`,
    );
  }
}
const [drifts = []] = learner.inspect().drifts;
console.log(`changes marked at: ${drifts.map(({ row }) => row).join(', ')}`);

const score = (/** @type {number} */ window) => curve.at(window) ?? Number.NaN;
const before = score(CHANGE / REPORT - 1);
const during = score(CHANGE / REPORT);
if (!drifts.some(({ row }) => row > CHANGE && row <= CHANGE + 500))
  throw new Error('the change should be marked');
if (!(during < before - 0.05)) throw new Error('the change should be visible in the scores');
if (!(score(-1) > 0.95)) throw new Error('the learner should have followed the change');
