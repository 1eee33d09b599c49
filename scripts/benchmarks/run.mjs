#!/usr/bin/env node
/**
 * Measures everything and writes the pages about it, on a machine that does nothing else:
 *
 *   node scripts/benchmarks/run.mjs [--name NAME] [--against DIR] [--again] [--quick]
 *
 * Writes scripts/baselines/results/sparse-train-NAME.json (default: the name of the CPU), docs/benchmarks.md, the roofline in
 * docs/lab/kernels.md, docs/lab/goals.md, and the speeds in README.md and docs/comparison.md. With --against the builds of DIR and of this checkout are compared as well. --again
 * writes the pages from the newest result file and measures nothing. --quick checks that everything works, in a minute,
 * and writes to a temporary folder.
 */
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { readResultFiles } from '../../dist/.build/modules/bench/result-files.js';
import { fail, root, run } from '../run.mjs';
import { speedParagraph, speedTable, withBlock } from './blocks.mjs';
import { targetPage } from './targets.mjs';

const { values } = parseArgs({
  options: {
    name: { type: 'string' },
    against: { type: 'string' },
    again: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
  },
});
const { quick, again, against } = values;
const results = join(root, 'scripts', 'baselines', 'results');
const docs = quick ? mkdtempSync(join(tmpdir(), 'sparse-train-benchmarks-')) : join(root, 'docs');
const cpu = (cpus()[0]?.model ?? 'unknown')
  .toLowerCase()
  .replace(/[^a-z0-9]+/g, '-')
  .replace(/^-|-$/g, '');
const json = join(quick ? docs : results, `sparse-train-${values.name ?? cpu}.json`);

const program = join(root, 'dist', 'cli', 'main.js');
const words = again
  ? ['bench', 'report']
  : [
      'bench',
      'all',
      ...['--json-out', json],
      ...(quick ? ['--quick'] : []),
      ...(against === undefined ? [] : ['--against', resolve(against)]),
    ];
const begun = performance.now();
if (!run(process.execPath, [program, ...words, '--out', join(docs, 'benchmarks.md')]))
  fail('the measurement failed');

if (!again) withoutFolders(json);
const files = readResultFiles(results);
const result = again ? files.own[0].document : JSON.parse(readFileSync(json, 'utf8'));
mkdirSync(join(docs, 'lab'), { recursive: true });
writeFileSync(join(docs, 'lab', 'goals.md'), targetPage(result, files.baselines));
if (!quick) {
  const blocks = { 'README.md': speedParagraph, 'docs/comparison.md': speedTable };
  for (const [page, textOf] of Object.entries(blocks)) {
    const path = join(root, page);
    writeFileSync(path, withBlock(readFileSync(path, 'utf8'), 'speed', textOf(result)));
  }
}
const missing = result.baselines.filter(({ status }) => status !== 'measured').map(({ name }) => name);
console.log(`wrote ${docs} in ${Math.round((performance.now() - begun) / 1000)} s`);
if (missing.length > 0 && !quick && !again) console.log(`not compared with: ${missing.join(', ')}`);

/** A result that is published names the builds, not where they lay on the machine that measured. */
function withoutFolders(file) {
  const document = JSON.parse(readFileSync(file, 'utf8'));
  for (const build of Object.values(document.against ?? {}))
    if (build.folder !== undefined) build.folder = basename(build.folder);
  writeFileSync(file, `${JSON.stringify(document, undefined, 1)}\n`);
}
