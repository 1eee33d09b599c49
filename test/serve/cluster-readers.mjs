// @ts-nocheck: runs as it is, in processes of its own
/**
 * One process learns a model and takes snapshots of it; the workers of a cluster follow the file and answer requests on one
 * port. Prints a JSON document: { answers: { STATUS: COUNT }, failures, workers, versions, second }.
 *
 *     node test/serve/cluster-readers.mjs FILE SNAPSHOTS
 */
import cluster from 'node:cluster';
import { Agent, request } from 'node:http';
import Fastify from 'fastify';

const { DurableModel, FollowedModel, modelRoutes } = await import('../../dist/public/serve.js');
const [file, snapshots] = process.argv.slice(2);
const WORKERS = 2;
const CLIENTS = 8;

const rowOf = (i) => ({ x: (i * 7919) % 1000, zone: `zone-${i % 7}` });

async function work() {
  const model = await FollowedModel.follow(file, { every: 0.05 });
  const app = Fastify();
  await app.register(modelRoutes, { model, metrics: false });
  app.addHook('onSend', async (_request, reply) => {
    reply.header('worker', process.pid).header('version', model.latestSnapshot.sequence);
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  // A second process that wants to learn the model.
  const second = await DurableModel.open(file).catch((error) => error.message);
  process.send({ port: app.server.address().port, second });
}

async function conduct() {
  const model = await DurableModel.open(file, { create: { target: 'class' } });
  await model.learnAll([{ row: rowOf(0), target: 'a' }]);
  await model.snapshot();
  const started = Array.from({ length: WORKERS }, () => {
    const worker = cluster.fork();
    return new Promise((resolve) => worker.once('message', resolve));
  });
  const [{ port, second }] = await Promise.all(started);
  const total = { answers: {}, failures: 0, workers: new Set(), versions: new Set(), second };
  let isOver = false;
  const ask = (agent, i) =>
    new Promise((resolve) => {
      const options = {
        port,
        path: '/predict',
        method: 'POST',
        agent,
        headers: { 'content-type': 'application/json' },
      };
      const asking = request(options, (answer) => {
        total.answers[answer.statusCode] = (total.answers[answer.statusCode] ?? 0) + 1;
        total.workers.add(answer.headers.worker);
        total.versions.add(answer.headers.version);
        answer.resume().once('end', resolve);
      });
      asking.once('error', () => {
        total.failures++;
        resolve();
      });
      asking.end(JSON.stringify({ row: rowOf(i) }));
    });
  const clients = Array.from({ length: CLIENTS }, async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (let i = 0; !isOver; i++) await ask(agent, i);
    agent.destroy();
  });
  for (let i = 0; i < Number(snapshots); i++) {
    await model.learnAll(
      Array.from({ length: 20 }, (_, k) => ({ row: rowOf(20 * i + k), target: k % 2 ? 'a' : 'b' })),
    );
    const { sequence } = await model.snapshot();
    // Until a worker answers with it.
    while (!total.versions.has(String(sequence))) await new Promise((resolve) => setTimeout(resolve, 10));
  }
  isOver = true;
  await Promise.all(clients);
  await model.close();
  const { workers, versions } = total;
  console.log(JSON.stringify({ ...total, workers: workers.size, versions: versions.size }));
  process.exit();
}

if (cluster.isPrimary) await conduct();
else await work();
