import { resolve } from 'node:path';
import {
  csvColumnSettings,
  csvFormatSettings,
  csvLabelSettings,
  dataSettings,
  streamSettings,
  testDataSettings,
} from '../settings/data.js';
import type { Settings } from '../settings/setting.js';
import { isDatasetName } from './load.js';

/** Everything that decides which data there are, but for the share set aside, which the run log has anyway. */
const { validation: _, ...testData } = testDataSettings;
export const originSettings: Settings = {
  ...dataSettings,
  ...streamSettings,
  ...testData,
  ...csvFormatSettings,
  ...csvLabelSettings,
  ...csvColumnSettings,
};

/** The options that a run's data came by, paths absolute: what its log needs for the data to be found again. */
export function originOf(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const given = Object.entries(originSettings).flatMap(([key, { kind }]) => {
    const value = values[key];
    if (value === undefined) return [];
    const isName = typeof value !== 'string' || value === '-' || isDatasetName(value);
    const isFile = kind.isPath === true && !isName;
    return [[key, isFile ? resolve(value as string) : value]];
  });
  return Object.fromEntries(given) as Record<string, unknown>;
}
