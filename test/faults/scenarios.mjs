// @ts-nocheck: runs as it is, in a process of its own
/**
 * Runs one scenario again and again, each time with another call of the C library failing, and checks after each that
 * nothing that was acknowledged is lost and nothing unreadable is left. Started by faults.test.ts with shim.c in
 * LD_PRELOAD; prints one JSON document: { positions, fired: failures, losses }.
 */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const { Dataset, Learner, Network, readCheckpoint } = await import('../../dist/index.js');
const { DurableModel } = await import('../../dist/public/serve.js');
const { createStudy } = await import('../../dist/public/search.js');
const { readJournal } = await import('../../dist/.build/modules/search/journal/lines.js');
const { transfer } = await import('../../dist/.build/modules/catalog/download/transfer.js');
const { replayJournal } = await import('../../dist/.build/modules/serve/replay.js');
const { readRunLog } = await import('../../dist/.build/modules/report/runs/run-log-file.js');

const ENOSPC = 28;
const EIO = 5;
const EROFS = 30;
const EDQUOT = 122;
const EINTR = 4;
const ERRORS = [ENOSPC, EIO, EROFS, EDQUOT, EINTR];

// In memory where there is such a folder: thousands of flushes to a disk take minutes.
const root = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'sparse-train-faults-'));
const mark = join(root, 'mark');
process.env.FAULT_MARK = mark;
let serial = 0;

/**
 * Arms the shim.
 *
 * @param {string} path
 * @param {...string} faults
 */
function arm(path, ...faults) {
  rmSync(mark, { force: true });
  process.env.FAULTS = `${++serial} ${path} ${faults.join(' ')}`;
}

function disarm() {
  process.env.FAULTS = '';
}

const data = () => {
  const inputs = Float32Array.from({ length: 64 * 4 }, (_, i) => ((i * 37) % 11) / 11);
  const labels = Int32Array.from({ length: 64 }, (_, i) => i % 3);
  return Dataset.from({ inputs, columns: 4, labels, classes: ['a', 'b', 'c'] });
};
const network = () => new Network({ layers: [4, 8, 3], density: 1, seed: 3 });

/** Trials of a study. */
const TRIALS = 20;

/** @type {import('../../dist/public/search.js').StudyDefinition} */
const definition = {
  space: { x: { kind: 'float', low: 0, high: 1 } },
  objectives: [{ measure: 'value', direction: 'minimize' }],
  sampler: { kind: 'random' },
  trials: 40,
};

/**
 * Each scenario does its work in `folder` while faults are armed, then returns what is wrong with the files that are
 * left. After an error it must continue as a user's program would.
 */
/** @type {Record<string, (folder: string, faults: string[]) => Promise<string | undefined>>} */
const scenarios = {
  /** A study whose program notices an error, and continues when the disk has room again. */
  async journal(folder, faults) {
    const journal = join(folder, 's.jsonl');
    const acknowledged = new Map();
    arm('s.jsonl', ...faults);
    let study;
    for (let round = 0; round < 8 && acknowledged.size < TRIALS; round++) {
      try {
        study ??= await createStudy(definition, { journal });
        while (acknowledged.size < TRIALS) {
          const trial = study.ask();
          const value = trial.parameters.x;
          study.tell(trial, { values: { value } });
          acknowledged.set(trial.number, value);
          await study.flush();
        }
      } catch (error) {
        if (error.code !== 'FILE_ACCESS') return `unexpected: ${error.stack}`;
        if (/open the file again/.test(error.message)) {
          await study.close().catch(() => undefined);
          study = undefined;
        }
      }
    }
    await study?.close().catch(() => undefined);
    disarm();
    if (!existsSync(journal)) return acknowledged.size === 0 ? undefined : 'the journal is gone';
    const { trials } = await readJournal(journal);
    for (const [number, value] of acknowledged)
      if (trials[number]?.state !== 'complete' || trials[number].values.value !== value)
        return `trial ${number} is lost`;
    const again = await createStudy(definition, { journal });
    const next = again.ask();
    again.tell(next, { values: { value: 1 } });
    await again.close();
    return undefined;
  },

  /** Two runs into one run log. */
  async runLog(folder, faults) {
    const log = join(folder, 'r.jsonl');
    arm('r.jsonl', ...faults);
    const runs = [];
    for (let run = 0; run < 2; run++) {
      try {
        runs.push((await network().fit(data(), { epochs: 2, log })).id);
      } catch (error) {
        // Only a log that cannot be begun stops fit(), before anything has been trained.
        if (error.code !== 'FILE_ACCESS' || faults[0].startsWith('close'))
          return `unexpected: ${error.stack}`;
      }
    }
    disarm();
    const last = await network().fit(data(), { epochs: 1, log });
    const read = await readRunLog(log);
    const ended = read.filter(({ end }) => end !== undefined).map(({ start }) => start.run);
    return ended.includes(last.id) ? undefined : 'the run after the fault cannot be read';
  },

  /** A model replaces an older one: the old or the new file is there, whole, and the error says which. */
  async model(folder, faults) {
    const file = join(folder, 'm.safetensors');
    const before = network();
    await before.save(file);
    const after = network();
    await after.fit(data(), { epochs: 1 });
    arm(folder, ...faults);
    let message;
    await after.save(file).catch((error) => {
      message = error.message;
    });
    disarm();
    const digest = (await Network.load(file)).digest();
    const isNew = digest === after.digest();
    if (!isNew && digest !== before.digest()) return 'neither the old nor the new model';
    if (message === undefined && !isNew) return 'save() succeeded, but the old model is there';
    if (/unknown/i.test(message ?? '')) return `no reason is given: ${message}`;
    if (message !== undefined && /is unchanged/.test(message) === isNew)
      return `it is not true that "${message}"`;
    await after.save(file);
    const left = readdirSync(folder).filter((name) => name.endsWith('.tmp'));
    // A file that could not be removed disappears when another process saves.
    const mayStay = faults.some((fault) => fault.startsWith('unlink'));
    return left.length === 0 || mayStay ? undefined : `left behind: ${left}`;
  },

  /** Checkpoints that fail never end training, and the newest readable one resumes. */
  async checkpoint(folder, faults) {
    const file = join(folder, 'c.checkpoint');
    arm(folder, ...faults);
    let run;
    try {
      run = await network().fit(data(), { epochs: 6, checkpoint: { file, every: { epochs: 1 } } });
    } catch (error) {
      disarm();
      // Before anything has been trained, fit() refuses a folder that it cannot write to.
      return /nothing can be written to the folder/.test(error.message)
        ? undefined
        : `unexpected: ${error.stack}`;
    }
    disarm();
    if (run.epochs.length !== 6) return 'training ended early';
    const { written, failed } = run.checkpoint;
    if (written > 0) await readCheckpoint(file);
    return written + failed > 0 ? undefined : 'no checkpoint was tried';
  },

  /** A download that is tried again when the disk has room gets every byte right. */
  async download(folder, faults) {
    const part = join(folder, 'd.part');
    const tried = () =>
      transfer(address, part, {
        mostBytes: CONTENT.length,
        onProgress: () => undefined,
        pauseMs: 1,
        idleMs: 5000,
      });
    arm('d.part', ...faults);
    for (let round = 0; round < 8; round++) {
      try {
        await tried();
        break;
      } catch (error) {
        if (error.code !== 'FILE_ACCESS') return `unexpected: ${error.stack}`;
      }
    }
    disarm();
    await tried();
    return readFileSync(part).equals(CONTENT) ? undefined : 'the file is damaged';
  },
};

/** Scenarios of a model that learns while it is in use: with all of its journal kept, and with old segments removed. */
for (const [name, keep] of [
  ['serve', 1000],
  ['servePruned', 0],
])
  scenarios[name] = (folder, faults) => learnWhileServed(folder, faults, keep);

/** Batches that a model learns, and the rows in each; a snapshot is taken after every second one. */
const BATCHES = 4;
const BATCH_ROWS = 3;

/**
 * Learns in batches with snapshots between them, and opens the model again where it says so. What a kill would leave then
 * must come back with every acknowledged row, to the digest of a learner that learned the journal without any server.
 *
 * @param {string} folder
 * @param {string[]} faults
 * @param {number} keep
 */
async function learnWhileServed(folder, faults, keep) {
  const file = join(folder, 'live.safetensors');
  const acknowledged = new Set();
  const open = () => DurableModel.open(file, { create: { target: 'class' }, keep });
  arm(folder, ...faults);
  let model;
  let batch = 0;
  for (let round = 0; round < 12 && batch < BATCHES; round++) {
    try {
      model ??= await open();
      while (batch < BATCHES) {
        const marks = Array.from({ length: BATCH_ROWS }, (_, i) => `${round}-${batch}-${i}`);
        await model.learnAll(
          marks.map((mark, i) => ({ row: { mark, x: batch + i }, target: i ? 'a' : 'b' })),
        );
        for (const mark of marks) acknowledged.add(mark);
        if (++batch % 2 === 0) await model.snapshot();
      }
    } catch (error) {
      if (error.code !== 'FILE_ACCESS') return `unexpected: ${error.stack}`;
      if (model?.failure !== undefined) {
        await model.close().catch(() => undefined);
        model = undefined;
      } else if (/open the file again/.test(error.message)) return `it does not stop: ${error.message}`;
      // A part of a record may now stand at the end of the segment.
      else await model?.snapshot().catch(() => undefined);
    }
  }
  disarm();
  model ??= await open();
  if (batch < BATCHES) return 'the model did not learn again';
  const copy = join(folder, 'killed');
  mkdirSync(copy);
  for (const name of [file, `${file}.journal`]) cpSync(name, name.replace(folder, copy), { recursive: true });
  await model.close();
  for (const left of [join(copy, 'live.safetensors'), file]) {
    const problem = await problemOf(left, acknowledged, keep);
    if (problem !== undefined) return `${left === file ? 'closed' : 'killed'}: ${problem}`;
  }
  const temporary = [folder, `${file}.journal`]
    .flatMap((path) => readdirSync(path))
    .filter((name) => /tmp$|lock/.test(name));
  // Files that could not be removed go with the next save.
  return temporary.length === 0 || faults.some((fault) => fault.startsWith('unlink'))
    ? undefined
    : `left: ${temporary}`;
}

/** What is wrong with a model and its journal, once nothing fails any more. */
async function problemOf(file, acknowledged, keep) {
  const journal = `${file}.journal`;
  const names = readdirSync(journal)
    .filter((name) => name.endsWith('.journal'))
    .sort();
  const lessons = names.flatMap((name) => {
    const lines = readFileSync(join(journal, name), 'utf8').split('\n').slice(1, -1);
    return lines.map((line) => JSON.parse(line.slice(line.indexOf('{'))));
  });
  const replayed = await replayJournal(journal);
  const again = await DurableModel.open(file, { keep });
  const { rows } = again.model;
  await again.learn({ row: { mark: 'after', x: 1 }, target: 'a' });
  await again.close();
  if (replayed.rows !== rows) return `replay makes ${replayed.rows} rows of ${rows}`;
  if (rows < acknowledged.size) return `${rows} rows of ${acknowledged.size}`;
  // The rows of removed segments are in the snapshot alone.
  if (keep === 0) return undefined;
  if (lessons.length !== rows) return `${rows} rows came back of ${lessons.length} in the journal`;
  const marks = new Set(lessons.map(({ row }) => row.mark));
  if (marks.size !== lessons.length) return 'a row is in the journal twice';
  for (const mark of acknowledged) if (!marks.has(mark)) return `${mark} is lost`;
  const learner = new Learner();
  for (const { row, target } of lessons) learner.learn(row, target);
  return learner.digest() === replayed.digest ? undefined : 'the digest differs from the offline one';
}

/** What the server sends, in pieces, with ranges and a tag as real servers do. */
const CONTENT = Buffer.from(Array.from({ length: 400_000 }, (_, i) => (i * 31 + (i >> 8)) & 255));
const server = createServer((request, response) => {
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  if (from === CONTENT.length) {
    response.writeHead(416, { 'content-range': `bytes */${CONTENT.length}` }).end();
    return;
  }
  const range = { 'content-range': `bytes ${from}-${CONTENT.length - 1}/${CONTENT.length}` };
  const headers = { etag: '"1"', 'content-length': CONTENT.length - from, ...(from > 0 ? range : {}) };
  response.writeHead(from > 0 ? 206 : 200, headers).end(CONTENT.subarray(from));
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const address = `http://127.0.0.1:${server.address().port}/file`;

/** The operations that fail, one after another. */
const KINDS = {
  journal: ['write', 'fdatasync', 'open', 'close', 'link'],
  runLog: ['write', 'open', 'close'],
  model: ['write', 'fsync', 'rename', 'open', 'close'],
  checkpoint: ['write', 'fsync', 'rename', 'open', 'close'],
  download: ['write', 'fsync', 'open', 'close'],
  serve: ['write', 'fdatasync', 'fsync', 'rename', 'open', 'close', 'link', 'unlink'],
  servePruned: ['write', 'fdatasync', 'fsync', 'rename', 'open', 'close', 'link', 'unlink'],
};

/** The operation that would undo half-done work. It fails as well in some runs. */
const UNDONE_BY = {
  journal: 'ftruncate',
  model: 'unlink',
  checkpoint: 'unlink',
  serve: 'ftruncate',
  servePruned: 'unlink',
};

/** Scenarios in which the errors take turns from call to call; in the others each call fails with each error. */
const IN_TURN = ['checkpoint', 'serve', 'servePruned'];

const [name, most = '1000'] = process.argv.slice(2);
const scenario = scenarios[name];
const losses = [];
let positions = 0;
/** Runs in which a call failed, by operation. */
const failures = Object.fromEntries(KINDS[name].map((kind) => [kind, 0]));

/** One run of the scenario; returns whether a call of this kind failed. */
async function tried(kind, first, count, error) {
  const folder = join(root, `${positions++}`);
  mkdirSync(folder);
  const faults = [`${kind}:${first}:${count}:${error}`];
  // In servePruned the repair of a single failure succeeds, so serve need not try that.
  if ((count === 5 || name === 'serve') && kind === 'write' && UNDONE_BY[name] !== undefined)
    faults.push(`${UNDONE_BY[name]}:1:1:${error}`);
  let problem;
  try {
    problem = await scenario(folder, faults);
  } catch (failure) {
    problem = `unreadable: ${failure.stack}`;
  }
  disarm();
  const fired = existsSync(mark) && readFileSync(mark, 'utf8').split('\n').includes(kind);
  if (problem !== undefined) losses.push({ faults, problem });
  rmSync(folder, { recursive: true });
  if (fired) failures[kind]++;
  return fired;
}

for (const kind of KINDS[name]) {
  // Once; for a while; and with the repair failing as well.
  for (const count of [2, 5]) {
    const rounds = IN_TURN.includes(name) ? [ERRORS] : ERRORS.map((error) => [error]);
    for (const [turn, errors] of rounds.entries()) {
      let first = 1;
      while (
        first <= Number(most) &&
        (await tried(kind, first, count, errors[(first + turn) % errors.length]))
      )
        first++;
    }
  }
}
rmSync(root, { recursive: true });
server.close();
process.stdout.write(`${JSON.stringify({ positions, fired: failures, losses })}\n`);
