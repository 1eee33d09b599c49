/** How many bytes the functions of this file look at. */
export const FOREIGN_START = 200;

/**
 * Recognises texts that are given instead of the intended file: a Git LFS pointer that was never fetched, the HTML page
 * of a failed download, and formats that are not read.
 *
 * @param bytes - the file, or its beginning
 * @returns a description that completes "the file is ..."; undefined for anything else
 */
export function foreignContents(bytes: Uint8Array): string | undefined {
  const text = startOf(bytes);
  if (text.startsWith('version https://git-lfs'))
    return 'a pointer of Git LFS, not the file itself; fetch it with git lfs pull';
  if (/^<(!doctype html|html[\s>])/i.test(text))
    return 'an HTML page, perhaps the error page of a download; download the file again';
  if (text.startsWith('%PDF-')) return 'a PDF document';
  if (/^<\?xml\s/i.test(text)) return 'an XML document';
  if (/^(%[^\n]*\n\s*)*@relation\s/i.test(text))
    return 'an ARFF file; save it as CSV, with the names of the attributes in its first line';
  return undefined;
}

/** What messages call a file that begins with these characters, read as Latin-1. */
const BEGINNINGS: readonly (readonly [beginning: string, description: string])[] = [
  ['PK\x03\x04', 'a zip archive, such as those of NumPy (.npz), Excel, Keras and PyTorch'],
  ['PAR1', 'a Parquet file'],
  ['\x93NUMPY', 'an array of NumPy (.npy)'],
  ['\x89HDF\r\n', 'an HDF5 file, such as those of Keras'],
  ['GGUF', 'a GGUF file'],
  ['SQLite format 3\0', 'a database of SQLite'],
  ['ARROW1', 'an Arrow or Feather file'],
  ['FEA1', 'a Feather file'],
  ['ORC', 'an ORC file'],
  ['Obj\x01', 'an Avro file'],
  ['MATLAB 5.0 MAT', 'a MATLAB file'],
  ['\xd0\xcf\x11\xe0', 'a document of an old version of Excel or Word'],
  ['\x89PNG', 'a PNG image'],
  ['\xff\xd8\xff', 'a JPEG image'],
  ['\x1f\x8b', 'a gzip file'],
  ['BZh', 'a bzip2 file; unpack it first'],
  ['\xfd7zXZ', 'an xz file; unpack it first'],
  ['\x28\xb5\x2f\xfd', 'a zstd file; unpack it first'],
  ['7z\xbc\xaf', 'a 7z archive; unpack it first'],
  ['\x7fELF', 'a program'],
];

/** The formats that have no fixed beginning. */
function byStructure([first = 0, second = 0, third = 0, fourth = 0, ...more]: Uint8Array):
  | string
  | undefined {
  if (first === 0 && second === 0 && third >= 0x08 && third <= 0x0e && fourth >= 1)
    return 'an IDX file, such as those of images and labels';
  // The length of the header, whose upper half is zero, and an object of JSON.
  if (more.slice(0, 4).every((byte) => byte === 0) && more[4] === 0x7b) return 'a safetensors file';
  // Field 1, the version of the format, then one of the texts that follow it, or the graph.
  if (first === 0x08 && second <= 15 && [0x12, 0x1a, 0x22, 0x3a].includes(third)) return 'an ONNX model';
  // Protocols 2 to 5, then a frame, a number, or a container.
  if (first === 0x80 && second >= 2 && second <= 5 && '\x95\x8ac}](\x8c'.includes(String.fromCharCode(third)))
    return 'a pickle of Python';
  return undefined;
}

/**
 * Names the binary format of a file that was meant to be something else.
 *
 * @param bytes - the file, or its beginning
 * @returns a description such as "a Parquet file"; undefined if the bytes show no known format
 */
export function binaryFormat(bytes: Uint8Array): string | undefined {
  const start = Buffer.from(bytes.subarray(0, FOREIGN_START)).toString('latin1');
  // A text may begin with the same letters, as a table with a column PAR1 does.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what no text has
  if (!/[\0-\x08\x0e-\x1f]/.test(start)) return undefined;
  return (
    BEGINNINGS.find(([beginning]) => start.startsWith(beginning))?.[1] ?? byStructure(bytes.subarray(0, 9))
  );
}

/** The first line of a file that is clearly text, for messages; undefined for other contents. */
export function firstTextLine(bytes: Uint8Array): string | undefined {
  const text = startOf(bytes);
  // Control characters other than white space do not occur in text.
  return /^[\t\n\r\x20-\x7e]{8}/.test(text) ? text.split(/[\r\n]/, 1)[0]?.slice(0, 40) : undefined;
}

function startOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.subarray(0, FOREIGN_START))
    .toString('latin1')
    .replace(/^\xef\xbb\xbf/, '')
    .trimStart();
}
