import { existsSync } from 'node:fs';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { SparseTrainError } from '../../base/errors.js';
import type { NamedData } from '../../report/runs/gather.js';
import type { LoggedRun, LoggedStart } from '../../report/runs/run-log-file.js';
import { loadTrainingData } from '../data/load.js';
import { originSettings } from '../data/origin.js';

/**
 * The data that a run was measured on, or a text that says why they cannot be read.
 *
 * @param log - the run log's file
 */
export async function dataOrReason(
  logged: LoggedRun | undefined,
  log: string | undefined,
): Promise<NamedData | string | undefined> {
  if (logged === undefined || log === undefined) return undefined;
  try {
    return await dataOfRun(logged.start, log);
  } catch (error) {
    if (!(error instanceof SparseTrainError)) throw error;
    return `Its data are not available, so there are no examples to show: ${error.message}.`;
  }
}

/**
 * The examples that a run was measured on, according to its log: the test part, the rows that its seed set
 * aside, or the training data if nothing was measured.
 *
 * @param log - the log's file, beside which data are looked for that are no longer where they were
 * @returns undefined if the log does not say which data they were
 * @throws SparseTrainError if they cannot be read
 */
async function dataOfRun(start: LoggedStart, log: string): Promise<NamedData | undefined> {
  const { context, fit } = start;
  if (context?.data === undefined) return undefined;
  const { name, origin } = context.data;
  const { train, test } = await loadTrainingData(checkedOrigin(origin, log));
  switch (context.measured) {
    case 'test':
      return test && { name: `test examples of ${name}`, data: test };
    case 'validation': {
      if (fit.validation === undefined || fit.seed === undefined) return undefined;
      const [, validation] = train.split(fit.validation, fit.seed);
      return { name: `examples of ${name} set aside`, data: validation };
    }
    default:
      return { name: `training examples of ${name}`, data: train };
  }
}

/** A log may hold anything, so its description of the data is checked like options. */
function checkedOrigin(origin: Readonly<Record<string, unknown>>, log: string): Record<string, unknown> {
  const entries = Object.entries(origin).map(([key, value]) => {
    const setting = Object.hasOwn(originSettings, key)
      ? originSettings[key as keyof typeof originSettings]
      : undefined;
    if (setting === undefined)
      throw new SparseTrainError('INVALID_FILE', `${log}: its data have an unknown option, ${key}`);
    return [key, setting.kind.check(setting.flag, moved(value, log))];
  });
  return Object.fromEntries(entries) as Record<string, unknown>;
}

/** A file's path or, if there is no such file, the path of a file with the same name beside the log. */
function moved(value: unknown, log: string): unknown {
  if (typeof value !== 'string' || !isAbsolute(value) || existsSync(value)) return value;
  const beside = join(dirname(log), basename(value));
  return existsSync(beside) ? beside : value;
}
