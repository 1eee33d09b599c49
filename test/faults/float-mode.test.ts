/** Another library in the process changes the floating-point mode: digests stay the same. */
import { execFile, execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { workFolder } from '../cli/run.js';

const entry = JSON.stringify(new URL('../../dist/index.js', import.meta.url).href);

// The inputs are given by their bits, as JavaScript itself computes in the mode that it finds: numbers about 1, and
// subnormal ones.
const script = `
  const { Dataset, Network } = await import(${entry});
  const digests = [];
  for (const first of [0x3e000000, 0x00010000])
    for (const kind of ['float', 'wide']) for (const scaling of ['robust', 'standard', 'minmax', 'none']) {
      const bits = Uint32Array.from({ length: 256 }, (_, i) => first + ((i * 37) % 11) * (first >> 9));
      const labels = Int32Array.from({ length: 64 }, (_, i) => i % 3);
      const data = Dataset.from({ inputs: new Float32Array(bits.buffer), columns: 4, labels, classes: ['a', 'b', 'c'] });
      const network = new Network({ layers: [4, 8, 3], density: 1, seed: 3, arithmetic: { kind }, scaling });
      await network.fit(data, { epochs: 2, threads: 2 });
      digests.push(network.digest());
    }
  console.log(digests.join(' '));`;

describe.runIf(process.platform === 'linux')('a library that changes the floating-point mode', () => {
  const folder = workFolder();

  it('changes no digest, whatever the scaling', async () => {
    const library = join(folder(), 'float_mode.so');
    const source = fileURLToPath(new URL('float_mode.c', import.meta.url));
    // Without optimisation: the compiler may assume that nobody changes the mode.
    execFileSync('cc', ['-shared', '-fPIC', '-O0', '-Wall', '-Werror', '-o', library, source, '-lm']);
    const digests = async (env: NodeJS.ProcessEnv) => {
      const words = ['--input-type=module', '--eval', script];
      const { stdout } = await promisify(execFile)(process.execPath, words, { env });
      return stdout.trim().split(' ');
    };
    const usual = await digests(process.env);
    expect(new Set(usual).size).toBeGreaterThan(8);
    expect(await digests({ ...process.env, LD_PRELOAD: library })).toEqual(usual);
  });
});
