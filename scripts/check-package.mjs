#!/usr/bin/env node
/**
 * Installs the packed packages as a user would: in an empty folder, on a machine without compiler, make or Python, and
 * trains on MNIST there. Also type-checks the published declarations, and tries the command without the platform
 * package, where the error must say what to install.
 */
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fail, output, root } from './run.mjs';

const minimumAccuracy = 0.97;
const prebuilt = join(root, 'prebuilt');
const tarballs = existsSync(prebuilt) ? readdirSync(prebuilt).filter((name) => name.endsWith('.tgz')) : [];
const [platformTarball, mainTarball] = [true, false].map((isPlatform) => {
  const found = tarballs.filter((name) => /^sparse-train-[a-z]/.test(name) === isPlatform);
  if (found.length !== 1)
    fail(
      `prebuilt/ has ${found.length} ${isPlatform ? 'platform' : 'main'} packages; make them: npm run package`,
    );
  return join(prebuilt, found[0]);
});

const world = mkdtempSync(join(tmpdir(), 'sparse-train-user-'));
const bin = join(world, 'bin');
mkdirSync(bin);
const path = process.env.PATH.split(delimiter);
for (const command of [
  'node',
  'npm',
  'npx',
  'sh',
  'env',
  'uname',
  'dirname',
  'sed',
  'cat',
  'ls',
  'rm',
  'mkdir',
]) {
  const source = path.map((folder) => join(folder, command)).find((candidate) => existsSync(candidate));
  if (source !== undefined)
    symlinkSync(command === 'node' ? process.execPath : realpathSync(source), join(bin, command));
}
// Removes settings of npm and the tests that concern this repository's scripts; keeps npm's registry and
// certificates.
const env = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => !/^(npm_(?!config_)|npm_config_local_prefix|INIT_CWD|SPARSE_TRAIN_|NODE_PATH)/i.test(name),
  ),
);
env.PATH = bin;

function user(folder, command, words) {
  return spawnSync(join(bin, command), words, {
    cwd: folder,
    env,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    timeout: 300_000,
  });
}

function install(name, ...words) {
  const folder = join(world, name);
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const result = user(folder, 'npm', ['install', '--no-fund', '--no-audit', ...words]);
  if (result.status !== 0) fail(`npm install ${words.join(' ')} failed\n${result.stdout}${result.stderr}`);
  return folder;
}

/** Compiles a program that imports every entry. Without skipLibCheck tsc also checks the declarations behind them. */
function checkTypes(folder) {
  const { exports } = JSON.parse(
    readFileSync(join(folder, 'node_modules', 'sparse-train', 'package.json'), 'utf8'),
  );
  const entries = Object.keys(exports).filter((name) => exports[name].types !== undefined);
  writeFileSync(
    join(folder, 'program.mts'),
    entries.map((name, i) => `export * as entry${i} from 'sparse-train${name.slice(1)}';\n`).join(''),
  );
  mkdirSync(join(folder, 'node_modules', '@types'));
  symlinkSync(
    join(root, 'node_modules', '@types', 'node'),
    join(folder, 'node_modules', '@types', 'node'),
    'dir',
  );
  const options = ['--noEmit', '--strict', '--skipLibCheck', 'false', '--types', 'node'];
  const modules = ['--target', 'es2023', '--module', 'nodenext', '--lib', 'es2023,esnext.disposable'];
  const { status, stdout } = user(folder, 'node', [
    join(root, 'node_modules', 'typescript', 'bin', 'tsc'),
    ...options,
    ...modules,
    'program.mts',
  ]);
  if (status !== 0) fail(`the published types do not compile\n${stdout}`);
  console.log(`types of ${entries.length} entries compile with skipLibCheck: false`);
}

try {
  // If no prebuilt addon fits, the error advises to build one from these files.
  const packed = new Set(output('tar', ['-tzf', mainTarball]).split('\n'));
  const missing = output('git', ['ls-files', 'native'])
    .split('\n')
    .filter((path) => /\.(cpp|hpp|inl)$/.test(path) && !/^native\/(test|fuzz)\//.test(path))
    .filter((path) => !packed.has(`package/${path}`));
  if (missing.length > 0) fail(`the main package lacks sources of the addon: ${missing.join(', ')}`);

  for (const compiler of ['cc', 'c++', 'gcc', 'g++', 'clang', 'make', 'python3']) {
    if (spawnSync('sh', ['-c', `command -v ${compiler}`], { env }).status === 0)
      fail(`${compiler} is on the user's PATH`);
  }

  const complete = install('complete', platformTarball, mainTarball);
  if (existsSync(join(complete, 'node_modules', 'sparse-train', 'build')))
    fail('the addon was built on installation');
  const trained = user(complete, 'npx', ['sparse-train', 'mnist', '--json']);
  if (trained.status !== 0)
    fail(`npx sparse-train mnist --json exited with ${trained.status}\n${trained.stdout}${trained.stderr}`);
  const report = JSON.parse(trained.stdout);
  const { testAccuracy, trainSeconds, edges, denseEdges, isa, threads, digest } = report;
  console.log(
    `installed package: accuracy ${testAccuracy}, ${edges} of ${denseEdges} edges, ${trainSeconds} s, ${isa}, ${threads} threads, digest ${digest}`,
  );
  if (!(testAccuracy >= minimumAccuracy)) fail(`accuracy ${testAccuracy} is below ${minimumAccuracy}`);
  if (!(edges <= denseEdges * 0.1))
    fail(`${edges} edges are more than a tenth of the dense network's ${denseEdges}`);

  const api = user(complete, 'node', [
    '--input-type=module',
    '--eval',
    "import * as api from 'sparse-train'; console.log(Object.keys(api).join())",
  ]);
  if (api.status !== 0 || !api.stdout.includes('Network'))
    fail(`import of the installed package failed\n${api.stdout}${api.stderr}`);

  checkTypes(complete);

  // The package contains the baselines, but not the addon that measures kernels; the result says so.
  const bench = user(complete, 'npx', [
    'sparse-train',
    'bench',
    'online',
    '--quick',
    '--baseline',
    'plain-js',
    '--json',
  ]);
  if (bench.status !== 0) fail(`sparse-train bench exited with ${bench.status}\n${bench.stderr}`);
  const { online, omitted = '', baselines } = JSON.parse(bench.stdout);
  const rival = baselines.find(({ name }) => name === 'plain-js');
  if (rival?.status !== 'measured' || !(online.versus.others[0]?.samplesPerSecond.median > 0))
    fail(`the installed package does not measure its baselines: ${JSON.stringify(rival)}`);
  if (!omitted.includes('npm run build:addon'))
    fail(`an installed package should say how to measure kernels, but says "${omitted}"`);
  console.log(`installed bench: plain-js beside it; not measured: ${omitted}`);

  const incomplete = install('incomplete', '--omit=optional', mainTarball);
  const refused = user(incomplete, 'npx', ['sparse-train', 'mnist']);
  const command = `npm install ${JSON.parse(output('tar', ['-xzOf', platformTarball, 'package/package.json'])).name}`;
  if (refused.status !== 1 || !refused.stderr.includes(command)) {
    fail(
      `without the platform package the command should exit with 1 and say "${command}"; it exited with ${refused.status}\n${refused.stdout}${refused.stderr}`,
    );
  }
  console.log(`without the platform package: exit status 1, and "${command}"`);
} finally {
  rmSync(world, { recursive: true, force: true });
}
