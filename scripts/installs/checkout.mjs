/** A clone of the repository, as contributors use it: `npx sparse-train` starts at once and never hides an old build. */
import { appendFileSync, cpSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../run.mjs';

/**
 * The most processor time, in seconds, that `npx sparse-train mnist` as a whole may take. It takes about 2 s, and a build
 * over 20 s: the limit tells them apart on a slow machine too. scripts/measure-startup.mjs measures the time itself.
 */
const MOST_SECONDS = 8;

/** Contributors use this machine's settings of npm. */
const env = { HOME: process.env.HOME, npm_config_cache: undefined, npm_config_registry: undefined };

const OLD = 'the sources have changed since this build';

/** Runs `npx sparse-train` there. @returns {Promise<{ seconds: number, all: string }>} the processor time of all processes */
async function npx(world, cwd, ...words) {
  const { status, stdout, all } = await world.run(
    'bash',
    ['-c', '"$0" "$@" && times', 'npx', 'sparse-train', ...words],
    { cwd, env },
  );
  if (status !== 0)
    throw new Error(`npx sparse-train ${words.join(' ')} exited with ${status}\n${all.slice(-3000)}`);
  const times = [...(stdout.trim().split('\n').at(-1) ?? '').matchAll(/(\d+)m([\d.]+)s/g)];
  return {
    seconds: times.reduce((sum, [, minutes, rest]) => sum + 60 * Number(minutes) + Number(rest), 0),
    all,
  };
}

/** Trains with the build that is in the folder, and returns the processor time. */
async function startsAtOnce(world, cwd, isOld) {
  const built = () => statSync(join(cwd, 'dist', 'cli', 'main.js')).mtimeMs;
  const before = built();
  const { seconds, all } = await npx(world, cwd, 'mnist', '--no-save');
  if (built() !== before) throw new Error('npx built the checkout again');
  if (all.includes(OLD) !== isOld)
    throw new Error(`it ${isOld ? 'hides' : 'claims'} that the build is old\n${all}`);
  if (seconds > MOST_SECONDS) throw new Error(`it took ${seconds.toFixed(2)} s of processor time\n${all}`);
  return seconds;
}

/** @param {import('./world.mjs').World} world */
export async function checkout(world, { build }, trial) {
  await trial('a clone, a copy of it, and after git pull: npx starts at once', async () => {
    if (!build) return 'left out: nothing is compiled';
    const [origin, clone, copy] = ['origin', 'clone', 'copy'].map((name) => join(world.folder, name));
    const git = (folder, ...words) =>
      world.succeed('git', ['-C', folder, '-c', 'user.name=a', '-c', 'user.email=a@example.org', ...words]);
    await git(root, 'clone', '--quiet', root, origin);
    await git(world.folder, 'clone', '--quiet', origin, clone);
    await world.succeed('npm', ['ci', '--prefer-offline'], { cwd: clone, env });
    const seconds = [await startsAtOnce(world, clone, false)];
    cpSync(clone, copy, { recursive: true, verbatimSymlinks: true });
    seconds.push(await startsAtOnce(world, copy, false));

    for (const [file, command] of [
      [join('lib', 'base', 'numbers.ts'), 'npm run build:ts'],
      [join('native', 'engine', 'spec.hpp'), 'npm run build:addon'],
    ]) {
      appendFileSync(join(origin, file), '\n// A change.\n');
      await git(origin, 'commit', '--quiet', '--all', '--message', 'a change');
      await git(clone, 'pull', '--quiet');
      seconds.push(await startsAtOnce(world, clone, true));
      const { all } = await npx(world, clone, '--version');
      if (!all.includes(command)) throw new Error(`it should name ${command}\n${all}`);
      await world.succeed('bash', ['-c', command], { cwd: clone, env });
      await startsAtOnce(world, clone, false);
    }
    return `${seconds.map((value) => value.toFixed(2)).join(', ')} s of processor time`;
  });
}
