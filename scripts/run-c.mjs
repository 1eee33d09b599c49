/** Compiles exported C strictly as C99, runs it, and compares its output with predict(). */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const STRICT = [
  '-std=c99',
  '-pedantic',
  '-Wall',
  '-Wextra',
  '-Werror',
  '-Wconversion',
  '-Wno-sign-conversion',
];

/** The words of the C compiler's command, or undefined if there is none. */
export function cCompiler() {
  const words = (process.env.CC || 'cc').split(' ');
  const { error, status } = spawnSync(words[0], [...words.slice(1), '--version'], { stdio: 'ignore' });
  return error === undefined && status === 0 ? words : undefined;
}

/** Runs a command; throws an error with its output if it fails. */
function output([command, ...words], input) {
  const options = { input, encoding: 'utf8', maxBuffer: 1 << 30 };
  const { status, stdout, stderr, error } = spawnSync(command, words, options);
  if (status === 0) return stdout;
  throw new Error(`${command} ${words.join(' ')} exited with ${status ?? error?.message}\n${stderr}`);
}

/**
 * Exports a network as C, runs all inputs through it, and compares decisions, sums and scores.
 *
 * @param {object} api the package's
 * @param {{ name: string, network: object, inputs: ArrayBufferView & ArrayLike<number> }} example
 * @param {{ folder: string, compiler: string[], flags?: string[] }} place flags: of the compiler, besides the strict ones
 * @returns {Promise<{ rows: number, compared: number, difference: string | undefined, tableBytes: number }>} compared:
 *   numbers; difference: the first
 */
export async function compareC(api, { name, network, inputs }, { folder, compiler, flags = ['-O2'] }) {
  const file = join(folder, `${name.replaceAll('-', '_')}.c`);
  const { files, name: prefix, input, tableBytes } = await api.exportC(network, file);
  const macro = prefix.toUpperCase();
  const scaled = input === 'word' && (network.scaling.kind !== 'none' || network.inputUnit === 'number');
  const defines = [`-D${macro}_MAIN`, ...(scaled ? [`-D${macro}_SCALING`] : [])];
  const program = file.replace(/\.c$/, '.program');
  output([...compiler, ...STRICT, ...flags, ...defines, files[0], '-o', program]);
  const numbers = scaled ? Float64Array.from(inputs) : inputs;
  const text = output([program], new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength));
  const lines = text.trimEnd().split('\n');

  const expected = await expectedRows(api, network, inputs);
  let compared = 0;
  let difference =
    lines.length === expected.length ? undefined : `${lines.length} rows, not ${expected.length}`;
  for (const [row, { decision, outputs, scores }] of expected.entries()) {
    const got = (lines[row] ?? '').split(' ').map(Number);
    const wanted = [decision, ...outputs, ...scores];
    compared += wanted.length;
    // predict() gives sums as binary32.
    const same = got.length === wanted.length && got.every((number, i) => Math.fround(number) === wanted[i]);
    if (!same) difference ??= `${name}, input ${row}: expected ${wanted}, got ${got}`;
  }
  return { rows: expected.length, compared, difference, tableBytes };
}

/** For each input, from predict(): the decision, the outputs in the unit of the C code, and the scores. */
async function expectedRows(api, network, inputs) {
  const { scores, decisions, outputs } = await network.predictBatch(inputs);
  const { arithmetic } = network;
  const isHardware = arithmetic.kind === 'hardware';
  const unit = isHardware
    ? 2 ** (arithmetic.width - 1 - arithmetic.integerBits)
    : 2 ** (8 + arithmetic.weightFraction);
  const sums = isHardware ? scores : (await linearTwin(api, network).predictBatch(inputs)).scores;
  const hasScores = !isHardware && network.output !== 'linear';
  const part = (numbers, row, factor) =>
    Array.from(numbers.subarray(row * outputs, (row + 1) * outputs), (number) => number * factor);
  return Array.from(decisions, (decision, row) => ({
    decision,
    outputs: part(sums, row, unit),
    scores: hasScores ? part(scores, row, 2 ** 14) : [],
  }));
}

/** The same network with linear outputs, whose scores are its sums. */
function linearTwin({ Network }, network) {
  const { layers, arithmetic, activations, scaling, inputUnit } = network;
  const junctions = Array.from({ length: layers.length - 1 }, (_, j) => j);
  // A scaling without effect makes the network read real numbers.
  const asTrained = scaling.kind === 'none' && inputUnit === '1/256' ? 'none' : scaling;
  const twin = new Network({
    layers,
    arithmetic,
    activation: activations,
    output: 'linear',
    pattern: junctions.map((j) => network.junction(j).pattern()),
    scaling: asTrained,
  });
  for (const j of junctions) {
    twin.junction(j).setWeights(network.junction(j).weights());
    twin.junction(j).setBiases(network.junction(j).biases());
  }
  return twin;
}
