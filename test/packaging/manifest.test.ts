import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { TOOLS } from '../../scripts/build-addon.mjs';
import { absoluteLinks, linkedFiles } from '../../scripts/published-links.mjs';
import { ROOT } from '../cli/run.js';

const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  version: string;
  repository: { url: string };
  devDependencies: Record<string, string>;
} & Record<string, unknown>;
const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');

const repository = mkdtempSync(join(tmpdir(), 'sparse-train-git-'));
execFileSync('git', ['init', '--quiet', '--bare', repository]);
afterAll(() => rmSync(repository, { recursive: true }));

/** Whether .gitignore hides a path. The test makes an empty repository, because a copy of a checkout may not be one. */
function isIgnored(path: string): boolean {
  try {
    const words = [
      '--git-dir',
      repository,
      '--work-tree',
      ROOT,
      'check-ignore',
      '--quiet',
      '--no-index',
      path,
    ];
    execFileSync('git', words, { cwd: ROOT });
    return true;
  } catch {
    return false;
  }
}

describe('package.json', () => {
  it("gives the project's addresses and description", () => {
    for (const field of ['description', 'keywords', 'homepage', 'repository', 'bugs', 'author', 'license'])
      expect(manifest[field], field).toBeTruthy();
  });

  it('has no fields that mean something in a checkout only', () => {
    expect(manifest).not.toHaveProperty('overrides');
  });

  it('builds with the tools that users install for building', () => {
    expect(manifest.devDependencies).toMatchObject(TOOLS);
  });
});

describe('the README', () => {
  it('links to files that exist', () => {
    const files = linkedFiles(readme);
    expect(files.length).toBeGreaterThan(10);
    for (const file of files) expect(existsSync(join(ROOT, file)), file).toBe(true);
  });

  it('has absolute links where it is published', () => {
    const published = absoluteLinks(readme, manifest);
    expect(linkedFiles(published)).toEqual([]);
    const site = 'https://github.com/sparse-train/sparse-train';
    expect(published).toContain(`](${site}/blob/v${manifest.version}/docs/arithmetic.md)`);
    expect(published).toContain(`](${site}/raw/v${manifest.version}/docs/images/network.svg)`);
    expect(absoluteLinks('[a](#b) [c](https://d/e) [f](g.md#h "i")', manifest)).toBe(
      `[a](#b) [c](https://d/e) [f](${site}/blob/v${manifest.version}/g.md#h "i")`,
    );
  });

  it('has commands that leave the checkout clean', () => {
    for (const name of [
      'sparse-train-mnist.safetensors',
      'sparse-train-mnist.jsonl',
      'sparse-train-mnist.html',
    ])
      expect(isIgnored(name), name).toBe(true);
    for (const name of ['penguins.safetensors', 'penguins.jsonl'])
      expect(isIgnored(join('examples', 'data', name)), name).toBe(true);
    expect(isIgnored('examples/data/penguins.csv')).toBe(false);
  });
});
