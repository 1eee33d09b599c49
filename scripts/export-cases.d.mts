import type * as api from '../lib/index.js';

/** A network, and inputs to try it on. */
export interface ExportCase {
  name: string;
  network: api.Network;
  input: api.ExportInput;
  inputs: api.InputArray;
  rows: number;
  log?: string;
}

export function mnistCases(from: typeof api, log: string): Promise<ExportCase[]>;
export function smallCases(from: typeof api, rows?: number): Promise<ExportCase[]>;
