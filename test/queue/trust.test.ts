/** A worker trusts nobody, and a coordinator accepts no answer that is not a result. */
import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Queue, QueueEvents, Worker } from 'bullmq';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { MNIST_DIRECTORY } from '../../lib/catalog/mnist.js';
import { engineVersion } from '../../lib/engine/kernel-sets.js';
import { readJournal } from '../../lib/search/journal/lines.js';
import { queueName, verdictChannel, WORKERS } from '../../lib/search/queue/protocol.js';
import { loadTrialData, PaddedData } from '../../lib/search/trial/data.js';
import { runTrial } from '../../lib/search/trial/run-trial.js';
import { fingerprint, type TrialTask } from '../../lib/search/trial/task.js';
import { start, workFolder } from '../cli/run.js';
import { freePort } from './redis.js';
import { lines, queueSetting } from './setting.js';

const STUDY = `
trials = 6
sampler = "sobol"
data = { name = "mnist", rows = 500 }
[network]
layers = [784, "$width", 10]
density = ["$density", 1]
[fit]
epochs = 1
[space]
width = { kind = "int", low = 16, high = 64, log = true }
density = { kind = "float", low = 0.1, high = 0.5, log = true }
`;

const task: TrialTask = {
  study: 'somebody',
  release: engineVersion(),
  number: 0,
  seed: 1,
  network: { layers: [784, 16, 10], density: [0.1, 1] },
  fit: { epochs: 1 },
  data: { name: 'mnist', rows: 500, validation: 0.1 },
  checksum: 'unknown',
  budget: {},
  measures: ['accuracy'],
  epochMeasure: 'accuracy',
  prunes: false,
};

describe('a worker', () => {
  const queue = queueSetting();

  it('survives a thousand jobs and messages that mean nothing or harm', async () => {
    const { folder, url, write, worker, conduct } = queue;
    const log = join(folder(), 'written.log');
    const helper = worker();
    const redis = new Redis(url);
    const connection = patient(url);
    const jobs = new Queue(queueName(engineVersion()), { connection });
    const edits = fc.record(
      {
        number: fc.jsonValue(),
        seed: fc.jsonValue(),
        network: fc.jsonValue(),
        fit: fc.oneof(
          fc.jsonValue(),
          fc.constant({ epochs: 1, log }),
          fc.constant({ epochs: 1, checkpoint: { file: log } }),
          fc.constant({ epochs: 1, logContext: { text: '$(touch pwned)' } }),
        ),
        data: fc.oneof(fc.jsonValue(), fc.constant({ name: 'mnist', directory: '/etc', validation: 'test' })),
        checksum: fc.jsonValue(),
        measures: fc.jsonValue(),
        epochMeasure: fc.oneof(fc.jsonValue(), fc.constant('__proto__')),
        further: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    const job = fc.oneof(
      fc.jsonValue(),
      edits.map((edit) => ({ ...task, ...edit })),
    );
    const messages = fc.oneof(
      fc.jsonValue().map((value) => JSON.stringify(value)),
      fc.string(),
    );
    const id = await workerId(redis);
    for (const data of fc.sample(job, 500)) await jobs.add('trial', data as object, { attempts: 1 });
    for (const message of fc.sample(messages, 500)) await redis.publish(verdictChannel(id), message);
    const { file, journal } = write(STUDY);
    const conductor = conduct(file);
    expect((await conductor.ended).status).toBe(0);
    expect((await readJournal(journal))?.trials.map(({ state }) => state)).toEqual(
      new Array(6).fill('complete'),
    );
    expect(helper.child.exitCode).toBeNull();
    expect([existsSync(log), existsSync(join(folder(), 'pwned'))]).toEqual([false, false]);
    await jobs.close();
    connection.disconnect();
    redis.disconnect();
  }, 120_000);

  it('refuses networks and times beyond its limits, and the coordinator says why trials wait', async () => {
    const { write, worker, conduct, says } = queue;
    const { file, journal } = write(STUDY);
    const small = worker(queue.url, '--max-edges', '100');
    const conductor = conduct(file);
    await says(conductor, 'the only worker refuses this study: a network of');
    small.child.kill('SIGINT');
    expect((await small.ended).stderr).toContain('--max-edges');
    worker(queue.url, '--max-seconds', '1');
    expect((await conductor.ended).status).toBe(0);
    expect(lines(journal, 'end').map(({ state }) => state)).toEqual(new Array(6).fill('complete'));
  }, 60_000);

  it('trains the small networks of a study, though it refuses a large one', async () => {
    const { write, worker, conduct, ended } = queue;
    // The first point of a grid is too large.
    const grid = STUDY.replace('"sobol"', '"grid"').replace(
      /width = .*/,
      'width = { kind = "categorical", choices = [64, 8, 9, 10, 11, 12] }',
    );
    const { file, journal } = write(grid.replace('"$density"', '0.5').replace(/density = \{.*\n/, ''));
    worker(queue.url, '--max-edges', '20000');
    conduct(file);
    await ended(journal, 5);
    expect(lines(journal, 'end').map(({ state }) => state)).toEqual(new Array(5).fill('complete'));
  }, 60_000);

  it('fails a job of another release, wherever it comes from', async () => {
    const connection = patient(queue.url);
    const jobs = new Queue(queueName(engineVersion()), { connection });
    const events = new QueueEvents(queueName(engineVersion()), { connection });
    queue.worker();
    const job = await jobs.add('trial', { ...task, release: '9.9.9' });
    await expect(job.waitUntilFinished(events)).rejects.toThrow('it is of release 9.9.9, and this worker of');
    await events.close();
    await jobs.close();
    connection.disconnect();
  }, 30_000);

  it('counts neurons like edges, and takes no time limit that timers cannot hold', async () => {
    const { write, worker, conduct, says } = queue;
    const wide = 'layers = [784, "$width", 1048576, 1048576, 10]\nfanOut = 1';
    const { file } = write(STUDY.replace(/layers[^\]]*\]\ndensity.*/, wide).replace(/density = \{.*\n/, ''));
    worker(queue.url, '--max-edges', '4000000', '--max-seconds', '2147483');
    await says(conduct(file), 'neurons is asked for, and this worker allows 4000000 of both');
    const { status, stderr } = await worker(queue.url, '--max-seconds', '2147484').ended;
    expect({ status, stderr }).toMatchObject({ status: 2, stderr: expect.stringContaining('2147483') });
  }, 60_000);

  it('leaves a study whose data it lacks to others, and serves other studies meanwhile', async () => {
    const { folder, write, worker, conduct, says } = queue;
    const helper = worker();
    const lacking = write(STUDY.replace('rows = 500', `rows = 500, directory = "${join(folder(), 'mine')}"`));
    // The coordinator's own folder. The worker finds the same data in its own folder, and is never told this one.
    cpSync(MNIST_DIRECTORY, join(folder(), 'mine'), { recursive: true });
    const first = conduct(lacking.file);
    const other = write(STUDY);
    expect((await conduct(other.file).ended).status).toBe(0);
    expect(helper.child.exitCode).toBeNull();
    expect((await first.ended).status).toBe(0);
    // Data that this worker does not have: another checksum.
    const redis = new Redis(queue.url);
    const connection = patient(queue.url);
    const jobs = new Queue(queueName(engineVersion()), { connection });
    await jobs.add('trial', { ...task, checksum: 'another' });
    await says(
      helper,
      'left to other workers: study somebody: the data set mnist of this machine is not the study',
    );
    expect(helper.child.exitCode).toBeNull();
    await jobs.close();
    connection.disconnect();
    redis.disconnect();
  }, 60_000);

  it('of another release is named', async () => {
    const { write, conduct, says } = queue;
    const redis = new Redis(queue.url);
    await redis.zadd(WORKERS, String(Date.now() + 60_000), '4 9.9.9 elsewhere/1/x');
    await says(conduct(write(STUDY).file), 'the workers that are there are of release 9.9.9');
    redis.disconnect();
  }, 30_000);
});

describe('a coordinator', () => {
  const queue = queueSetting();

  it('takes no answer for a result that is not one, and keeps its journal readable', async () => {
    const { file, journal } = queue.write(STUDY.replace('trials = 6', 'trials = 12'));
    const hundred = Array.from({ length: 100 }, (_, i) => i);
    const good = { state: 'complete', values: { accuracy: 0.5 }, curve: [0.5], digest: 'x' };
    const answers: unknown[] = [
      good,
      'x',
      { state: 'weird', values: {} },
      { ...good, trial: 0 },
      { ...good, type: 'study' },
      { ...good, values: { accuracy: '<b>' } },
      { ...good, curve: 5 },
      { state: 'complete' },
      { ...good, error: { code: 'X', message: {} } },
      { ...good, curve: [0.5, 0.6] },
      { ...good, values: { accuracy: 0.5, '\u001b]0;title\u0007': 1 } },
      { ...good, values: { accuracy: 0.5, ...Object.fromEntries(hundred.map((i) => [`m${i}`, i])) } },
    ];
    const redis = patient(queue.url);
    const fake = new Worker(
      queueName(engineVersion()),
      async ({ data }) => answers[(data as TrialTask).number],
      {
        connection: redis,
      },
    );
    expect((await queue.conduct(file).ended).status).toBe(0);
    await fake.close();
    redis.disconnect();
    const ends = lines(journal, 'end').sort((a, b) => a.trial - b.trial);
    expect(ends.map(({ state }) => state)).toEqual(['complete', ...new Array(11).fill('failed')]);
    for (const { error } of ends.slice(1))
      expect(error?.message).toContain("the worker's answer is not a result");
    expect((await readJournal(journal))?.trials).toHaveLength(12);
  }, 60_000);

  it('never takes results of other parameters, though a journal was copied', async () => {
    const { file, journal } = queue.write(STUDY.replace('trials = 6', 'trials = 2'));
    queue.worker();
    expect((await queue.conduct(file).ended).status).toBe(0);
    const definitions = ['tpe', 'random'].map((sampler) =>
      queue.write(STUDY.replace('trials = 6', 'trials = 8').replace('sobol', sampler)),
    );
    for (const copy of definitions) copyFileSync(journal, copy.journal);
    queue.worker();
    const running = definitions.map(({ file: name }) => queue.conduct(name));
    for (const { ended } of running) expect((await ended).status).toBe(0);
    const data = await loadTrialData({ name: 'mnist', rows: 500, validation: 0.1 });
    for (const copy of definitions) {
      const begins = lines(copy.journal, 'begin');
      for (const { trial, digest } of lines(copy.journal, 'end').slice(2, 5)) {
        const { parameters, seed } = begins[trial] as (typeof begins)[number];
        const network = {
          layers: [784, parameters.width as number, 10],
          density: [parameters.density as number, 1],
        };
        const own = await runTrial({ ...task, seed, network }, new PaddedData(data));
        expect(own?.digest).toBe(digest);
      }
    }
  }, 120_000);

  it('queues trials again whose list the server has evicted', async () => {
    const { file } = queue.write(STUDY);
    const conductor = queue.conduct(file);
    const redis = new Redis(queue.url);
    const list = `bull:${queueName(engineVersion())}:wait`;
    while ((await redis.del(list)) === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    redis.disconnect();
    queue.worker();
    expect((await conductor.ended).status).toBe(0);
  }, 60_000);

  it('says clearly that the server is full, and continues when it no longer is', async () => {
    const { file } = queue.write(STUDY);
    const redis = new Redis(queue.url);
    await redis.call('CONFIG', 'SET', 'maxmemory', '1');
    const { status, stderr } = await queue.conduct(file).ended;
    expect(status).toBe(1);
    expect(stderr).toContain('its memory is full (maxmemory)');
    await redis.call('CONFIG', 'SET', 'maxmemory', '0');
    queue.worker();
    expect((await queue.conduct(file).ended).status).toBe(0);
    redis.disconnect();
  }, 60_000);
});

describe('a server with TLS and users', () => {
  const folder = workFolder();

  it('is served with the permissions that docs/security.md lists, and a wrong password is named', async () => {
    const [key, certificate] = [join(folder(), 'key.pem'), join(folder(), 'cert.pem')];
    execFileSync(
      'openssl',
      [
        ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost'],
        ...['-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', certificate],
      ],
      { stdio: 'ignore' },
    );
    const page = readFileSync(new URL('../../docs/security.md', import.meta.url), 'utf8');
    const rule =
      /^user trainer .*$/m.exec(page)?.[0] ??
      expect.fail('docs/security.md has no line for the user trainer');
    const port = await freePort();
    const settings = join(folder(), 'redis.conf');
    writeFileSync(
      settings,
      [
        `port 0\ntls-port ${port}\nbind 127.0.0.1\nsave ""\ndir ${folder()}`,
        `tls-cert-file ${certificate}\ntls-key-file ${key}\ntls-ca-cert-file ${certificate}\ntls-auth-clients no`,
        'user default off',
        `${rule.replace('>PASSWORD', '>secret')}\n`,
      ].join('\n'),
    );
    const server = spawn('redis-server', [settings], { stdio: 'ignore' });
    const started = [] as ReturnType<typeof start>[];
    try {
      const env = { NODE_EXTRA_CA_CERTS: certificate };
      const begin = (...words: string[]) => {
        const begun = start(words, { cwd: folder(), env });
        started.push(begun);
        return begun;
      };
      writeFileSync(join(folder(), 'tls.toml'), STUDY.replace('trials = 6', 'trials = 2'));
      const url = `rediss://trainer:secret@localhost:${port}`;
      begin('worker', '--queue', url, '--parallel', '1');
      const { status, stderr } = await begin('search', 'tls.toml', '--queue', url, '--quiet').ended;
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      const wrong = await begin('worker', '--queue', url.replace('secret', 'guess')).ended;
      expect(wrong.status).toBe(1);
      expect(wrong.stderr).toContain('refuses the user or the password');
    } finally {
      for (const { child } of started) child.kill('SIGKILL');
      server.kill('SIGKILL');
    }
  }, 60_000);
});

describe('the fingerprint of a task', () => {
  it('changes with everything that a trial depends on, and with nothing else', () => {
    const first = fingerprint(task);
    expect(fingerprint({ ...task, data: { ...task.data, directory: '/anywhere' } })).toBe(first);
    expect(fingerprint({ ...task, network: { density: [0.1, 1], layers: [784, 16, 10] } })).toBe(first);
    const changes: Partial<TrialTask>[] = [
      { seed: 2 },
      { release: '9.9.9' },
      { checksum: 'other' },
      { network: { ...task.network, density: [0.2, 1] } },
      { fit: { epochs: 2 } },
      { data: { ...task.data, rows: 400 } },
      { measures: ['loss'] },
      { prunes: true },
    ];
    expect(new Set(changes.map((change) => fingerprint({ ...task, ...change })).concat(first)).size).toBe(9);
  });
});

/** A connection with the options that BullMQ requires. */
const patient = (url: string) => new Redis(url, { maxRetriesPerRequest: null });

/** The id of the only worker that is running. */
async function workerId(redis: Redis): Promise<string> {
  for (;;) {
    const [member] = await redis.zrange(WORKERS, '0', '-1');
    if (member !== undefined) return member.split(' ')[2] as string;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
