import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../cli/run.js';

// typedoc brings a YAML parser.
const require = createRequire(createRequire(import.meta.url).resolve('typedoc'));
const { parse } = require('yaml') as { parse(text: string, options: { strict: boolean }): unknown };

interface Step {
  run?: string;
  uses?: string;
}

interface Workflow {
  on: Record<string, unknown>;
  jobs: Record<
    string,
    {
      'runs-on': string;
      steps: Step[];
      needs?: string;
      strategy?: { matrix: { include: Record<string, string>[] } };
    }
  >;
}

const folder = join(ROOT, '.github', 'workflows');
const workflows = readdirSync(folder).map(
  (name) => [name, parse(readFileSync(join(folder, name), 'utf8'), { strict: true }) as Workflow] as const,
);
const scripts = (
  JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> }
).scripts;

describe('the workflows', () => {
  it.each(workflows)('%s: every step does something, with scripts that are there', (_, { on, jobs }) => {
    expect(Object.keys(on).length).toBeGreaterThan(0);
    for (const { steps, needs, ...job } of Object.values(jobs)) {
      expect(job['runs-on']).toBeTruthy();
      if (needs !== undefined) expect(Object.keys(jobs)).toContain(needs);
      for (const { run, uses } of steps) {
        expect([run, uses].filter((word) => typeof word === 'string')).toHaveLength(1);
        if (uses !== undefined) expect(uses).toMatch(/^actions\/[a-z-]+@v\d+$/);
        for (const [, path = ''] of (run ?? '').matchAll(/(?:node|bash) ((?:scripts|\.ci)\/\S+)/g))
          expect(existsSync(join(ROOT, path)), path).toBe(true);
        for (const [, name = ''] of (run ?? '').matchAll(/npm run (\S+)/g))
          expect(Object.keys(scripts)).toContain(name);
      }
    }
  });

  it('build the packages that the loader looks for', () => {
    const release = workflows.find(([name]) => name === 'release.yml')?.[1];
    const platforms = release?.jobs.platform?.strategy?.matrix.include.map(({ platform }) => platform);
    expect(platforms?.sort()).toEqual([
      'darwin-arm64',
      'darwin-x64',
      'linux-arm64-gnu',
      'linux-x64-gnu',
      'win32-x64-msvc',
    ]);
  });
});

describe('.ci/run', () => {
  it('runs every step of .ci/steps, and no step that does not exist', () => {
    const driver = readFileSync(join(ROOT, '.ci', 'run'), 'utf8');
    const rows = [...driver.matchAll(/^(?:whole|one|other|aside)=\((.*)\)$/gm)];
    const named = rows.flatMap(([, names = '']) => names.split(' '));
    const files = readdirSync(join(ROOT, '.ci', 'steps')).map((name) => name.replace(/\.sh$/, ''));
    expect(named.sort()).toEqual(files.sort());
  });
});
