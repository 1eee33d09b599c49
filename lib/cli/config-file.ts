import { stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { SparseTrainError, seenFrom, standingIn, unknownName } from '../base/errors.js';
import { readTextFile } from '../base/files/read-text.js';
import { parseJsonFile } from '../base/json.js';
import { isDatasetName } from './data/load.js';
import type { Setting, Settings } from './settings/setting.js';

/**
 * Reads settings from a JSON file: an object whose keys are the options' names in camel case. Paths are relative to
 * the file's folder; if it is a pipe, to the working folder.
 *
 * @throws SparseTrainError FILE_NOT_FOUND, FILE_ACCESS, INVALID_FILE (not a JSON object), UNKNOWN_OPTION, INVALID_OPTION
 */
export async function readConfigFile(file: string, settings: Settings): Promise<Record<string, unknown>> {
  const name = basename(file);
  const values: Record<string, unknown> = {};
  // A pipe, such as /dev/stdin or <(...), has no folder of its own.
  const isFile = await stat(file).then(
    (stats) => stats.isFile(),
    () => true,
  );
  const folder = isFile ? dirname(file) : '.';
  for (const [key, value] of Object.entries(parseObject(file, await readText(file)))) {
    const setting = Object.hasOwn(settings, key) ? settings[key] : undefined;
    if (setting === undefined)
      throw unknownName('UNKNOWN_OPTION', `key in ${name}:`, key, Object.keys(settings), oldKeys(settings));
    const checked = checkValue(setting, key, value, name);
    const isPath =
      setting.kind.isPath === true &&
      !(key === 'data' && (checked === '-' || isDatasetName(checked as string)));
    values[key] = isPath ? resolve(folder, checked as string) : checked;
  }
  return values;
}

/** Keys of earlier releases and the keys that replaced them: `bits` became `weightBits`. */
function oldKeys(settings: Settings): Record<string, string> {
  const keys: Record<string, string> = {};
  for (const [key, { oldFlags = [] }] of Object.entries(settings))
    for (const old of oldFlags) keys[camelCase(old)] = key;
  return keys;
}

function camelCase(flag: string): string {
  return flag.slice(2).replaceAll(/-[a-z]/g, ([, letter]) => (letter as string).toUpperCase());
}

/** Messages name the key and the file, because no flag of the command line is wrong. */
function checkValue({ kind }: Setting<unknown>, key: string, value: unknown, name: string): unknown {
  try {
    return kind.check(key, value);
  } catch (error) {
    throw error instanceof SparseTrainError ? standingIn(name, error) : error;
  }
}

async function readText(file: string): Promise<string> {
  try {
    return await readTextFile(file);
  } catch (error) {
    throw error instanceof SparseTrainError ? seenFrom('--config: ', error) : error;
  }
}

function parseObject(file: string, text: string): object {
  const json = parseJsonFile(file, text);
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json;
  throw new SparseTrainError(
    'INVALID_FILE',
    `${file} must hold a JSON object, such as { "data": "iris.csv" }`,
  );
}
