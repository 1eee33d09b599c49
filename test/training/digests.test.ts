import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Dataset, Network } from '../../lib/index.js';
import { type Configuration, digestOf, digestTable } from '../../scripts/digest-cases.mjs';
import { ROOT } from '../cli/run.js';

const { configurations } = JSON.parse(readFileSync(join(ROOT, 'docs', 'determinism.json'), 'utf8')) as {
  configurations: Configuration[];
};

describe('docs/determinism.json', () => {
  it.each(configurations)('has the digest of $name', async (configuration) => {
    for (const threads of [1, 3])
      expect(await digestOf({ Dataset, Network }, configuration, threads)).toBe(configuration.digest);
  });

  it('has no two configurations that come to the same', () => {
    expect(new Set(configurations.map(({ digest }) => digest)).size).toBe(configurations.length);
  });

  it('is what the table of docs/determinism.md says', () => {
    const page = readFileSync(join(ROOT, 'docs', 'determinism.md'), 'utf8');
    expect(page).toContain(`\n${digestTable(configurations)}\n`);
  });
});
