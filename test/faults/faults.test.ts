/** System calls fail at every position, and nothing that was acknowledged may be lost. shim.c makes them fail. */
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

interface Outcome {
  /** Runs of the scenario, each with another call failing. */
  readonly positions: number;
  /** Runs in which a call failed, by operation; the others show that there are no more calls. */
  readonly fired: Readonly<Record<string, number>>;
  readonly losses: readonly { readonly faults: readonly string[]; readonly problem: string }[];
}

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));

describe.runIf(process.platform === 'linux')('a disk that fails', () => {
  let folder: string;
  let shim: string;
  let positions = 0;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'sparse-train-shim-'));
    shim = join(folder, 'shim.so');
    execFileSync('cc', [
      '-shared',
      '-fPIC',
      '-O1',
      '-Wall',
      '-Wextra',
      '-Werror',
      '-o',
      shim,
      here('shim.c'),
      '-ldl',
    ]);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  async function run(scenario: string): Promise<Outcome> {
    const { stdout } = await promisify(execFile)(process.execPath, [here('scenarios.mjs'), scenario], {
      env: { ...process.env, LD_PRELOAD: shim },
      maxBuffer: 2 ** 26,
    });
    return JSON.parse(stdout) as Outcome;
  }

  it.each([
    ['journal', 'a study keeps every trial that was told, and goes on'],
    ['runLog', 'a run log stays readable'],
    ['model', 'save() leaves the old or the new model, and says which'],
    ['checkpoint', 'training goes on, and the newest checkpoint can be read'],
    ['download', 'a data set comes whole or not at all'],
    ['serve', 'a model that learns in use comes back with all that was acknowledged, to the same digest'],
    ['servePruned', 'a model whose old segments and snapshots are removed does so too'],
  ])('%s: %s', async (scenario) => {
    const { fired, losses } = await run(scenario);
    expect(losses).toEqual([]);
    // Each operation occurs: if a file were never flushed, this would fail.
    for (const [operation, times] of Object.entries(fired)) expect(times, operation).toBeGreaterThan(0);
    positions += Object.values(fired).reduce((sum, times) => sum + times);
  });

  it("a study's heartbeat that fails does not end the user's process", async () => {
    const script = `
      process.env.FAULTS = '1 .lock utimensat:1:99:30';
      const { createStudy } = await import(${JSON.stringify(new URL('../../dist/public/search.js', import.meta.url).href)});
      const study = await createStudy(
        { space: { x: { kind: 'float', low: 0, high: 1 } }, objectives: [{ measure: 'value' }], sampler: 'random' },
        { journal: ${JSON.stringify(join(folder, 'beat.jsonl'))} },
      );
      await new Promise((resolve) => setTimeout(resolve, 5500));
      study.tell(study.ask(), { values: { value: 1 } });
      await study.close();
      console.log('told');`;
    const mark = join(folder, 'mark');
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--input-type=module', '--eval', script],
      {
        env: { ...process.env, LD_PRELOAD: shim, FAULT_MARK: mark },
      },
    );
    expect(stdout).toBe('told\n');
    expect(existsSync(mark)).toBe(true);
  });

  it('has been tried at more than a thousand positions', () => {
    expect(positions).toBeGreaterThan(1000);
  });
});
