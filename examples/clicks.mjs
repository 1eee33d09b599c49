/**
 * Learns which advertisements are clicked, from rows with names as a web server has them: users, titles, hours, and
 * fields that are missing. New users and advertisements appear all the time; nothing is declared beforehand.
 *
 *     node examples/clicks.mjs
 */
import { Learner } from 'sparse-train';
import { pick, random } from './data/random.mjs';

const VIEWS = 40_000;
const REPORT = 8_000;

/** @type {Record<string, string[]>} */
const TOPICS = {
  garden: ['roses', 'spade', 'seeds', 'lawn'],
  music: ['guitar', 'concert', 'vinyl', 'piano'],
  travel: ['flight', 'hotel', 'beach', 'train'],
  tools: ['drill', 'saw', 'hammer', 'screws'],
};
const ADJECTIVES = ['new', 'cheap', 'best', 'last'];

/** Users mostly read about one topic, and click rarely or often; most of them come again. */
/** @type {{ id: string, likes: string, bias: number, device: string }[]} */
const users = [];
function visitor() {
  if (users.length < 30 || random() < 0.002) {
    const likes = pick(Object.keys(TOPICS));
    const bias = 3 * random() - 1.5;
    users.push({ id: `u${users.length}`, likes, bias, device: pick(['phone', 'desktop']) });
  }
  return pick(users);
}

/** A view: what the server knows of it, and how likely a click is. The learner never sees the likelihood. @param {number} i */
function view(i) {
  const user = visitor();
  const topic = pick(Object.keys(TOPICS));
  const position = 1 + Math.floor(random() * 5);
  const at = new Date(Date.UTC(2026, 0, 1) + i * 60_000);
  const isEvening = at.getUTCHours() >= 18;
  const section = random() < 0.8 ? user.likes : pick(Object.keys(TOPICS)); // what is being read
  const score = -2 + user.bias + (section === topic ? 2.5 : 0) - 0.4 * position + (isEvening ? 1 : 0);
  /** @type {Record<string, string | number | Date>} */
  const row = {
    user: user.id,
    section,
    title: `${pick(ADJECTIVES)} ${pick(TOPICS[topic] ?? [])} sale`,
    position,
    at,
  };
  if (random() < 0.7) row.device = user.device; // not always known
  return { row, likelihood: 1 / (1 + Math.exp(-score)) };
}

const learner = new Learner({ target: 'class', window: REPORT });
let clicks = 0;
let best = 0;
console.log('  views  clicked  log loss: learner      rate alone  best possible');
for (let i = 1; i <= VIEWS; i++) {
  const { row, likelihood } = view(i);
  const isClick = random() < likelihood;
  learner.learn(row, isClick ? 'click' : 'none');
  clicks += isClick ? 1 : 0;
  best -= Math.log(isClick ? likelihood : 1 - likelihood);
  if (i % REPORT === 0) {
    const rate = clicks / REPORT;
    const alone = -rate * Math.log(rate) - (1 - rate) * Math.log(1 - rate);
    const { logLoss } = learner.metrics().window;
    const numbers = [logLoss, alone, best / REPORT].map((number, k) => number.toFixed(3).padStart(16 - k));
    console.log(
      `${String(i).padStart(7)}  ${`${(100 * rate).toFixed(1)} %`.padStart(7)} ${numbers.join(' ')}`,
    );
    if (i === VIEWS && logLoss > (alone + best / REPORT) / 2) {
      throw new Error('the learner should have found more than half of what can be known');
    }
    clicks = 0;
    best = 0;
  }
}
