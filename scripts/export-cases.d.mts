import type * as api from '../lib/index.js';
import type { padDataset } from '../lib/public/data.js';
import type { ExportInput } from '../lib/public/export.js';

/** A network, and inputs to try it on. */
export interface ExportCase {
  name: string;
  network: api.Network;
  input: ExportInput;
  inputs: api.InputArray;
  rows: number;
  log?: string;
}

export function mnistCases(
  from: Pick<typeof api, 'Network' | 'loadDataset'> & { padDataset: typeof padDataset },
  log: string,
): Promise<ExportCase[]>;
export const SMALL_NAMES: readonly string[];
export function smallCases(
  from: Pick<typeof api, 'Network' | 'Dataset'>,
  rows?: number,
): Promise<ExportCase[]>;
