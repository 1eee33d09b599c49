import { spawnSync } from 'node:child_process';
import { chmod, lstat, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeAtomically, writeFully } from '../../lib/base/files/atomic-write.js';
import { shortScope } from '../../lib/base/process-identity.js';
import { expectRefusal } from '../datasets/refusal.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sparse-train-'));
});
afterEach(() => rm(folder, { recursive: true }));

const write = (file: string, text: string) =>
  writeAtomically(file, (handle) => writeFully(handle, Buffer.from(text)));

describe('an atomic write', () => {
  it('makes a file and leaves nothing else', async () => {
    await write(join(folder, 'a'), 'new');
    expect(await readdir(folder)).toEqual(['a']);
    expect(await readFile(join(folder, 'a'), 'utf8')).toBe('new');
  });

  it('keeps the mode of the file that it replaces', async () => {
    const file = join(folder, 'a');
    await writeFile(file, 'old');
    await chmod(file, 0o640);
    await write(file, 'new');
    expect((await stat(file)).mode & 0o777).toBe(0o640);
    expect(await readFile(file, 'utf8')).toBe('new');
  });

  it('replaces what a symbolic link leads to, not the link', async () => {
    await writeFile(join(folder, 'target'), 'old');
    await symlink('target', join(folder, 'link'));
    await write(join(folder, 'link'), 'new');
    expect((await lstat(join(folder, 'link'))).isSymbolicLink()).toBe(true);
    expect(await readFile(join(folder, 'target'), 'utf8')).toBe('new');
  });

  it('leaves the old file alone when it fails, and nothing else behind', async () => {
    const file = join(folder, 'a');
    await writeFile(file, 'old');
    const disk = Object.assign(new Error('no space'), { code: 'ENOSPC' });
    const failing = () =>
      writeAtomically(file, async (handle) => {
        await handle.write('half');
        throw disk;
      });
    await expectRefusal('FILE_ACCESS', [file, 'the disk is full', 'unchanged'], failing);
    expect(await readFile(file, 'utf8')).toBe('old');
    expect(await readdir(folder)).toEqual(['a']);
  });

  it('removes the temporary files of killed processes, and no others', async () => {
    const { pid } = spawnSync(process.execPath, ['--version']);
    const name = (start: string) => `.a.${start}-01234567.tmp`;
    const kept = [
      name(`${shortScope()}-${process.pid}`),
      name('ffffffff-1'),
      `.b.${shortScope()}-${pid}-01234567.tmp`,
    ];
    for (const left of [name(`${shortScope()}-${pid}`), ...kept])
      await writeFile(join(folder, left), 'half of');
    await write(join(folder, 'a'), 'new');
    expect(await readdir(folder)).toEqual([...kept, 'a'].sort());
  });

  it('refuses what is not a regular file', async () => {
    await expectRefusal('FILE_ACCESS', ['a folder'], () => write(folder, 'x'));
    await expectRefusal('FILE_ACCESS', ['not a regular file'], () => write('/dev/null', 'x'));
    await expectRefusal('FILE_NOT_FOUND', ['no folder', folder], () => write(join(folder, 'b', 'c'), 'x'));
  });
});
