import type { CsvScanned, CsvScanTask } from './addon.js';
import { native } from './native.js';

export type { CsvScanned, CsvScanTask } from './addon.js';

/** Scans records of CSV text until the arrays are full, the text ends, or a quote is wrong. */
export function scanCsv(task: CsvScanTask): CsvScanned {
  return native().scanCsv(task);
}
