import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { convertIndexedToRgb, type DecodedPng, decode } from 'fast-png';
import { SparseTrainError } from '../base/errors.js';
import { mostInflatedBytes, readStoredBytes } from '../base/files/read-bytes.js';
import { Dataset, type ImageShape } from '../data/dataset.js';
import { Matrix } from '../data/matrix.js';
import { remarkOnNameless } from './csv/layout.js';
import type { DataFormat } from './format.js';
import { pathOf } from './source.js';

/** A picture as bytes; the channels of a pixel are adjacent. */
interface Picture extends ImageShape {
  readonly pixels: Uint8Array;
}

/** The pictures of a folder. */
interface PictureFolder {
  readonly inputs: Matrix<Uint8Array>;
  readonly imageShape: ImageShape;
  /**
   * The class of each picture: the name of its folder; undefined if the pictures are not in class folders.
   */
  readonly labels: readonly string[] | undefined;
}

/**
 * Reads PNG pictures: `folder/class/picture.png`, where folder names are classes, or `folder/picture.png`
 * without classes. Pictures are sorted by name. All must have the same size, the same number of channels and
 * 8 bits per channel.
 *
 * @throws SparseTrainError FILE_NOT_FOUND, FILE_ACCESS; INVALID_FILE for files that are damaged or not PNG, INVALID_DATA for
 * pictures that do not fit each other, and folders without any
 */
export async function readPictures(folder: string): Promise<PictureFolder> {
  const entries = await list(folder);
  const classes = entries.filter((entry) => entry.isFolder).map(({ name }) => name);
  const own = entries.filter(({ name, isFolder }) => !isFolder && isPng(name)).map(({ name }) => name);
  if (classes.length > 0 && own.length > 0) {
    throw new SparseTrainError(
      'INVALID_DATA',
      `${folder} has pictures beside folders of classes (${own[0]}); move them into the folder of their class`,
    );
  }
  const files: { path: string; label: string }[] = own.map((name) => ({
    path: join(folder, name),
    label: '',
  }));
  for (const label of classes) {
    const inside = (await list(join(folder, label))).filter((entry) => !entry.isFolder && isPng(entry.name));
    if (inside.length === 0)
      throw new SparseTrainError('INVALID_DATA', `${join(folder, label)} has no .png files`);
    files.push(...inside.map(({ name }) => ({ path: join(folder, label, name), label })));
  }
  const [first] = files;
  if (first === undefined) throw new SparseTrainError('INVALID_DATA', `${folder} has no .png files`);
  const { height, width, channels } = await readPicture(first.path);
  const size = height * width * channels;
  const pixels = allocate(files.length, size, folder);
  for (const [i, { path }] of files.entries()) {
    const picture = await readPicture(path);
    if (picture.height !== height || picture.width !== width || picture.channels !== channels) {
      throw new SparseTrainError(
        'INVALID_DATA',
        `${path} is ${describe(picture)}, but ${first.path} is ${describe({ height, width, channels })}; all pictures ` +
          'must be alike, so scale them first',
      );
    }
    pixels.set(picture.pixels, i * size);
  }
  return {
    inputs: new Matrix(pixels, size),
    imageShape: { height, width, channels },
    labels: classes.length === 0 ? undefined : files.map(({ label }) => label),
  };
}

function describe({ width, height, channels }: ImageShape): string {
  return `${width} x ${height} pixels of ${channels === 1 ? 'grey' : 'colour'}`;
}

function isPng(name: string): boolean {
  return name.toLowerCase().endsWith('.png') && !name.startsWith('.');
}

async function list(folder: string): Promise<{ name: string; isFolder: boolean }[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries
      .filter(({ name }) => !name.startsWith('.'))
      .map((entry) => ({ name: entry.name, isFolder: entry.isDirectory() }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT')
      throw new SparseTrainError('FILE_NOT_FOUND', `there is no folder ${folder}`, { cause: error });
    throw new SparseTrainError('FILE_ACCESS', `the folder ${folder} cannot be read (${code})`, {
      cause: error,
    });
  }
}

function allocate(count: number, size: number, folder: string): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(count * size);
  } catch (error) {
    throw new SparseTrainError(
      'INVALID_DATA',
      `${folder}: ${count} pictures of ${size} bytes do not fit into memory`,
      {
        cause: error,
      },
    );
  }
}

/** The bytes at the beginning of a PNG file, and the positions of width and height in its header. */
const SIGNATURE = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
const HEADER_END = 29;

async function readPicture(file: string): Promise<Picture> {
  const bytes = await readStoredBytes(file);
  const invalid = (what: string, cause?: unknown) =>
    new SparseTrainError('INVALID_FILE', `${file}: ${what}`, { cause });
  if (!SIGNATURE.equals(bytes.subarray(0, 8))) throw invalid('not a PNG file (it does not begin as one)');
  if (bytes.length < HEADER_END) throw invalid('cut off in the header');
  const header = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const [width, height, depth] = [header.readUInt32BE(16), header.readUInt32BE(20), header.readUInt8(24)];
  // Before allocating memory of the claimed size: could such a short file hold that much at all?
  if (width * height * depth > 8 * mostInflatedBytes(bytes.length)) {
    throw invalid(`its header says ${width} x ${height} pixels, which ${bytes.length} bytes cannot hold`);
  }
  if (width === 0 || height === 0) throw invalid('it has no pixels');
  const longest = 2 * height * (Math.ceil((width * depth * MOST_CHANNELS) / 8) + 1);
  const chunks = chunksOf(header);
  if (inflatesBeyond(chunks, longest))
    throw invalid(
      `it inflates to more than ${width} x ${height} pixels take; it is damaged or made to fill the memory`,
    );
  let png: DecodedPng;
  try {
    png = decode(onlyPixels(header, chunks), { checkCrc: true });
  } catch (error) {
    throw invalid(`damaged (${(error as Error).message})`, error);
  }
  return asBytes(png, invalid);
}

/** Colours and transparency. */
const MOST_CHANNELS = 4;

/** A chunk of a PNG file. */
interface Chunk {
  readonly type: string;
  /** With its length and checksum. */
  readonly whole: Buffer;
  readonly data: Buffer;
}

function chunksOf(file: Buffer): Chunk[] {
  const chunks: Chunk[] = [];
  for (let at = SIGNATURE.length; at + 12 <= file.length; ) {
    const end = at + 12 + file.readUInt32BE(at);
    const type = file.toString('latin1', at + 4, at + 8);
    chunks.push({ type, whole: file.subarray(at, end), data: file.subarray(at + 8, end - 4) });
    at = end;
  }
  return chunks;
}

/**
 * Whether the compressed pixels of a PNG file inflate to more than a given number of bytes. The decoder
 * inflates everything, whatever the header says. Damaged data are left for the decoder to report.
 */
function inflatesBeyond(chunks: readonly Chunk[], bytes: number): boolean {
  const parts = chunks.filter(({ type }) => type === 'IDAT').map(({ data }) => data);
  try {
    inflateSync(Buffer.concat(parts), { maxOutputLength: Math.max(1, bytes) });
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
  }
}

/**
 * The file without chunks that pixels do not need. Some of those are compressed too (colour profiles, texts, frames
 * of animations), and the decoder would inflate them whatever their size.
 */
function onlyPixels(file: Buffer, chunks: readonly Chunk[]): Buffer {
  const kept = chunks.filter(({ type }) => /^[A-Z]/.test(type) || type === 'tRNS');
  return Buffer.concat([file.subarray(0, SIGNATURE.length), ...kept.map(({ whole }) => whole)]);
}

/**
 * Grey or colour with 8 bits per channel. Palettes become colours; an alpha channel must be opaque and is
 * dropped.
 */
function asBytes(png: DecodedPng, invalid: (what: string) => SparseTrainError): Picture {
  const { width, height } = png;
  const palette = png.palette;
  if (palette !== undefined) {
    const colours = convertIndexedToRgb(png);
    const channels = colours.length / (width * height);
    return withoutAlpha({ width, height, channels, pixels: Uint8Array.from(colours) }, invalid);
  }
  if (png.depth !== 8) throw invalid(`${png.depth} bits a channel are not read; save it with 8`);
  return withoutAlpha({ width, height, channels: png.channels, pixels: Uint8Array.from(png.data) }, invalid);
}

function withoutAlpha(picture: Picture, invalid: (what: string) => SparseTrainError): Picture {
  const { width, height, channels, pixels } = picture;
  if (channels === 1 || channels === 3) return picture;
  const colours = channels - 1;
  const opaque = new Uint8Array(width * height * colours);
  for (let i = 0; i < width * height; i++) {
    if (pixels[i * channels + colours] !== 255)
      throw invalid('it is transparent in places; save it without alpha channel');
    opaque.set(pixels.subarray(i * channels, i * channels + colours), i * colours);
  }
  return { width, height, channels: colours, pixels: opaque };
}

/** A folder of PNG pictures, with one folder per class. */
export const IMAGES: DataFormat = {
  name: 'images',
  hasColumns: false,
  async read(source) {
    const { inputs, imageShape, labels } = await readPictures(pathOf(source, 'image'));
    if (labels === undefined) {
      throw new SparseTrainError(
        'INVALID_DATA',
        `${source.name} has pictures, but no folders of classes: put them into ${source.name}/CLASS/`,
      );
    }
    const train = Dataset.from({ inputs, labels, imageShape });
    return { train, test: undefined, schema: undefined, skipped: 0, remarks: [] };
  },
  async apply(source, { schema, classes }) {
    const { inputs, imageShape, labels } = await readPictures(pathOf(source, 'image'));
    const remarks = remarkOnNameless(source.name, schema);
    if (labels === undefined) return { inputs, dataset: undefined, skipped: 0, remarks };
    return { inputs, dataset: Dataset.from({ inputs, labels, classes, imageShape }), skipped: 0, remarks };
  },
};
