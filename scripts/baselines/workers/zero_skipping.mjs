// The worker of `sparse-train bench` for ../zero_skipping/mlp.cpp; README.md beside this file says what it is asked. Compiles
// the program once for each width, with the system's compiler (CXX, otherwise c++, g++ or clang++) and the best of its flags.

import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

const here = path.dirname(fileURLToPath(import.meta.url));
const source = path.join(here, '../zero_skipping/mlp.cpp');
const mnist = path.join(here, '../../../datasets/mnist');
const RATE = 0.02;

function missing(why) {
  console.error(`zero_skipping.mjs: ${why}`);
  process.exit(3);
}

/** The first compiler that answers, as words, and its own name for itself. */
function findCompiler() {
  const candidates = [process.env.CXX, 'c++', 'g++', 'clang++'].filter((name) => name !== undefined && name !== '');
  for (const words of candidates.map((name) => name.split(' '))) {
    const { status, stdout } = spawnSync(words[0], [...words.slice(1), '--version'], { encoding: 'utf8' });
    if (status === 0) return { words, name: stdout.split('\n')[0].trim() };
  }
  return missing('no C++ compiler was found');
}

const folder = mkdtempSync(path.join(tmpdir(), 'sparse-train-zero-skipping-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));

const compiler = findCompiler();
const plain = ['-O3', '-march=native', '-ffast-math'];
// Compilers use half of a 512-bit register by default; this program is faster with all of it. Not every CPU takes the flag.
const wide = [...plain, '-mprefer-vector-width=512'];

function compile(width, flags) {
  const program = path.join(folder, `mlp-${width}`);
  const words = [...compiler.words.slice(1), ...flags, `-DHIDDEN=${width}`, source, '-o', program];
  const { status, stderr } = spawnSync(compiler.words[0], words, { encoding: 'utf8' });
  return status === 0 ? { program } : { why: stderr.trim().split('\n').at(-1) };
}

const flags = compile(256, wide).program === undefined ? plain : wide;
const tried = compile(256, flags);
if (tried.program === undefined) missing(`zero_skipping/mlp.cpp does not compile: ${tried.why}`);

const data = path.join(folder, 'mnist');
const part = (name, header) => gunzipSync(readFileSync(path.join(mnist, name))).subarray(header);
writeFileSync(
  data,
  Buffer.concat([
    part('train-images-idx3-ubyte.gz', 16),
    part('train-labels-idx1-ubyte.gz', 8),
    part('t10k-images-idx3-ubyte.gz', 16),
    part('t10k-labels-idx1-ubyte.gz', 8),
  ]),
);

/** Programs by width: a function that sends a line and resolves with the answer. */
const programs = new Map();

async function programOf(width) {
  if (programs.has(width)) return programs.get(width);
  const { program, why } = compile(width, flags);
  if (program === undefined) throw new Error(why);
  const child = spawn(program, [data], { stdio: ['pipe', 'pipe', 'inherit'] });
  process.on('exit', () => child.kill());
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async (line) => {
    child.stdin.write(`${line}\n`);
    const { done, value } = await lines.next();
    if (done) throw new Error('the program ended');
    return value.split(' ').map(Number);
  };
  await ask(`train 0.2 ${RATE}`); // warms up
  programs.set(width, ask);
  return ask;
}

async function answer({ measure, layers, seconds, target, seed, learningRate, decayEpochs, quarters }) {
  const ask = await programOf(layers[1]);
  if (measure === 'train') {
    const [samples, taken] = await ask(`train ${seconds} ${RATE}`);
    return { samplesPerSecond: samples / taken };
  }
  if (measure !== 'time-to-accuracy') throw new Error(`zero-skipping-cpp is not asked for ${measure}`);
  const words = [target, seed, learningRate, decayEpochs ?? 0, quarters];
  const [reached, taken, epochs, accuracy] = await ask(`accuracy ${words.join(' ')}`);
  return { reached: reached === 1, seconds: taken, epochs, accuracy };
}

const send = (reply) => process.stdout.write(`${JSON.stringify(reply)}\n`);
send({ ready: true, versions: { compiler: compiler.name, flags: flags.join(' ') } });
for await (const line of createInterface({ input: process.stdin })) {
  try {
    send(await answer(JSON.parse(line)));
  } catch (error) {
    send({ error: error.message });
  }
}
process.exit(0);
