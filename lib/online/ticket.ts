import { SparseTrainError } from '../base/errors.js';
import { parseJson } from '../base/json.js';
import type { Forecast } from './head.js';

/** The contents of a prediction that are needed to learn its truth later: the row, and the forecast for each target. */
export interface Ticket {
  readonly row: unknown;
  readonly forecasts: readonly Ticketed[];
}

/** A forecast whose truth is not known yet. */
export interface Ticketed {
  readonly predicted: string | number | undefined;
  /** The probability of each class. */
  readonly probabilities: Readonly<Record<string, number>> | undefined;
}

const VERSION = 1;

/** Writes a ticket as a short text without blanks, which can be stored anywhere and learned after a restart. */
export function writeTicket({ row, forecasts }: Ticket): string {
  const plain = ArrayBuffer.isView(row) ? Array.from(row as unknown as ArrayLike<number>) : row;
  // JSON has no Infinity and no bigint.
  const json = JSON.stringify([VERSION, plain, forecasts], (_, value: unknown) =>
    typeof value === 'bigint'
      ? String(value)
      : value === Infinity
        ? 1e308
        : value === -Infinity
          ? -1e308
          : value,
  );
  return Buffer.from(json).toString('base64url');
}

/** @throws SparseTrainError INVALID_DATA */
export function readTicket(text: string): Ticket {
  try {
    const json = parseJson(Buffer.from(text, 'base64url').toString('utf8'));
    const [version, row, forecasts] = json as [unknown, unknown, unknown];
    if (version === VERSION && Array.isArray(forecasts) && forecasts.every(isTicketed))
      return { row, forecasts };
  } catch {
    // Not a ticket: the error below says so.
  }
  throw new SparseTrainError('INVALID_DATA', {
    says: 'this text is not a ticket of a prediction',
    advice: 'give learn() a row, a prediction, or the ticket of one',
  });
}

/** Whether a ticket, which anybody may have written, holds a forecast here. */
function isTicketed(value: unknown): value is Ticketed {
  if (typeof value !== 'object' || value === null) return false;
  const { predicted, probabilities = {} } = value as Partial<Ticketed>;
  return (
    ['undefined', 'string', 'number'].includes(typeof predicted) &&
    typeof probabilities === 'object' &&
    probabilities !== null &&
    Object.values(probabilities).every((p) => Number.isFinite(p) && p >= 0)
  );
}

/** What a ticket's forecast predicted for the true value. */
export function forecastOf({ predicted, probabilities }: Ticketed, truth: unknown): Forecast {
  if (probabilities === undefined) return { predicted, probability: undefined };
  const name = String(truth);
  return { predicted, probability: Object.hasOwn(probabilities, name) ? (probabilities[name] as number) : 0 };
}
