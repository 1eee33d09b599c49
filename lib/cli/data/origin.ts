import { resolve } from 'node:path';
import { csvSettings, dataSettings, streamSettings, testDataSettings } from '../settings/data.js';
import type { Settings } from '../settings/setting.js';
import { isDatasetName } from './load.js';

/**
 * The options that determine which data are read, except the share set aside, which the run log stores
 * anyway.
 */
const { validation: _, ...testData } = testDataSettings;
export const originSettings: Settings = {
  ...dataSettings,
  ...streamSettings,
  ...testData,
  ...csvSettings,
};

/**
 * The options that selected a run's data, with absolute paths. The run log stores them so that the data can
 * be found again.
 */
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
