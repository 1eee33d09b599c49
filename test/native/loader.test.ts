import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Manifest } from '../../lib/base/package.js';
import {
  type LoaderEnvironment,
  loadAddon,
  PLATFORM_PACKAGES,
  platformPackage,
  thisMachine,
} from '../../lib/engine/loader.js';
import { SparseTrainError } from '../../lib/index.js';

const platformName = '@sparse-train/linux-x64-gnu';

let root: string;
let modules: Map<string, () => unknown>;
let asked: string[];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sparse-train-loader-'));
  modules = new Map();
  asked = [];
});

afterEach(() => {
  rmSync(root, { recursive: true });
});

const manifest: Manifest = {
  name: 'sparse-train',
  version: '1.2.3',
  optionalDependencies: { [platformName]: '1.2.3' },
};

function load(id: string): unknown {
  asked.push(id);
  const module = modules.get(id);
  if (module === undefined)
    throw Object.assign(new Error(`Cannot find module '${id}'\nRequire stack:\n- here`), {
      code: 'MODULE_NOT_FOUND',
    });
  return module();
}

function environment(overrides: Partial<LoaderEnvironment> = {}): LoaderEnvironment {
  return {
    root,
    platform: 'linux',
    arch: 'x64',
    libc: () => ({ name: 'gnu', version: '2.36' }),
    manifest,
    require: load,
    requirePackage: load,
    ...overrides,
  };
}

function placeLocalBuild(load: () => unknown): string {
  const path = join(root, 'build', 'Release', 'sparse_train.node');
  mkdirSync(join(root, 'build', 'Release'), { recursive: true });
  writeFileSync(path, '');
  modules.set(path, load);
  return path;
}

function failure(overrides: Partial<LoaderEnvironment> = {}): string {
  try {
    loadAddon(environment(overrides));
  } catch (error) {
    expect(error).toBeInstanceOf(SparseTrainError);
    expect((error as SparseTrainError).code).toBe('NATIVE_UNAVAILABLE');
    return (error as SparseTrainError).message;
  }
  throw new Error('the addon was loaded');
}

describe('loading the addon', () => {
  it('loads the addon of this checkout', () => {
    expect(loadAddon()).toHaveProperty('kernelSets');
  });

  it('prefers the local build and then asks for nothing else', () => {
    const path = placeLocalBuild(() => 'local');
    modules.set(platformName, () => 'packaged');
    expect(loadAddon(environment({ libc: () => expect.fail('asked for the C library') }))).toBe('local');
    expect(asked).toEqual([path]);
  });

  it('takes the platform package when nothing was built here', () => {
    modules.set(platformName, () => 'packaged');
    expect(loadAddon(environment())).toBe('packaged');
  });

  it('takes the platform package when the local build does not load', () => {
    placeLocalBuild(() => {
      throw new Error('wrong ELF class');
    });
    modules.set(platformName, () => 'packaged');
    expect(loadAddon(environment())).toBe('packaged');
  });
});

describe('an addon of another release', () => {
  it('is not used, and the error says how to get the right one', () => {
    placeLocalBuild(() => ({ version: '1.2.2' }));
    modules.set(platformName, () => ({ version: '1.2.3' }));
    expect(loadAddon(environment())).toEqual({ version: '1.2.3' });
    modules.set(platformName, () => ({ version: '1.3.0' }));
    const local = failure();
    expect(local).toContain('it is of release 1.2.2, but this package is of 1.2.3');
    expect(local).toContain('build-addon.mjs');
    rmSync(join(root, 'build'), { recursive: true });
    const packaged = failure();
    expect(packaged).toContain('it is of release 1.3.0, but this package is of 1.2.3');
    expect(packaged).toContain(`npm install ${platformName}@1.2.3`);
  });
});

describe('the name of the platform package', () => {
  it('is asked for literally, so that tools which collect files find it', () => {
    for (const name of PLATFORM_PACKAGES) {
      const ask = () => thisMachine.requirePackage(name);
      expect(ask).toThrow(name);
    }
  });

  it.each([
    ['linux', 'x64', 'gnu', '@sparse-train/linux-x64-gnu'],
    ['linux', 'arm64', 'musl', '@sparse-train/linux-arm64-musl'],
    ['darwin', 'arm64', 'gnu', '@sparse-train/darwin-arm64'],
    ['win32', 'x64', 'gnu', '@sparse-train/win32-x64-msvc'],
  ] as const)('on %s %s (%s) is %s', (platform, arch, name, expected) => {
    expect(platformPackage({ platform, arch, libc: () => ({ name, version: undefined }) })).toBe(expected);
  });
});

describe('the error when nothing loads', () => {
  it('names the machine, what was tried and why it failed', () => {
    const message = failure();
    expect(message).toContain(`on linux-x64, glibc 2.36, Node ${process.versions.node}`);
    expect(message).toContain(
      `${join(root, 'build', 'Release', 'sparse_train.node')}: there is no such file`,
    );
    expect(message).toContain(`${platformName}: it is not installed`);
  });

  it('gives the command that installs the platform package', () => {
    expect(failure()).toContain(`npm install ${platformName}@1.2.3`);
  });

  it('says to build where no platform package exists', () => {
    const message = failure({ libc: () => ({ name: 'musl', version: undefined }) });
    expect(message).toContain('no addon is published for this platform (@sparse-train/linux-x64-musl)');
    expect(message).toContain(`node ${join(root, 'scripts', 'build-addon.mjs')}`);
    expect(message).not.toContain('npm install');
  });

  it('says why a platform package did not load, and to build', () => {
    modules.set(platformName, () => {
      throw new Error("/lib/libc.so.6: version `GLIBC_2.99' not found");
    });
    const message = failure();
    expect(message).toContain(`${platformName}: /lib/libc.so.6: version \`GLIBC_2.99' not found`);
    expect(message).toContain('build-addon.mjs');
    expect(message).not.toContain(`npm install ${platformName}`);
  });

  it('does not take a module that the package itself lacks for the package', () => {
    modules.set(platformName, () => {
      throw Object.assign(new Error("Cannot find module './sparse_train.node'"), {
        code: 'MODULE_NOT_FOUND',
      });
    });
    expect(failure()).toContain("Cannot find module './sparse_train.node'");
  });

  it('says how to allow addons where Node forbids them', () => {
    placeLocalBuild(() => {
      throw Object.assign(new Error('Cannot load native addon because loading addons is disabled.'), {
        code: 'ERR_DLOPEN_DISABLED',
      });
    });
    const message = failure();
    expect(message).toContain('--allow-addons');
    expect(message).not.toContain('build-addon');
  });

  it('names bundlers where the code has left its package', () => {
    const message = failure({ manifest: undefined });
    expect(message).toContain('mark sparse-train as external');
    expect(message).not.toContain('npm install');
  });

  it('says to build again in a checkout', () => {
    writeFileSync(join(root, 'tsconfig.json'), '{}');
    placeLocalBuild(() => {
      throw new Error('file too short');
    });
    const message = failure();
    expect(message).toContain('file too short');
    expect(message).toContain('npm run build ');
    expect(message).not.toContain('npm install');
  });
});
