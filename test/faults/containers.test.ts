/** Faults that containers cause: several PID namespaces with one host name, files that are mounted one by one. */
import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { readJournal } from '../../lib/search/journal/lines.js';
import { ROOT, workFolder } from '../cli/run.js';

const entry = (...path: string[]) => JSON.stringify(pathToFileURL(join(ROOT, 'dist', ...path)).href);

/** New namespaces need root, which tests in containers and CI have. */
const isRoot = process.platform === 'linux' && process.getuid?.() === 0;

describe.runIf(isRoot)('in containers', () => {
  const folder = workFolder();

  it('a study that a process of another PID namespace writes is refused, though the host name is the same', async () => {
    const journal = join(folder(), 's.jsonl');
    const script = (work: string) => `
      import { createStudy } from ${entry('public', 'search.js')};
      const definition = { space: { x: { kind: 'float', low: 0, high: 1 } }, objectives: [{ measure: 'value' }], sampler: 'random', trials: 30 };
      try {
        const study = await createStudy(definition, { journal: ${JSON.stringify(journal)} });
        ${work}
      } catch (error) {
        console.log(error.code);
      }`;
    const inNamespace = (work: string) => [
      '--pid',
      '--fork',
      '--mount-proc',
      process.execPath,
      '--input-type=module',
      '--eval',
      script(work),
    ];
    const first = spawn(
      'unshare',
      inNamespace(`
      const trial = study.ask();
      study.tell(trial, { values: { value: 1 } });
      console.log('writing');
      process.stdin.resume();
      process.stdin.on('end', () => study.close());`),
    );
    await new Promise((resolve) => first.stdout.once('data', resolve));
    const second = await promisify(execFile)('unshare', inNamespace('console.log("taken over")'));
    expect(second.stdout.trim()).toBe('STUDY_BUSY');
    const ended = new Promise((resolve) => first.once('exit', resolve));
    first.stdin.end();
    await ended;
    expect((await readJournal(journal))?.trials).toHaveLength(1);
    expect(existsSync(`${journal}.lock`)).toBe(false);
  });

  it('a model that is mounted as a single file is written in place, with a warning', async () => {
    const source = join(folder(), 'volume.safetensors');
    const file = join(folder(), 'mounted.safetensors');
    writeFileSync(source, '');
    writeFileSync(file, '');
    const script = `
      import { Network } from ${entry('index.js')};
      const network = new Network({ layers: [4, 8, 3], seed: 1 });
      await network.save(${JSON.stringify(file)});
      console.log((await Network.load(${JSON.stringify(file)})).digest() === network.digest());`;
    const { stdout, stderr } = await promisify(execFile)('unshare', [
      '--mount',
      'sh',
      '-c',
      'mount --bind "$1" "$2" && exec "$3" --input-type=module --eval "$4"',
      'sh',
      source,
      file,
      process.execPath,
      script,
    ]);
    expect(stdout.trim()).toBe('true');
    expect(stderr).toContain('WRITTEN_IN_PLACE');
    expect(stderr).toContain('mount the folder instead of the file');
    expect(readFileSync(source).length).toBeGreaterThan(100);
  });

  it('a model that could not be written in place to its end is called damaged', async () => {
    const [disk, file] = [join(folder(), 'disk'), join(folder(), 'full.safetensors')];
    mkdirSync(disk);
    writeFileSync(file, '');
    const script = `
      import { Network } from ${entry('index.js')};
      const network = new Network({ layers: [64, 64, 3], seed: 1 });
      await network.save(${JSON.stringify(file)}).catch(({ code, message }) => console.log(code, message));`;
    const { stdout } = await promisify(execFile)('unshare', [
      '--mount',
      'sh',
      '-c',
      'mount -t tmpfs -o size=4k tmpfs "$1" && touch "$1/m" && mount --bind "$1/m" "$2" && exec "$3" --input-type=module --eval "$4"',
      'sh',
      disk,
      file,
      process.execPath,
      script,
    ]);
    expect(stdout).toMatch(
      /^FILE_ACCESS .*failed half-way: the disk is full; the file is damaged, so write it again/,
    );
  });
});
