#!/usr/bin/env node
/**
 * Checks that one seed gives one digest: on every kernel set of this CPU, trains on MNIST with one thread and
 * with two, and the networks of docs/determinism.json with 1, 2, 3 and 7, and compares the digests with the
 * recorded ones. NEON is compared under qemu, by scripts/check-arm64.mjs and the C++ tests.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fail, output, root, run } from './run.mjs';

const { kernelSets } = createRequire(import.meta.url)(join(root, 'build', 'Release', 'sparse_train.node'));
const command = join(root, 'dist', 'cli', 'main.js');
const folder = mkdtempSync(join(tmpdir(), 'sparse-train-digest-'));
const { mnist } = JSON.parse(readFileSync(join(root, 'docs', 'determinism.json'), 'utf8'));
let differ = false;

for (const kernelSet of kernelSets()) {
  for (const threads of [1, 2]) {
    const words = [command, ...mnist.words, '--threads', String(threads), '--json'];
    const env = { ...process.env, SPARSE_TRAIN_ISA: kernelSet };
    const report = JSON.parse(output(process.execPath, words, { cwd: folder, env }));
    console.log(
      `${kernelSet.padEnd(9)} ${threads} thread${threads === 1 ? ' ' : 's'}  ${report.digest}  accuracy ${report.testAccuracy}, ${report.trainSeconds.toFixed(2)} s`,
    );
    if (report.isa !== kernelSet) fail(`SPARSE_TRAIN_ISA=${kernelSet} ran on ${report.isa}`);
    if (report.threads !== threads) fail(`--threads ${threads} ran on ${report.threads}`);
    differ ||= report.digest !== mnist.digest;
  }
  const env = { ...process.env, SPARSE_TRAIN_ISA: kernelSet };
  if (!run(process.execPath, [join(root, 'scripts', 'digests.mjs')], { env })) differ = true;
}
rmSync(folder, { recursive: true });
if (differ) fail(`not the digests of docs/determinism.json (MNIST: ${mnist.digest})`);
console.log('the digests of docs/determinism.json');
