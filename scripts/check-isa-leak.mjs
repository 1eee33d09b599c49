#!/usr/bin/env node
/**
 * Checks that a baseline CPU can load the addons of build/Release: that no instruction of a kernel set's own can run
 * unless the dispatch chose that set.
 *
 *  1. A kernel set's objects define no weak (inline, COMDAT) symbol. The linker keeps one definition of such a symbol
 *     for the whole addon, and if it kept the AVX-512 one, baseline code would call it.
 *  2. They run nothing when the addon is loaded (no constructors of global objects).
 *  3. The baseline objects hold no AVX, AVX-512 or BMI instruction, and a set's objects none of a larger set's.
 *  4. In the linked addons, only functions of the kernel sets' objects hold such instructions.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fail, has, output, root } from './run.mjs';

if (process.arch !== 'x64' || process.platform !== 'linux') {
  console.log('only x86-64 Linux builds are checked');
  process.exit(0);
}
for (const tool of ['nm', 'objdump'])
  if (!has(tool)) fail(`${tool} is not installed (Debian: apt-get install binutils)`);

const { kernels } = JSON.parse(readFileSync(join(root, 'native', 'sources.json'), 'utf8'));
const objectFolder = join(root, 'build', 'Release', 'obj.target');
const addons = ['sparse_train.node', 'sparse_train_bench.node'].map((name) =>
  join(root, 'build', 'Release', name),
);
for (const addon of addons)
  if (!existsSync(addon)) fail(`${addon} does not exist; build it first: npm run build`);

const problems = [];
const objects = readdirSync(objectFolder, { recursive: true })
  .map((name) => join(objectFolder, String(name)))
  .filter((path) => path.endsWith('.o'));

/** The feature above the x86-64 baseline that an instruction needs, or undefined. */
function needs(mnemonic, operands) {
  if (/%zmm|%k[0-7]|%[xy]mm(1[6-9]|2\d|3[01])\b/.test(operands)) return 'avx512';
  if (/%ymm/.test(operands) || (/^v[a-z]/.test(mnemonic) && !/^(verr|verw|vm)/.test(mnemonic))) return 'avx2';
  return /^(shlx|shrx|sarx|rorx|mulx|pdep|pext|bzhi|andn|bextr|bls[ir]|blsmsk)$/.test(mnemonic)
    ? 'avx2'
    : undefined;
}

/** Instructions above the baseline in an object or addon: [function, need, text]. */
function* instructions(path) {
  let name = '?';
  for (const line of output('objdump', ['--disassemble', '--no-show-raw-insn', path]).split('\n')) {
    const header = /^[0-9a-f]+ <(.*)>:$/.exec(line);
    if (header) name = header[1];
    const instruction = /^\s*[0-9a-f]+:\s+(?:(?:notrack|lock|rep\w*|bnd)\s+)*(\S+)\s*(.*)$/.exec(line);
    if (!instruction) continue;
    const need = needs(instruction[1], instruction[2]);
    if (need !== undefined) yield [name, need, `${instruction[1]} ${instruction[2]}`];
  }
}

const kernelFunctions = new Set();
let kernelObjects = 0;

for (const path of objects) {
  const set = /obj\.target\/sparse_train_([a-z0-9]+)\//.exec(path)?.[1];
  const isKernel = set !== undefined && set in kernels;
  const may = isKernel ? kernels[set].instructions : [];
  const seen = new Set();
  for (const [name, need, text] of instructions(path)) {
    if (may.includes(need) || seen.has(name)) continue;
    seen.add(name);
    problems.push(`${path}: ${name} uses ${need}: ${text}`);
  }
  if (!isKernel) continue;

  kernelObjects++;
  for (const line of output('nm', ['--defined-only', '--format=posix', path]).split('\n')) {
    const [symbol, type] = line.split(' ');
    if (/^[VvWwu]$/.test(type ?? '')) {
      problems.push(
        `${path}: defines the weak symbol ${output('c++filt', [symbol]).trim()}; give it internal linkage`,
      );
    }
    if (/^[Tt]$/.test(type ?? '') && set !== 'scalar') kernelFunctions.add(symbol);
  }
  if (/\.(init_array|ctors)\b/.test(output('objdump', ['--section-headers', path]))) {
    problems.push(`${path}: constructs global objects when the addon is loaded; make them constexpr`);
  }
}
if (kernelObjects === 0) problems.push(`no kernel set's objects under ${objectFolder}`);

for (const addon of addons) {
  const linked = new Set();
  for (const [name, , text] of instructions(addon)) {
    if (kernelFunctions.has(name) || linked.has(name)) continue;
    linked.add(name);
    problems.push(`${addon}: ${name} is no function of a kernel set, but has ${text}`);
  }
}

for (const problem of problems.slice(0, 40)) console.error(problem);
if (problems.length > 0)
  fail(`${problems.length} ways for a newer CPU's instructions to run on an older one`);
console.log(`${objects.length} objects, ${kernelObjects} of kernel sets: nothing leaks into the baseline`);
