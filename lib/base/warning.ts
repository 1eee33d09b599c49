import { AsyncLocalStorage } from 'node:async_hooks';

/** Codes of warnings, for programs that listen to `process.on('warning')`. */
export type WarningCode =
  /** A file had to be written in place, so a crash in the middle would damage it. */
  | 'WRITTEN_IN_PLACE'
  /** The run log could not be written and lacks lines; training continued. */
  | 'LOG_INCOMPLETE'
  /** A model file was replaced although another process had written it since this one last read or wrote it. */
  | 'REPLACED_ANOTHER'
  /** Training inputs are beyond the range of the number format and were clipped. */
  | 'INPUTS_CLIPPED';

/** Emits a warning of the process; the same text is emitted only once. */
export function warn(code: WarningCode, message: string): void {
  const known = `${code} ${message}`;
  if (silent.getStore() === true || given.has(known)) return;
  given.add(known);
  process.emitWarning(message, { type: 'SparseTrainWarning', code });
}

const given = new Set<string>();

/** Runs something whose warnings do not concern the user, such as trials that are thrown away. */
export function withoutWarnings<T>(run: () => T): T {
  return silent.run(true, run);
}

const silent = new AsyncLocalStorage<boolean>();
