#!/usr/bin/env node
/**
 * Exports networks of all kinds and lets other programs run them: ONNX in onnxruntime, C compiled here, .npz in scipy,
 * safetensors in its own library, event files in TensorBoard. Everything must be as predict() and the networks say. The
 * other way round, files that numpy, scipy and safetensors wrote are imported.
 *
 *     node scripts/check-exports.mjs PYTHON     PYTHON has onnx, onnxruntime, numpy, scipy, safetensors, tensorboard
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import * as main from '../dist/index.js';
import * as data from '../dist/public/data.js';
import * as exporting from '../dist/public/export.js';
import * as importing from '../dist/public/import.js';
import { mnistCases, smallCases } from './export-cases.mjs';
import { fail, root, run } from './run.mjs';
import { cCompiler, compareC } from './run-c.mjs';

const api = { ...main, ...data, ...exporting, ...importing };
const [python] = process.argv.slice(2);
const compiler = cCompiler();
if (python === undefined) fail('usage: check-exports.mjs PYTHON');
if (compiler === undefined) fail('there is no C compiler (Debian: apt-get install build-essential)');
const folder = mkdtempSync(join(tmpdir(), 'sparse-train-exports-'));
const at = (name) => join(folder, name);

/** Exports a network in every possible form, with the results of predict() for the inputs. */
async function prepare({ name, network, input, inputs, rows, log }) {
  const { scores, decisions } = await network.predictBatch(inputs);
  for (const [what, data] of Object.entries({ inputs, scores, decisions }))
    writeFileSync(at(`${name}.${what}`), data);
  const { kind } = network.arithmetic;
  const forms = { wide: ['float', 'integer', 'qdq'], hardware: ['integer'], float: ['float'] }[kind];
  const models = [];
  for (const form of forms)
    models.push(await api.exportOnnx(network, at(`${name}-${form}.onnx`), { form, input }));
  const npz = await api.exportNpz(network, at(`${name}.npz`));
  const scipy = await api.exportNpz(network, at(`${name}-{junction}.npz`), { values: 'integer' });
  const dense = await api.exportSafetensors(network, at(`${name}.safetensors`));
  const events = log === undefined ? undefined : await api.exportTensorBoard(log, at(`${name}-runs`));
  const junctions = network.layers.slice(1).map((_, j) => {
    const { offsets, left } = network.junction(j).pattern();
    return {
      offsets: [...offsets],
      left: [...left],
      weights: [...network.junction(j).weights()],
      biases: [...network.junction(j).biases()],
    };
  });
  return {
    name,
    kind,
    input,
    rows,
    layers: network.layers,
    unit: unitOf(network),
    models,
    npz,
    scipy,
    dense,
    events,
    log,
    junctions,
  };
}

/** The value of one unit of a weight and of a bias. */
function unitOf({ arithmetic: { kind, weightFraction, width, integerBits } }) {
  if (kind === 'float') return [1, 1];
  if (kind === 'wide') return [2 ** -weightFraction, 2 ** -(8 + weightFraction)];
  return [2 ** (integerBits + 1 - width), 2 ** (integerBits + 1 - width)];
}

/** A junction's weights, in whole units, as a dense matrix with a row for each right neuron. */
function matrixOf(network, j) {
  const { offsets, left } = network.junction(j).pattern();
  const weights = network.junction(j).weights();
  return Array.from({ length: network.layers[j + 1] }, (_, r) => {
    const row = new Array(network.layers[j]).fill(0);
    for (let e = offsets[r]; e < offsets[r + 1]; e++) row[left[e]] = weights[e];
    return row;
  });
}

/** Imports the files that Python wrote. */
async function checkImports() {
  const expected = JSON.parse(readFileSync(at('imports.json'), 'utf8'));
  for (const [name, matrices] of Object.entries(expected)) {
    const { network } = await api.importNetwork(at(name), {
      arithmetic: { kind: 'wide', weightFraction: 0 },
    });
    const same = matrices.every((matrix, j) => isDeepStrictEqual(matrixOf(network, j), matrix));
    console.log(`  import of ${name}: ${network.layers.join(', ')}`);
    if (!same || network.layers.length !== matrices.length + 1) fail(`${name} was not imported as it is`);
  }
}

try {
  const examples = [...(await smallCases(api)), ...(await mnistCases(api, at('mnist.jsonl')))];
  for (const example of examples) {
    if (example.network.arithmetic.kind === 'float') continue;
    const { rows, compared, difference, tableBytes } = await compareC(api, example, { folder, compiler });
    console.log(
      `  ${example.name} C: ${compared} numbers of ${rows} inputs equal, ${tableBytes} bytes of tables`,
    );
    if (difference !== undefined) fail(difference);
  }
  const cases = [];
  for (const example of examples) cases.push(await prepare(example));
  writeFileSync(at('cases.json'), JSON.stringify(cases));
  if (!run(python, [join(root, 'scripts', 'check-exports.py'), folder]))
    fail('exports differ from the networks');
  await checkImports();
} finally {
  rmSync(folder, { recursive: true });
}
