import { basename } from 'node:path';
import { invalidOption } from '../../base/errors.js';
import { writeAtomically } from '../../base/files/atomic-write.js';
import { checkOptions } from '../../base/options/table.js';
import { literal, optionName, say } from '../../base/wording.js';
import { engineVersion } from '../../engine/kernel-sets.js';
import type { Network } from '../../training/network.js';
import { cannotExport, realInput, usualInput } from '../inputs.js';
import { C, type CInput, type COptions, cNameKind } from '../options.js';
import { takeSnapshot } from '../snapshot.js';
import { type CNetwork, headerText, sourceText } from './files.js';
import { hardwareDatapath } from './hardware.js';
import { wideDatapath } from './wide.js';

/** The result of the export. */
export interface CExport {
  files: [source: string, header: string];
  /** Bytes of constant tables in read-only memory. */
  tableBytes: number;
  name: string;
  input: CInput;
  digest: string;
}

/**
 * Writes a network of the wide or hardware arithmetic as C99: `FILE.c` and `FILE.h`. It computes the same integers as
 * predict().
 *
 * @throws SparseTrainError UNKNOWN_OPTION, INVALID_OPTION, NETWORK_BUSY, FILE_NOT_FOUND, FILE_ACCESS
 */
export async function writeC(network: Network, file: string, options: COptions): Promise<CExport> {
  const given = checkOptions('exportC options', C, options);
  if (typeof file !== 'string' || !/.\.c$/.test(file))
    throw invalidOption('file', 'a path that ends in .c', file);
  const snapshot = takeSnapshot(network);
  const { kind } = snapshot.arithmetic;
  if (kind === 'float') {
    throw cannotExport(
      'C code is of integers, which a network of the float arithmetic does not have',
      'train with the wide arithmetic, or export ONNX',
    );
  }
  const name = given.name ?? nameOf(file);
  const { input = usualInput(snapshot) === 'uint8' ? 'uint8' : 'word' } = given;
  const scaling = realInput(snapshot, 'float64');
  if (input === 'uint8' && realInput(snapshot, 'uint8') !== undefined) {
    throw cannotExport(
      say`${optionName('input')} cannot be ${literal('uint8')}: the network was trained on numbers that are scaled`,
      say`use ${literal('word')}, whose quantise function scales`,
    );
  }
  const header = file.replace(/c$/, 'h');
  if (/["\\\p{Cc}\p{Cf}\u2028\u2029]/u.test(basename(header)))
    throw invalidOption(
      'file',
      'a name of printable characters without quotes and backslashes, as C includes it',
      file,
    );
  if (SYSTEM_HEADERS.has(basename(header, '.h')))
    throw invalidOption('file', `a name other than that of C's own header <${basename(header)}>`, file);
  const parts: CNetwork = {
    name,
    header: basename(header),
    snapshot,
    version: engineVersion(),
    datapath:
      kind === 'wide'
        ? wideDatapath(snapshot, input === 'uint8')
        : hardwareDatapath(snapshot, input === 'uint8'),
    scaling: input === 'uint8' ? undefined : scaling,
  };
  const [sourceCode, headerCode] = [sourceText(parts), headerText(parts)];
  await writeAtomically(header, (handle) => handle.writeFile(headerCode));
  await writeAtomically(file, (handle) => handle.writeFile(sourceCode));
  const { junctions, scores } = parts.datapath;
  const tableBytes = [...junctions, ...(scores === undefined ? [] : [scores])].reduce(
    (sum, { bytes }) => sum + bytes,
    0,
  );
  return { files: [file, header], tableBytes, name, input, digest: snapshot.digest };
}

/** Headers of the C standard library. One of the same name in a folder that the compiler searches would hide it. */
const SYSTEM_HEADERS: ReadonlySet<string> = new Set(
  (
    'assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal stdalign stdarg stdatomic ' +
    'stdbit stdbool stdckdint stddef stdint stdio stdlib stdnoreturn string tgmath threads time uchar wchar wctype'
  ).split(' '),
);

/** A name in C like the file's. */
function nameOf(file: string): string {
  const name = basename(file, '.c')
    .replace(/\W/g, '_')
    .replace(/^(?=\d)/, '_');
  return cNameKind.check('name', name);
}
