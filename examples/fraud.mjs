/**
 * Scores payments as they come; whether one was fraud is known only 500 payments later. Each prediction has a ticket,
 * with which the truth is learned when it arrives. One payment in fifty is fraud.
 *
 *     node examples/fraud.mjs
 */
import { Learner } from 'sparse-train';
import { pick, random } from './data/random.mjs';

const PAYMENTS = 40_000;
const DELAY = 500;
const REPORT = 8_000;
/** Payments with at least this probability of fraud are checked by hand. */
const CHECKED = 0.2;

const SHOPS = Array.from({ length: 200 }, (_, i) => `shop-${i}`);
const COUNTRIES = ['NO', 'DE', 'FR', 'IT', 'ES'];

/** A payment and the truth: fraud comes from new cards at night, in one of five shops that thieves like, for much. */
function payment() {
  const isFraud = random() < 0.02;
  const careless = isFraud && random() < 0.85; // the others look like any payment
  const hour = careless ? Math.floor(random() * 6) : Math.floor(random() * 24);
  /** @type {Record<string, unknown>} */
  const row = {
    amount: Math.round(100 * Math.exp(2 + 2 * random() + (careless ? 1.5 : 0))) / 100,
    shop: careless ? pick(SHOPS.slice(0, 5)) : pick(SHOPS),
    card: { country: pick(COUNTRIES), days: Math.floor((careless ? 30 : 1500) * random()) },
    hour,
  };
  if (random() < 0.3) row.note = pick(['gift for you', 'monthly order', 'thank you']);
  return { row, isFraud };
}

const learner = new Learner({ target: 'class' });
const waiting = [];
let [frauds, checked, found] = [0, 0, 0];
console.log('payments  fraud  checked  of these fraud  fraud found');
for (let i = 1; i <= PAYMENTS; i++) {
  const { row, isFraud } = payment();
  const prediction = learner.predict(row);
  const isChecked = (prediction.probabilities.fraud ?? 0) >= CHECKED;
  frauds += isFraud ? 1 : 0;
  checked += isChecked ? 1 : 0;
  found += isChecked && isFraud ? 1 : 0;
  waiting.push({ ticket: prediction.ticket, truth: isFraud ? 'fraud' : 'good' });
  const known = waiting.length > DELAY ? waiting.shift() : undefined;
  if (known !== undefined) learner.learn(known.ticket, known.truth);
  if (i % REPORT === 0) {
    const share = (/** @type {number} */ part, /** @type {number} */ whole) =>
      `${((100 * part) / Math.max(1, whole)).toFixed(0)} %`;
    console.log(
      `${String(i).padStart(8)}  ${String(frauds).padStart(5)}  ${String(checked).padStart(7)}  ` +
        `${share(found, checked).padStart(14)}  ${share(found, frauds).padStart(11)}`,
    );
    if (i === PAYMENTS && (found / frauds < 0.7 || found / checked < 0.5)) {
      throw new Error('most of the fraud should be found, with few false alarms');
    }
    [frauds, checked, found] = [0, 0, 0];
  }
}
