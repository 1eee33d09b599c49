import { spawn } from 'node:child_process';
import { SparseTrainError } from '../base/errors.js';
import type { BenchPlan } from './plan.js';
import type { MemoryResult } from './result.js';

/**
 * A child process loads this before anything else. At its end it writes its peak resident size to descriptor 3. On Linux the
 * size comes from /proc, because getrusage() may report that of the parent from before exec().
 */
const PROBE = `
import { readFileSync, writeSync } from 'node:fs';
process.on('exit', () => {
  let bytes = process.resourceUsage().maxRSS * 1024;
  try {
    bytes = 1024 * Number(/VmHWM:\\s+(\\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))[1]);
  } catch {}
  writeSync(3, String(bytes));
});`;

interface Finished {
  readonly bytes: number;
  readonly output: string;
}

/**
 * Measures the memory of `sparse-train mnist` in a process of its own.
 *
 * @param program - the path of the command's main module
 */
export async function measureMemory(plan: BenchPlan, program: string): Promise<MemoryResult> {
  plan.onStep('memory: sparse-train mnist');
  const words = [
    'mnist',
    '--json',
    '--quiet',
    '--no-save',
    ...(plan.quick ? ['--epochs', '1', '--layers', '16'] : []),
  ];
  const run = await runProbed([program, ...words], plan.signal);
  const { testAccuracy, trainSeconds } = JSON.parse(run.output) as Record<string, number>;
  if (testAccuracy === undefined || trainSeconds === undefined) {
    throw new SparseTrainError('INTERNAL', 'sparse-train mnist --json printed no testAccuracy');
  }
  const alone = await runProbed(['--eval', '0'], plan.signal);
  return { peakBytes: run.bytes, nodeBytes: alone.bytes, testAccuracy, trainSeconds };
}

/** Runs Node with the probe and returns its output and peak size. */
async function runProbed(words: readonly string[], signal: AbortSignal): Promise<Finished> {
  const probe = `data:text/javascript,${encodeURIComponent(PROBE)}`;
  const child = spawn(process.execPath, ['--import', probe, ...words], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    signal,
  });
  let output = '';
  let complaints = '';
  let bytes = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (complaints += text));
  child.stdio[3]?.on('data', (text: Buffer) => (bytes += text.toString()));
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  if (status !== 0) {
    const last = complaints.trim().split('\n').at(-1) ?? '';
    throw new SparseTrainError('INTERNAL', `node ${words.join(' ')} exited with ${status}: ${last}`);
  }
  return { bytes: Number(bytes), output };
}
