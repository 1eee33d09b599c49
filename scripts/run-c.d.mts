import type * as api from '../lib/index.js';
import type { ExportCase } from './export-cases.mjs';

export function cCompiler(): string[] | undefined;
export function compareC(
  from: typeof api,
  example: Pick<ExportCase, 'name' | 'network' | 'inputs'>,
  place: { folder: string; compiler: string[]; flags?: string[] },
): Promise<{ rows: number; compared: number; difference: string | undefined; tableBytes: number }>;
