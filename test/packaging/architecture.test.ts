/** docs/architecture.md names files that exist. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const root = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
const folders = readdirSync(new URL('lib', root), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

describe('docs/architecture.md', () => {
  const page = read('docs/architecture.md');

  it('names only files and folders that exist', () => {
    const paths = [...page.matchAll(/`((?:lib|native|test|scripts|docs)\/[^`\s]*)`/g)].map(
      ([, path]) => path as string,
    );
    expect(paths.length).toBeGreaterThan(20);
    expect(paths.filter((path) => !existsSync(new URL(path, root)))).toEqual([]);
  });

  it('has a picture that shows every folder of lib/, higher floors above lower ones', () => {
    const picture = read('docs/images/architecture.svg');
    const height = (folder: string): number => {
      const line = picture
        .split('\n')
        .find((text) => new RegExp(`font-weight="600"[^>]*>(.* )?${folder}( .*)?<`).test(text));
      return Number(/ y="(\d+)"/.exec(line ?? '')?.[1]);
    };
    expect(folders.filter((folder) => Number.isNaN(height(folder)))).toEqual([]);
    const floors = [...read('.dependency-cruiser.mjs').matchAll(/^ {2}\[('.*')\],$/gm)].map(([, names]) =>
      [...(names as string).matchAll(/'([a-z-]+)'/g)].map(([, name]) => name as string),
    );
    const present = floors
      .map((names) => names.filter((name) => folders.includes(name)))
      .filter((names) => names.length > 0);
    expect(present.flat().sort()).toEqual([...folders].sort());
    const heights = present.map((names) => names.map(height));
    for (const [i, [first]] of heights.entries()) expect(heights[i]).toEqual(heights[i]?.map(() => first));
    const tops = heights.map(([first]) => first as number);
    expect(tops).toEqual([...tops].sort((a, b) => a - b));
  });
});
