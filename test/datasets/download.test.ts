import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { getFiles } from '../../lib/catalog/download/get.js';
import type { CatalogEntry, PublishedFile, PublishedSum } from '../../lib/catalog/entry.js';
import { readRecords } from '../../lib/catalog/store/sums.js';
import type { DownloadOptions } from '../../lib/public/data.js';
import { expectRefusal } from './refusal.js';
import { mirrorServer, serveBytes } from './server.js';

const server = mirrorServer();
const CONTENTS = randomBytes(200_000);
const NAME = 'file.bin';

let cache: string;
let folder: string;
const { SPARSE_TRAIN_DATA: before } = process.env;
beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'sparse-train-cache-'));
  folder = join(cache, 'test-set');
  process.env.SPARSE_TRAIN_DATA = cache;
  server.reset();
});
afterEach(async () => {
  if (before === undefined) delete process.env.SPARSE_TRAIN_DATA;
  else process.env.SPARSE_TRAIN_DATA = before;
  await rm(cache, { recursive: true });
});

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function sumOfFile(bytes: Uint8Array): PublishedSum {
  return { of: 'file', sha256: sha256(bytes), bytes: bytes.length };
}

function entryOf(file: Partial<PublishedFile>, needs = [NAME]): CatalogEntry {
  const files = [{ name: NAME, mirrors: [], bytes: CONTENTS.length, sum: sumOfFile(CONTENTS), ...file }];
  const info = { name: 'test-set', origin: 'download' } as CatalogEntry['info'];
  const load = () => Promise.reject(new Error('not to be loaded'));
  return { info, folder: 'test-set', files, needs, sumsItself: false, load };
}

const QUICK: DownloadOptions = { idleMs: 10_000, pauseMs: 1 };

async function get(entry: CatalogEntry, options: DownloadOptions = {}) {
  return getFiles(entry, { ...QUICK, ...options });
}

/** The files in the data set's folder, except the record of sums. */
async function filesThere(): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name !== 'sums.json').sort();
}

describe('a download', () => {
  it('leaves the file, its sum, and nothing else; and is not repeated', async () => {
    const mirrors = [server.on('/file.bin', serveBytes(CONTENTS))];
    const progress: number[] = [];
    const onProgress = ({ received, total }: { received: number; total: number | undefined }) => {
      expect(total).toBe(CONTENTS.length);
      progress.push(received);
    };
    const first = await get(entryOf({ mirrors }), { onProgress });
    expect(first).toEqual({ kind: 'cache', folder, received: CONTENTS.length });
    expect(await filesThere()).toEqual([NAME]);
    expect((await readFile(join(folder, NAME))).equals(CONTENTS)).toBe(true);
    expect((await readRecords(folder))[NAME]).toMatchObject({
      comparedWith: 'published',
      sha256: sha256(CONTENTS),
    });
    expect(progress.at(-1)).toBe(CONTENTS.length);
    expect(await get(entryOf({ mirrors }))).toMatchObject({ received: 0 });
    expect(server.seen).toHaveLength(1);
  });

  it('resumes where a connection was cut, again and again', async () => {
    const mirrors = [server.on('/file.bin', serveBytes(CONTENTS, { cutAfter: 60_000 }))];
    await get(entryOf({ mirrors }));
    expect((await readFile(join(folder, NAME))).equals(CONTENTS)).toBe(true);
    expect(server.seen.map(({ range }) => range)).toEqual([
      undefined,
      'bytes=60000-',
      'bytes=120000-',
      'bytes=180000-',
    ]);
  });

  it('resumes in a later call what an earlier one left', async () => {
    const url = server.on('/file.bin', serveBytes(CONTENTS));
    await mkdir(folder);
    await writeFile(join(folder, `${NAME}.part`), CONTENTS.subarray(0, 150_000));
    await writeFile(join(folder, `${NAME}.part.json`), JSON.stringify({ url, validator: '"version 1"' }));
    expect(await get(entryOf({ mirrors: [url] }))).toMatchObject({ received: 50_000 });
    expect(server.seen).toEqual([{ path: '/file.bin', range: 'bytes=150000-', ifRange: '"version 1"' }]);
    expect(await filesThere()).toEqual([NAME]);
  });

  it('takes a part that is whole already', async () => {
    const url = server.on('/file.bin', (request, response) => {
      expect(request.headers.range).toBe(`bytes=${CONTENTS.length}-`);
      response.writeHead(416, { 'content-range': `bytes */${CONTENTS.length}` }).end();
    });
    await mkdir(folder);
    await writeFile(join(folder, `${NAME}.part`), CONTENTS);
    await writeFile(join(folder, `${NAME}.part.json`), JSON.stringify({ url, validator: '"version 1"' }));
    await get(entryOf({ mirrors: [url] }));
    expect(await filesThere()).toEqual([NAME]);
  });

  it('starts anew where the server has another version, or ignores ranges', async () => {
    for (const serving of [{ etag: '"version 2"' }, { ignoreRange: true }]) {
      const url = server.on('/file.bin', serveBytes(CONTENTS, serving));
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, `${NAME}.part`), randomBytes(1000));
      await writeFile(join(folder, `${NAME}.part.json`), JSON.stringify({ url, validator: '"version 1"' }));
      await get(entryOf({ mirrors: [url] }), { force: true });
      expect((await readFile(join(folder, NAME))).equals(CONTENTS)).toBe(true);
    }
  });

  it('starts anew once if the part that was there turns out wrong', async () => {
    const url = server.on('/file.bin', serveBytes(CONTENTS));
    await mkdir(folder);
    await writeFile(join(folder, `${NAME}.part`), randomBytes(1000));
    await writeFile(join(folder, `${NAME}.part.json`), JSON.stringify({ url, validator: '"version 1"' }));
    await get(entryOf({ mirrors: [url] }));
    expect(server.seen.map(({ range }) => range)).toEqual(['bytes=1000-', undefined]);
  });

  it('goes to the next mirror where one has wrong bytes, errors or no answer', async () => {
    const wrong = Buffer.from(CONTENTS);
    wrong[100_000] = (wrong[100_000] as number) ^ 1;
    const mirrors = [
      server.on('/wrong.bin', serveBytes(wrong)),
      `${server.origin}/missing.bin`,
      server.on('/silent.bin', () => undefined),
      'http://127.0.0.1:1/file.bin',
      server.on('/file.bin', serveBytes(CONTENTS)),
    ];
    await get(entryOf({ mirrors }), { idleMs: 300 });
    expect((await readFile(join(folder, NAME))).equals(CONTENTS)).toBe(true);
    expect(await filesThere()).toEqual([NAME]);
  });

  it('fails with every reason and the way by hand, and leaves no file under the name', async () => {
    const wrong = server.on('/wrong.bin', serveBytes(randomBytes(CONTENTS.length)));
    const mirrors = [wrong, `${server.origin}/missing.bin`];
    const parts = ['SHA-256', 'the server answered 404', wrong, join(folder, NAME)];
    await expectRefusal('DOWNLOAD_FAILED', parts, () => get(entryOf({ mirrors })));
    expect(await filesThere()).toEqual([]);
  });

  it('does not believe lengths', async () => {
    const lie = (length: number, bytes: Uint8Array) =>
      server.on('/lie.bin', (_request, response) => {
        response.writeHead(200, { 'content-length': length });
        response.write(bytes, () => setTimeout(() => response.destroy(), 20));
      });
    const longer = lie(CONTENTS.length + 5, CONTENTS);
    await expectRefusal('DOWNLOAD_FAILED', ['at most 200000 bytes'], () =>
      get(entryOf({ mirrors: [longer] })),
    );
    const cut = lie(CONTENTS.length, CONTENTS.subarray(0, 1000));
    await expectRefusal('DOWNLOAD_FAILED', ['broke again and again'], () => get(entryOf({ mirrors: [cut] })));
    const shorter = server.on('/short.bin', serveBytes(CONTENTS.subarray(0, 1000)));
    await expectRefusal('DOWNLOAD_FAILED', ['SHA-256'], () => get(entryOf({ mirrors: [shorter] })));
    expect((await filesThere()).includes(NAME)).toBe(false);
  });

  it('stops at the size of the file, whatever an endless answer sends', async () => {
    let sent = 0;
    const mirrors = [
      server.on('/endless.bin', (_request, response) => {
        response.writeHead(200);
        const more = () => {
          sent += 65_536;
          if (!response.destroyed && sent < 2 ** 28) response.write(Buffer.alloc(65_536), more);
        };
        more();
      }),
    ];
    await expectRefusal('DOWNLOAD_FAILED', ['sends more'], () => get(entryOf({ mirrors })));
    expect(sent).toBeLessThan(2 ** 27);
  });

  it('follows redirects, but not endlessly, and only to web addresses', async () => {
    server.on('/file.bin', serveBytes(CONTENTS));
    const redirect = (path: string, location: string) =>
      server.on(path, (_request, response) => {
        response.writeHead(302, { location }).end();
      });
    await get(entryOf({ mirrors: [redirect('/moved.bin', '/file.bin')] }));
    expect(await filesThere()).toEqual([NAME]);
    const refuse = (url: string, why: string) =>
      expectRefusal('DOWNLOAD_FAILED', [why], () => get(entryOf({ mirrors: [url] }), { force: true }));
    await refuse(redirect('/loop.bin', '/loop.bin'), 'more than 5 times');
    expect(server.seen.filter(({ path }) => path === '/loop.bin')).toHaveLength(6);
    await refuse(redirect('/local.bin', 'file:///etc/passwd'), 'downloads over file: are not supported');
    await refuse('ftp://127.0.0.1/file.bin', 'downloads over ftp: are not supported');
    expect((await readFile(join(folder, NAME))).equals(CONTENTS)).toBe(true);
  });

  it('replaces a file in the cache that is damaged', async () => {
    const mirrors = [server.on('/file.bin', serveBytes(CONTENTS))];
    await mkdir(folder);
    await writeFile(join(folder, NAME), CONTENTS.subarray(1));
    await get(entryOf({ mirrors }));
    expect((await readFile(join(folder, NAME))).equals(CONTENTS)).toBe(true);
  });

  it('takes a file that was placed by hand without a network', async () => {
    await mkdir(folder);
    await writeFile(join(folder, NAME), CONTENTS);
    expect(await get(entryOf({}))).toMatchObject({ received: 0 });
    expect((await readRecords(folder))[NAME]).toMatchObject({ comparedWith: 'published' });
  });

  it('compares what gzip packs, however it is packed', async () => {
    const sum: PublishedSum = { of: 'contents', sha256: sha256(CONTENTS), bytes: CONTENTS.length };
    const packed = gzipSync(CONTENTS, { level: 1 });
    await get(entryOf({ sum, mirrors: [server.on('/file.bin', serveBytes(packed))] }));
    expect((await readFile(join(folder, NAME))).equals(packed)).toBe(true);
    const bomb = server.on('/bomb.bin', serveBytes(gzipSync(Buffer.alloc(2 ** 26))));
    await expectRefusal('DOWNLOAD_FAILED', ['more than 200000 bytes'], () =>
      get(entryOf({ sum, mirrors: [bomb] }), { force: true }),
    );
    const cut = server.on('/cut.bin', serveBytes(packed.subarray(0, 500)));
    await expectRefusal('DOWNLOAD_FAILED', ['not a whole gzip file'], () =>
      get(entryOf({ sum, mirrors: [cut] }), { force: true }),
    );
  });

  it('trusts the first download of what has no published sum, says so, and notices a change', async () => {
    const entry = entryOf({ sum: undefined, mirrors: [server.on('/file.bin', serveBytes(CONTENTS))] });
    await get(entry);
    expect((await readRecords(folder))[NAME]).toMatchObject({
      comparedWith: 'nothing',
      sha256: sha256(CONTENTS),
    });
    await writeFile(join(folder, NAME), randomBytes(CONTENTS.length));
    expect(await get(entry)).toMatchObject({ received: CONTENTS.length });
    expect((await readFile(join(folder, NAME))).equals(CONTENTS)).toBe(true);
  });

  it('does not trust plain HTTP without a checksum', async () => {
    const mirrors = ['http://example.invalid/file.bin'];
    await expectRefusal('DOWNLOAD_FAILED', ['no published checksum'], () =>
      get(entryOf({ sum: undefined, mirrors })),
    );
  });

  it('can be interrupted, and leaves what it has for the next call', async () => {
    const controller = new AbortController();
    const url = server.on('/slow.bin', (_request, response) => {
      response.writeHead(200, { 'content-length': CONTENTS.length, etag: '"version 1"' });
      response.write(CONTENTS.subarray(0, 1000));
    });
    const onProgress = ({ received }: { received: number }) => {
      if (received > 0) controller.abort();
    };
    const options = { signal: controller.signal, onProgress, idleMs: 10_000 };
    await expect(get(entryOf({ mirrors: [url] }), options)).rejects.toMatchObject({ name: 'AbortError' });
    expect(await filesThere()).toEqual([`${NAME}.part`, `${NAME}.part.json`]);
  });

  it('tries given mirrors first', async () => {
    server.on('/mine/file.bin', serveBytes(CONTENTS));
    await get(entryOf({ mirrors: [`${server.origin}/missing.bin`] }), { mirrors: [`${server.origin}/mine`] });
    expect(server.seen.map(({ path }) => path)).toEqual(['/mine/file.bin']);
  });
});

describe('a zip archive', () => {
  const members = [
    { entry: 'gzip/a.gz', name: 'a.gz' },
    { entry: 'gzip/b.gz', name: 'b.gz' },
  ];
  const serveZip = (contents: Record<string, Uint8Array>) => {
    const bytes = zipSync(contents, { level: 6 });
    const mirrors = [server.on('/archive.zip', serveBytes(bytes))];
    return entryOf({ name: 'archive.zip', mirrors, sum: sumOfFile(bytes), members }, ['a.gz', 'b.gz']);
  };

  it('gives only the entries that are wanted, and is not kept', async () => {
    const a = randomBytes(3_000_000);
    const b = Buffer.from('small');
    const bad = Buffer.from('bad');
    const entry = serveZip({
      'gzip/a.gz': a,
      '../evil': bad,
      '/evil': bad,
      'other.gz': bad,
      'gzip/b.gz': b,
    });
    await get(entry);
    expect(await filesThere()).toEqual(['a.gz', 'b.gz']);
    expect((await readFile(join(folder, 'a.gz'))).equals(a)).toBe(true);
    expect((await readFile(join(folder, 'b.gz'))).equals(b)).toBe(true);
    expect(await readdir(cache)).toEqual(['test-set']);
    expect(await get(entry)).toMatchObject({ received: 0 });
    expect(server.seen).toHaveLength(1);
  });

  it('is refused if an entry is missing, and leaves no half entries', async () => {
    const entry = serveZip({ 'gzip/a.gz': Buffer.from('a'), 'gzip/c.gz': Buffer.from('c') });
    await expectRefusal('INVALID_FILE', ['there is no gzip/b.gz'], () => get(entry));
  });

  it('is refused if it is cut off', async () => {
    const whole = zipSync({ 'gzip/a.gz': randomBytes(500_000), 'gzip/b.gz': randomBytes(10) });
    const bytes = whole.subarray(0, 300_000);
    const mirrors = [server.on('/archive.zip', serveBytes(bytes))];
    const entry = entryOf({ name: 'archive.zip', mirrors, sum: sumOfFile(bytes), members }, ['a.gz', 'b.gz']);
    await expectRefusal('INVALID_FILE', ['archive.zip'], () => get(entry));
    expect((await filesThere()).filter((name) => name !== 'archive.zip')).toEqual([]);
  });
});
