// @ts-nocheck: runs as it is, in a process of its own
/**
 * Kills a server under load and checks what is left, again and again:
 *
 *     node test/serve/kill-rounds.mjs ROUNDS [FOLDER] [SEED]
 *
 * In each round clients learn and predict, and snapshots are taken, until SIGKILL comes at a random moment; in every third
 * round the beginning of another record is then appended, as a power cut may leave it. FOLDER may be a small tmpfs that
 * fills. Then every acknowledged row must be in the journal, the server must come back to the digest that a learner
 * reaches which learns the journal's rows without any server, and no temporary file may be left.
 * Prints a JSON document: { rounds, acknowledged, full, torn, losses }.
 */
import { spawn } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const { Learner } = await import('../../dist/index.js');
const { DurableModel } = await import('../../dist/public/serve.js');
const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

const CLIENTS = 12;

/** Numbers from 0 to 1, determined by a seed. */
function randomNumbers(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Starts a server, and waits until it serves. */
async function startServer(file, fsync) {
  const words = [
    'serve',
    file,
    '--new',
    '--label',
    'class',
    '--port',
    '0',
    '--keep',
    '1000',
    '--fsync',
    fsync,
  ];
  const child = spawn(process.execPath, [program, ...words], { stdio: ['ignore', 'ignore', 'pipe'] });
  const exit = new Promise((resolve) => child.once('exit', (status, signal) => resolve({ status, signal })));
  let text = '';
  const serving = new Promise((resolve, reject) => {
    child.stderr.on('data', (part) => {
      text += part;
      const line = text.split('\n').find((one) => one.includes('"msg":"serving"'));
      if (line !== undefined) resolve(JSON.parse(line));
    });
    exit.then(() => reject(new Error(`the server ended: ${text}`)));
  });
  return { child, exit, ...(await serving) };
}

/** One client, until the server is gone. */
async function load(url, client, random, acknowledged, answers) {
  for (let i = 0; ; i++) {
    const id = `${client}-${i}`;
    const row = {
      id: i % 50,
      price: Math.round(random() * 1000) / 10,
      zone: `zone-${i % 7}`,
      note: `by ${client}`,
    };
    try {
      const learns = random() < 0.6;
      const answer = await fetch(`${url}/${random() < 0.02 ? 'snapshot' : learns ? 'learn' : 'predict'}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(
          learns ? { row: { ...row, mark: id }, target: row.price > 50 ? 'up' : 'down' } : { row },
        ),
      });
      const { status } = answer;
      answers[status] = (answers[status] ?? 0) + 1;
      await answer.text();
      if (answer.url.endsWith('/learn') && status === 200) acknowledged.add(id);
      if (status >= 500) await pause(20);
    } catch {
      return;
    }
  }
}

/** The lessons of a journal, without checking them. */
function lessonsOf(folder) {
  const names = readdirSync(folder).filter((name) => name.endsWith('.journal'));
  return names.sort().flatMap((name) => {
    const lines = readFileSync(join(folder, name), 'utf8').split('\n').slice(1, -1);
    return lines.map((line) => JSON.parse(line.slice(line.indexOf('{'))));
  });
}

/** One round; returns the faults. */
export async function killRound({ folder, seed, tears }) {
  const random = randomNumbers(seed);
  const home = mkdtempSync(join(folder, 'kill-'));
  const copies = mkdtempSync(join(tmpdir(), 'sparse-train-kill-'));
  const file = join(home, 'live.safetensors');
  // Removed after a crash on a full disk, to make room.
  const ballast = join(home, 'ballast');
  writeFileSync(ballast, Buffer.alloc(40_000));
  const acknowledged = new Set();
  const answers = {};
  const losses = [];
  try {
    const server = await startServer(file, random() < 0.5 ? 'always' : 'interval');
    const clients = Array.from({ length: CLIENTS }, (_, client) =>
      load(server.url, client, randomNumbers(seed * 100 + client), acknowledged, answers),
    );
    await pause(50 + random() * 700);
    server.child.kill('SIGKILL');
    await server.exit;
    await Promise.all(clients);
    rmSync(ballast, { force: true });
    const journal = `${file}.journal`;
    const lessons = lessonsOf(journal);
    const marks = new Set(lessons.map(({ row }) => row.mark));
    for (const id of acknowledged)
      if (!marks.has(id)) losses.push(`${id} was acknowledged and is not in the journal`);
    if (marks.size !== lessons.length) losses.push('a row is in the journal twice');
    const copy = join(copies, 'live.safetensors');
    cpSync(file, copy);
    cpSync(journal, `${copy}.journal`, { recursive: true });
    if (tears) {
      const last = readdirSync(`${copy}.journal`)
        .filter((name) => name.endsWith('.journal'))
        .sort()
        .at(-1);
      const record = `12345678 400 {"at":1,"row":{"x":"${'y'.repeat(360)}`;
      appendFileSync(
        join(`${copy}.journal`, last),
        record.slice(0, 1 + Math.floor(random() * record.length)),
      );
    }
    // Starts as the next process would, on a disk with room.
    const again = await startServer(copy, 'always');
    if (again.rows !== lessons.length) losses.push(`${again.rows} rows came back of ${lessons.length}`);
    again.child.kill('SIGTERM');
    const { status } = await again.exit;
    if (status !== 0) losses.push(`after SIGTERM the status was ${status}`);
    const learner = new Learner();
    for (const { row, target } of lessons) learner.learn(row, target);
    if ((await Learner.load(copy)).digest() !== learner.digest())
      losses.push('the digest differs from the offline one');
    // In its own folder, which may be full, the model can at least be opened.
    const here = await DurableModel.open(file);
    if (here.model.rows !== lessons.length) losses.push(`in its folder ${here.model.rows} rows came back`);
    await here.close();
    const names = [home, journal, copies, `${copy}.journal`].flatMap((path) => readdirSync(path));
    for (const name of names)
      if (
        /\.tmp$|\.lock/.test(name) ||
        !/^(live\.safetensors(\.journal)?|\d{12}\.(journal|safetensors))$/.test(name)
      )
        losses.push(`${name} is left`);
  } finally {
    rmSync(home, { recursive: true, force: true });
    rmSync(copies, { recursive: true, force: true });
  }
  return { acknowledged: acknowledged.size, answers, losses: losses.map((loss) => `seed ${seed}: ${loss}`) };
}

const [rounds, folder = tmpdir(), firstSeed = '1'] = process.argv.slice(2);
const total = { rounds: 0, acknowledged: 0, answers: {}, torn: 0, losses: [] };
for (let i = 0; i < Number(rounds); i++) {
  const tears = i % 3 === 2;
  const result = await killRound({ folder, seed: Number(firstSeed) + i, tears });
  total.rounds++;
  total.torn += tears ? 1 : 0;
  total.acknowledged += result.acknowledged;
  for (const [status, times] of Object.entries(result.answers))
    total.answers[status] = (total.answers[status] ?? 0) + times;
  total.losses.push(...result.losses);
}
console.log(JSON.stringify(total));
