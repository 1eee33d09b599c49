#!/usr/bin/env node
/**
 * Tests the tests: changes a module in small ways, one at a time, and looks whether a test fails.
 *
 *   npm run test:mutation -- lib/data                  # a module, or one of its files
 *   npm run test:mutation -- lib/data --sample 80      # more mutants of each file than 40
 *   npm run test:mutation -- lib/data --write          # with its result written into docs/lab/mutation.md
 *   npm run test:mutation -- lib/data --survivors --write  # only those that lived, after tests for them were written
 *   npm run test:mutation -- --named                   # the mutants of named.mjs: each must be killed
 *
 * Mutants are chosen by a hash of what they change, so that the same ones are tried until their function changes.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fail, root } from '../run.mjs';
import { tryMutants } from './campaign.mjs';
import { LEFT_OUT, MODULES } from './modules.mjs';
import { named } from './named.mjs';
import { mutantsOf } from './operators.mjs';
import { hasSurvived, writeResult } from './page.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    sample: { type: 'string', default: '40' },
    write: { type: 'boolean', default: false },
    survivors: { type: 'boolean', default: false },
    named: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
  },
});
const sample = Number(values.sample);
if (!(sample >= 1)) fail(`--sample: give the number of mutants of each file, got '${values.sample}'`);

/**
 * The files in a folder whose names end with `end`, or the file itself. @param {string} path @param {string}
 * end
 */
function filesIn(path, end) {
  if (!existsSync(join(root, path))) return [];
  if (statSync(join(root, path)).isFile()) return [path];
  return readdirSync(join(root, path), { recursive: true, encoding: 'utf8' })
    .map((name) => `${path}/${name}`)
    .filter((name) => name.endsWith(end))
    .sort();
}

/**
 * The mutants of a file with their keys, which survive changes elsewhere in the file. @param {string} file
 */
function keyedMutants(file) {
  const seen = new Map();
  return mutantsOf(file, readFileSync(join(root, file), 'utf8')).map((mutant) => {
    const text = `\`${mutant.from}\` to \`${mutant.to}\``;
    const place = `${mutant.where}: ${text}`;
    const count = (seen.get(place) ?? 0) + 1;
    seen.set(place, count);
    return { ...mutant, file, key: count === 1 ? place : `${place} (${count})` };
  });
}

const hash = (text) => createHash('sha256').update(text).digest('hex');

/** Some mutants of a file, in their order. @param {string} file */
function chosen(file) {
  const all = keyedMutants(file);
  const rank = (mutant) => hash(`${file} ${mutant.key}`);
  const kept = new Set([...all].sort((a, b) => (rank(a) < rank(b) ? -1 : 1)).slice(0, sample));
  return all.filter((mutant) => kept.has(mutant));
}

const percent = (part, whole) => `${((100 * part) / Math.max(1, whole)).toFixed(1)} %`;

/** Tries mutants and prints the survivors. */
async function run(mutants, tests) {
  const start = performance.now();
  const progress = (done, { mutant, state, by }) => {
    const place = `${mutant.file}:${mutant.line}`;
    if (values.list) console.log(`${state.padEnd(11)} ${place}  ${mutant.key}  ${by ?? ''}`);
    else if (state !== 'killed') console.log(`${state.padEnd(11)} ${place}  ${mutant.key}`);
    if (done % 100 === 0) console.log(`-- ${done} of ${mutants.length}`);
  };
  const { results, tests: count, failing } = await tryMutants(mutants, tests, progress);
  const killed = results.filter(({ state }) => state === 'killed').length;
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  console.log(
    `${killed} of ${results.length} mutants killed (${percent(killed, results.length)}) by ${count} tests, ${seconds} s`,
  );
  if (failing > 0) console.log(`${failing} tests fail in one worker without a mutant and were left out`);
  return results;
}

if (values.named) {
  const { mutants, tests } = named();
  const results = await run(mutants, tests);
  if (results.some(({ state }) => state !== 'killed')) fail('a mutant that once survived survives again');
} else {
  const wanted = positionals.length > 0 ? positionals : Object.keys(MODULES);
  for (const path of wanted) {
    const name = Object.keys(MODULES).find((module) => path === module || path.startsWith(`${module}/`));
    if (name === undefined) fail(`${path} is in none of ${Object.keys(MODULES).join(', ')}`);
    const files = filesIn(path, '.ts');
    if (files.length === 0) fail(`${path}: no such file`);
    const tests = MODULES[name]
      .flatMap((test) => filesIn(test, '.test.ts'))
      .filter((test) => !LEFT_OUT.includes(test));
    console.log(`\n${path}`);
    const mutants = files.flatMap(chosen);
    const tried = values.survivors ? mutants.filter(hasSurvived) : mutants;
    const earlier = mutants.filter((mutant) => !tried.includes(mutant));
    const results = [...earlier.map((mutant) => ({ mutant, state: 'killed' })), ...(await run(tried, tests))];
    if (!values.write) continue;
    if (path !== name) fail(`--write needs the whole module: ${name}`);
    writeResult(
      name,
      results,
      files.reduce((sum, file) => sum + keyedMutants(file).length, 0),
      sample,
    );
  }
}
