/** Codes of warnings, for programs that listen to `process.on('warning')`. */
export type WarningCode =
  /** A file could only be written in place: a crash in the middle would damage it. */
  | 'WRITTEN_IN_PLACE'
  /** The run log could not be written, so that lines are missing from it; training continued. */
  | 'LOG_INCOMPLETE'
  /** A model file was replaced that another process had written since this one read or wrote it. */
  | 'REPLACED_ANOTHER'
  /** Inputs to train on lie beyond the range of the number format, which clips them. */
  | 'INPUTS_CLIPPED';

/** Tells the user something that is not an error, as a warning of the process; once for each text. */
export function warn(code: WarningCode, message: string): void {
  const known = `${code} ${message}`;
  if (given.has(known)) return;
  given.add(known);
  process.emitWarning(message, { type: 'SparseTrainWarning', code });
}

const given = new Set<string>();
