/**
 * Which sources a build was made from, so that a checkout never runs an old build without a word. Compares contents, not
 * times: in a copy of a checkout every file is new.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from './run.mjs';

/** What each build is made from, what it makes, the file that holds its digest, and the command that makes it. */
const BUILDS = {
  addon: {
    sources: ['native', 'binding.gyp', 'scripts/build-addon.mjs', 'scripts/native-sources.mjs'],
    result: 'build/Release/sparse_train.node',
    digest: 'build/Release/sources.sha256',
    command: 'npm run build:addon',
  },
  ts: {
    sources: ['lib', 'tsconfig.json', 'scripts/build-ts.mjs'],
    result: 'dist/cli/main.js',
    digest: 'dist/.build/sources.sha256',
    command: 'npm run build:ts',
  },
};

/** Parts of native/ that the addon does not contain. */
const LEFT_OUT = /^native[\\/](test|fuzz)[\\/]/;

/** The SHA-256 of all sources of a build, with their names. */
function digestOf({ sources }) {
  const files = sources.flatMap((name) => {
    if (!statSync(join(root, name)).isDirectory()) return [name];
    const within = readdirSync(join(root, name), { recursive: true, withFileTypes: true });
    return within
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
  });
  const hash = createHash('sha256');
  for (const file of files.filter((name) => !LEFT_OUT.test(name)).sort()) {
    const contents = readFileSync(join(root, file));
    hash.update(`${file}\0${contents.length}\0`).update(contents);
  }
  return hash.digest('hex');
}

/** Stores what a build is made from. Call it before the build reads its sources, and store the result after it. */
export function beginBuild(name) {
  const build = BUILDS[name];
  const digest = digestOf(build);
  return () => {
    mkdirSync(dirname(join(root, build.digest)), { recursive: true });
    writeFileSync(join(root, build.digest), digest);
  };
}

/** Whether both builds exist, however old. */
export function isBuilt() {
  return Object.values(BUILDS).every(({ result }) => existsSync(join(root, result)));
}

/** The commands that make builds that are missing, or whose sources have changed; undefined if there are none. */
export function commandsForChanges() {
  const old = Object.values(BUILDS).filter((build) => {
    const [result, file] = [join(root, build.result), join(root, build.digest)];
    return !existsSync(result) || !existsSync(file) || readFileSync(file, 'utf8') !== digestOf(build);
  });
  return old.length === 0 ? undefined : old.map(({ command }) => command).join(' && ');
}
