import { basename } from 'node:path';
import { invalidOption } from '../../base/errors.js';
import { writeAtomically } from '../../base/files/atomic-write.js';
import { checkOneOf } from '../../base/options/checks.js';
import { checkOptionNames } from '../../base/options/names.js';
import { engineVersion } from '../../engine/kernel-sets.js';
import type { Network } from '../../training/network.js';
import { cannotExport, inputOrDefault, realInput } from '../inputs.js';
import { takeSnapshot } from '../snapshot.js';
import { type CNetwork, headerText, sourceText } from './files.js';
import { hardwareDatapath } from './hardware.js';
import { wideDatapath } from './wide.js';

/** The inputs of a C network: bytes, or activations in its own format (units of 2^-8 in wide networks). */
export type CInput = 'uint8' | 'word';

export interface COptions {
  /** Prefix of names in C; by default the file's name. */
  name?: string | undefined;
  /** 'uint8' for networks trained on unscaled integers, otherwise 'word'. */
  input?: CInput | undefined;
}

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
  checkOptionNames('exportC options', options, ['name', 'input']);
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
  const name = checkName(
    options.name ??
      basename(file, '.c')
        .replace(/\W/g, '_')
        .replace(/^(?=\d)/, '_'),
  );
  const { input = inputOrDefault(snapshot, undefined) === 'uint8' ? 'uint8' : 'word' } = options;
  checkOneOf('input', input, ['uint8', 'word']);
  const scaling = realInput(snapshot, 'float64');
  if (input === 'uint8' && realInput(snapshot, 'uint8') !== undefined) {
    throw cannotExport(
      "input cannot be 'uint8': the network was trained on numbers that are scaled",
      "use 'word', whose quantise function scales",
    );
  }
  const header = file.replace(/c$/, 'h');
  if (/["\\\n]/.test(basename(header)))
    throw invalidOption('file', 'a name without quotes, backslashes and line breaks, as C includes it', file);
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

/** Names that C, C++ or the files themselves already use. */
const RESERVED =
  /^(auto|break|case|char|const|continue|default|do|double|else|enum|extern|float|for|goto|if|inline|int|long|register|restrict|return|short|signed|sizeof|static|struct|switch|typedef|union|unsigned|void|volatile|while|main|junction)$/;

function checkName(name: unknown): string {
  if (typeof name === 'string' && /^[A-Za-z_]\w{0,62}$/.test(name) && !RESERVED.test(name)) return name;
  throw invalidOption('name', 'a name in C: letters, digits and _, no digit first, no keyword', name);
}
