/** Running an installed package in places where something common is missing. */
import { chmodSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { train } from './managers.mjs';

const COMMAND = join('node_modules', 'sparse-train', 'dist', 'cli', 'main.js');
const IMPORT =
  "import { loadDataset } from 'sparse-train'; console.log((await loadDataset('mnist')).train.rows)";

/** A user that does not exist in the system. */
const NOBODY = ['--reuid', '54321', '--regid', '54321', '--clear-groups'];

function permissions(path, add) {
  const stats = statSync(path);
  chmodSync(path, add ? stats.mode | 0o200 : stats.mode & ~0o222);
  if (stats.isDirectory()) for (const name of readdirSync(path)) permissions(join(path, name), add);
}

/** One installation serves all these trials. */
export async function surroundings(world, { digest, node }, trial) {
  await world.succeed('npm', ['install', 'sparse-train']);

  await trial('import and training for a user without a name and a home folder', async () => {
    if (process.getuid?.() !== 0) return 'left out: needs root';
    const nobody = (...words) => [...NOBODY, 'env', '--unset=HOME', node, ...words];
    await world.succeed('setpriv', nobody('--input-type=module', '--eval', IMPORT));
    await world.succeed('setpriv', nobody(COMMAND, 'mnist', '--epochs', '1', '--no-save'));
    await world.refuse('SPARSE_TRAIN_DATA', 'setpriv', nobody(COMMAND, 'datasets', 'get', 'kmnist'));
  });

  await trial('a folder that cannot be written', async () => {
    if (process.getuid?.() !== 0) return 'left out: needs root';
    permissions(world.folder, false);
    const out = join(world.folder, '..', 'writable');
    mkdirSync(out, { recursive: true });
    chmodSync(out, 0o777);
    const nobody = (...words) => [...NOBODY, 'env', `HOME=${out}`, node, ...words];
    const model = join(out, 'model.safetensors');
    await world.succeed('setpriv', nobody(COMMAND, 'mnist', '--epochs', '1', '--out', model));
    await world.refuse('EACCES', 'setpriv', nobody(COMMAND, 'mnist', '--epochs', '1'));
    permissions(world.folder, true);
  });

  await trial("Node's permission model", async () => {
    const isKnown = process.allowedNodeEnvironmentFlags.has('--permission');
    const flags = [isKnown ? '--permission' : '--experimental-permission', '--allow-fs-read=*'];
    const words = [COMMAND, 'mnist', '--epochs', '1', '--no-save'];
    await world.refuse('--allow-addons', node, [...flags, ...words]);
    await world.succeed(node, [...flags, '--allow-addons', ...words]);
  });

  await trial('few open files', async () => {
    const limited = (limit) => [
      '-c',
      `ulimit -n ${limit} && "$0" ${COMMAND} mnist --epochs 1 --no-save`,
      node,
    ];
    // Node alone opens 18.
    await world.refuse('error: too many open files', 'bash', limited(20));
    await world.succeed('bash', limited(32));
  });

  await trial('standard output on a full disk', async () => {
    await world.refuse('error: standard output cannot be written', 'bash', [
      '-c',
      `"$0" ${COMMAND} --version >/dev/full`,
      node,
    ]);
  });

  await trial('searches: threads work, queues name the packages that they need', async () => {
    world.write(
      'study.json',
      JSON.stringify({
        trials: 2,
        space: { rate: { kind: 'categorical', choices: [0.05, 0.02] } },
        network: { layers: [784, 16, 10], density: 0.1 },
        fit: { epochs: 1, learningRate: '$rate' },
        data: { name: 'mnist', rows: 2000 },
      }),
    );
    await world.succeed(node, [COMMAND, 'search', 'study.json', '--parallel', '2', '--quiet']);
    const queue = ['search', 'study.json', '--queue', 'redis://127.0.0.1:1'];
    await world.refuse('npm install "bullmq@', node, [COMMAND, ...queue]);
  });

  await trial('and afterwards the same digest', () => train(world, digest, node, [COMMAND]));
}
