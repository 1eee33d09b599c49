/**
 * Text of files, such as names of classes and columns, as it may reach a terminal, a log or an editor: characters that
 * these obey instead of showing are written as escapes.
 */

/** Control characters but tab and line feed, line separators of Unicode, and the marks that change a text's direction. */
const OBEYED =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** A text of several lines with nothing in it that a terminal obeys. Escapes are those of JSON, so JSON stays JSON. */
export function printable(text: string): string {
  return text.replace(OBEYED, escaped);
}

/** A name or value that must not leave its line. */
export function printableLine(text: string): string {
  return printable(text).replaceAll('\n', '\\n').replaceAll('\t', '\\t');
}

/** JSON that shows every control character and mark as an escape; JSON.stringify() leaves some as they are. */
export function printableJson(value: unknown): string {
  return printable(JSON.stringify(value));
}
