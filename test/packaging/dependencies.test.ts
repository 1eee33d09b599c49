import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../cli/run.js';

const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Record<
  'dependencies' | 'devDependencies' | 'peerDependencies',
  Record<string, string>
>;
const page = readFileSync(join(ROOT, 'docs', 'dependencies.md'), 'utf8');
/** The section of the page under a heading. */
const section = (heading: string) => page.split(/^## /m).find((text) => text.startsWith(heading)) ?? '';

/** The packages that the first cells of a section's tables name. */
function named(section: string): string[] {
  return section
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .flatMap((line) => [...(line.split('|')[1] as string).matchAll(/`([^`]+)`/g)])
    .map(([, name]) => name as string)
    .sort();
}

describe('docs/dependencies.md', () => {
  it('has the reason for every package, and for no other', () => {
    expect(named(section('At run time'))).toEqual(Object.keys(manifest.dependencies).sort());
    expect(named(section('Optional'))).toEqual(Object.keys(manifest.peerDependencies).sort());
    expect(named(section('For development'))).toEqual(Object.keys(manifest.devDependencies).sort());
  });
});
