import { printable } from '../../base/printable.js';
import type { Prediction } from './prediction.js';

/**
 * Converts predictions to lines of CSV; the first call begins with the header line. Rows with errors have no
 * line.
 */
export class CsvWriter {
  #hasNames = false;

  /** Lines, each with its line break. */
  write(predictions: readonly Prediction[]): string {
    let text = '';
    for (const prediction of predictions) {
      if ('error' in prediction) continue;
      const fields = flatten(prediction);
      if (!this.#hasNames) text += line(fields.map(([name]) => name));
      this.#hasNames = true;
      text += line(fields.map(([, value]) => String(value)));
    }
    return text;
  }
}

function flatten(prediction: Prediction): [name: string, value: unknown][] {
  return Object.entries(prediction).flatMap(([name, value]): [string, unknown][] => {
    if (Array.isArray(value)) return [[name, value.join(' ')]];
    return typeof value === 'object' ? Object.entries(value as object) : [[name, value]];
  });
}

/** How formulas begin, also after blanks and with the wide signs that some languages' programs accept. */
const FORMULA = /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]/;

/**
 * Puts an apostrophe before a text that a spreadsheet would run as a formula; spreadsheets take it as the
 * mark of plain text. Numbers are not changed.
 */
function safe(field: string): string {
  const text = printable(field).replaceAll('\t', '\\t');
  return FORMULA.test(text) && Number.isNaN(Number(text)) ? `'${text}` : text;
}

function line(fields: readonly string[]): string {
  return `${fields
    .map(safe)
    .map((field) => (/[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field))
    .join(',')}\n`;
}
