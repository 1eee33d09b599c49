import stringWidth from 'fast-string-truncated-width';
import { unpainted } from './paint.js';

/** The columns that a text takes on the screen. Colours take none; Chinese characters and emoji take two. */
export function displayWidth(text: string): number {
  return stringWidth(unpainted(text)).width;
}

/** A text without colours, cut to at most this many columns; an ellipsis marks the cut. */
export function shorten(text: string, columns: number): string {
  const { index, ellipsed } = stringWidth(text, { limit: columns, ellipsis: '…', ellipsisWidth: 1 });
  return ellipsed ? `${text.slice(0, index)}…` : text;
}

/** Fills a text with blanks up to this many columns. */
export function padEnd(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - displayWidth(text)));
}

/** Matches a word and the blanks before it. A number and its unit are one word. */
const WORD = /( *)(\S*\d (?:%|[nµm]?s\b|[kMG]?B\b|MHz|[kMG]\/s)\S*|\S+)/g;

/**
 * Breaks a text at blanks into lines of at most `columns`. A word that is wider than a line, such as a path, stays
 * whole so that it can be copied. A number stays beside its unit.
 */
export function wrap(text: string, columns: number, word = WORD): string[] {
  const lines: string[] = [];
  let line = '';
  for (const [, blanks = '', next = ''] of text.matchAll(word)) {
    const longer = line + blanks + next;
    if (line.trim() !== '' && displayWidth(longer) > columns) {
      lines.push(line);
      line = next;
    } else {
      line = longer;
    }
  }
  return [...lines, line];
}

/** Breaks a line without colours into pieces of at most `columns`, within words if necessary. */
export function broken(line: string, columns: number): string[] {
  if (displayWidth(line) <= columns) return [line];
  const { index } = stringWidth(line, { limit: columns });
  return index > 0 ? [line.slice(0, index), ...broken(line.slice(index), columns)] : [line];
}

/** Wraps every line of a text that is too wide. Continuation lines are indented by two more blanks. */
export function fitted(text: string, columns: number): string {
  return text
    .split('\n')
    .flatMap((line) => {
      if (displayWidth(line) <= columns) return line;
      const indent = ' '.repeat((/^ */.exec(line)?.[0].length ?? 0) + 2);
      const [first = '', ...rest] = wrapAfter(line, columns, indent.length);
      return [first.trimEnd(), ...rest.map((more) => indent + more)];
    })
    .join('\n');
}

/** Wraps a text whose first line has more room than the others. */
function wrapAfter(text: string, columns: number, indent: number): string[] {
  const [first = ''] = wrap(text, columns);
  const rest = text.slice(first.length).trimStart();
  return rest === '' ? [first] : [first, ...wrap(rest, columns - indent)];
}

/** Matches a word of a command. An option and its value are one word. */
const COMMAND_WORD = /( *)(--\S+ [^-\s|]\S*|\S+)/g;

/** A command that can be copied. If it is too wide, it has several lines that end in a backslash. */
export function commandLines(command: string, columns: number, indent: number): string[] {
  const blanks = ' '.repeat(indent);
  if (indent + displayWidth(command) <= columns) return [blanks + command];
  const lines = wrap(command, columns - indent - 4, COMMAND_WORD);
  return lines.map((line, i) => {
    const start = i === 0 ? blanks : `${blanks}  `;
    return i + 1 < lines.length ? `${start}${line} \\` : start + line;
  });
}
