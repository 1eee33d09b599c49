/** Readers in a cluster, beside one process that learns. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { workFolder } from '../cli/run.js';

const script = fileURLToPath(new URL('cluster-readers.mjs', import.meta.url));
const folder = workFolder();
const SNAPSHOTS = 4;

it('workers of a cluster swap snapshots without dropping a request, and cannot learn the model as well', async () => {
  const words = [script, join(folder(), 'live.safetensors'), String(SNAPSHOTS)];
  const { stdout } = await promisify(execFile)(process.execPath, words);
  const { answers, failures, workers, versions, second } = JSON.parse(stdout) as {
    answers: Record<string, number>;
    failures: number;
    workers: number;
    versions: number;
    second: string;
  };
  expect({ failures, statuses: Object.keys(answers), workers }).toEqual({
    failures: 0,
    statuses: ['200'],
    workers: 2,
  });
  expect(versions).toBeGreaterThanOrEqual(SNAPSHOTS);
  expect(second).toMatch(/live\.safetensors is being written by process \d+/);
});
