import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import {
  chmod,
  lstat,
  mkdtemp,
  open,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
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

  it('keeps the old file when it fails, and leaves nothing else behind', async () => {
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

  it('flushes the new contents before their file is renamed, and the folder afterwards', async () => {
    const file = join(folder, 'a');
    await writeFile(file, 'old');
    const handle = await open(file);
    const prototype = Object.getPrototypeOf(handle) as typeof handle;
    await handle.close();
    const moments: Record<string, string>[] = [];
    const sync = vi.spyOn(prototype, 'sync').mockImplementation(async () => {
      const names = readdirSync(folder);
      const texts = names.map((name) => [
        name === 'a' ? name : 'temporary',
        readFileSync(join(folder, name), 'utf8'),
      ]);
      moments.push(Object.fromEntries(texts));
    });
    try {
      await write(file, 'new');
    } finally {
      sync.mockRestore();
    }
    expect(moments).toEqual([{ a: 'old', temporary: 'new' }, { a: 'new' }]);
  });

  it('is an error if the disk cannot be flushed, and leaves the old file', async () => {
    const file = join(folder, 'a');
    await writeFile(file, 'old');
    const handle = await open(file);
    const sync = vi
      .spyOn(Object.getPrototypeOf(handle) as typeof handle, 'sync')
      .mockRejectedValueOnce(Object.assign(new Error('broken'), { code: 'EIO' }));
    await handle.close();
    try {
      await expectRefusal('FILE_ACCESS', [file, 'EIO', 'unchanged'], () => write(file, 'new'));
    } finally {
      sync.mockRestore();
    }
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
