#!/usr/bin/env node
/**
 * One seed, one digest: trains on MNIST on every kernel set of this CPU with one thread and with two, and compares the
 * digests of the trained networks. NEON is compared under qemu by the C++ tests instead.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fail, output, root } from './run.mjs';

const { kernelSets } = createRequire(import.meta.url)(join(root, 'build', 'Release', 'sparse_train.node'));
const command = join(root, 'dist', 'cli', 'main.js');
const folder = mkdtempSync(join(tmpdir(), 'sparse-train-digest-'));
const digests = new Map();

for (const kernelSet of kernelSets()) {
  for (const threads of [1, 2]) {
    const words = [command, 'mnist', '--epochs', '1', '--threads', String(threads), '--json'];
    const env = { ...process.env, SPARSE_TRAIN_ISA: kernelSet };
    const report = JSON.parse(output(process.execPath, words, { cwd: folder, env }));
    console.log(
      `${kernelSet.padEnd(9)} ${threads} thread${threads === 1 ? ' ' : 's'}  ${report.digest}  accuracy ${report.testAccuracy}, ${report.trainSeconds.toFixed(2)} s`,
    );
    if (report.isa !== kernelSet) fail(`SPARSE_TRAIN_ISA=${kernelSet} ran on ${report.isa}`);
    if (report.threads !== threads) fail(`--threads ${threads} ran on ${report.threads}`);
    digests.set(report.digest, [...(digests.get(report.digest) ?? []), `${kernelSet}/${threads}`]);
  }
}
rmSync(folder, { recursive: true });
if (digests.size !== 1)
  fail(
    `the digests differ: ${[...digests].map(([digest, runs]) => `${runs.join(' ')}: ${digest}`).join('; ')}`,
  );
console.log('one digest');
