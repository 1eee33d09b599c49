import { dirname } from 'node:path';
import { parse, TomlError } from 'smol-toml';
import { SparseTrainError } from '../../base/errors.js';
import { readTextFile } from '../../base/files/read-text.js';
import { parseJsonFile } from '../../base/json.js';
import type { StudyDefinition } from './definition.js';

/**
 * Reads a study's definition from a TOML or JSON file, by its ending; it is not checked yet. A file of data is looked for
 * beside it, unless the study names a folder.
 *
 * @throws SparseTrainError FILE_NOT_FOUND, FILE_ACCESS, INVALID_FILE with line and column
 */
export async function readDefinition(file: string): Promise<StudyDefinition> {
  if (!/\.(toml|json)$/i.test(file)) {
    throw new SparseTrainError(
      'INVALID_FILE',
      `${file} is neither .toml nor .json, as the file of a study must be`,
    );
  }
  const text = await readTextFile(file);
  try {
    const content = /\.toml$/i.test(file) ? parse(text) : parseJsonFile(file, text);
    return withFolder(content, file);
  } catch (error) {
    if (error instanceof TomlError) {
      const reason = error.message.split('\n')[0]?.replace('Invalid TOML document: ', '');
      throw new SparseTrainError(
        'INVALID_FILE',
        `${file}, line ${error.line}, column ${error.column}: ${reason}`,
        { cause: error },
      );
    }
    throw error;
  }
}

function withFolder(content: unknown, file: string): StudyDefinition {
  const definition = content as StudyDefinition;
  const data: unknown = definition?.data;
  const isOwn = typeof data === 'object' && data !== null && 'file' in data && !('directory' in data);
  return isOwn
    ? ({ ...definition, data: { ...data, directory: dirname(file) } } as StudyDefinition)
    : definition;
}
