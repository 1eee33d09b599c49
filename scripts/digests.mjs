#!/usr/bin/env node
/**
 * Trains the networks of docs/determinism.json on this process's kernel set and compares their digests.
 *
 * node scripts/digests.mjs [--threads 1,2,3,7] [--package FILE] [--write]
 *
 * --package: the main module of the package that trains, by default dist/index.js; --write: stores the
 * digests in docs/determinism.json and the table of docs/determinism.md, for intended changes of the
 * arithmetic.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { digestOf, digestTable } from './digest-cases.mjs';
import { fail, output, root } from './run.mjs';

const { values } = parseArgs({
  options: {
    threads: { type: 'string', default: '1,2,3,7' },
    package: { type: 'string', default: join(root, 'dist', 'index.js') },
    write: { type: 'boolean', default: false },
  },
});
const file = join(root, 'docs', 'determinism.json');
const document = JSON.parse(readFileSync(file, 'utf8'));
const { configurations } = document;
const api = await import(pathToFileURL(values.package).href);
const threads = values.threads.split(',').map(Number);

const differences = [];
for (const configuration of configurations) {
  if (values.write) configuration.digest = await digestOf(api, configuration, 1);
  for (const count of threads) {
    const digest = await digestOf(api, configuration, count);
    if (digest !== configuration.digest)
      differences.push(`${configuration.name}, ${count} threads: ${digest}`);
  }
}
const kernelSet = new api.Network({ layers: [1, 2] }).kernelSet;
const made = `${configurations.length} configurations on ${kernelSet} with ${values.threads} threads`;
if (differences.length > 0)
  fail(`${made}: not the digest of docs/determinism.json\n${differences.join('\n')}`);
if (values.write) {
  const words = [join(root, 'dist', 'cli', 'main.js'), ...document.mnist.words, '--json'];
  document.mnist.digest = JSON.parse(output(process.execPath, words)).digest;
  writeFileSync(file, `${JSON.stringify(document, null, 2)}\n`);
  const page = join(root, 'docs', 'determinism.md');
  const table = /(<!-- digests:begin[^\n]*-->\n)[\s\S]*(<!-- digests:end -->)/;
  const text = readFileSync(page, 'utf8');
  writeFileSync(
    page,
    text.replace(table, (_, begin, end) => `${begin}\n${digestTable(configurations)}\n\n${end}`),
  );
}
console.log(`${made}: one digest each`);
