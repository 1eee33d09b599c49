/**
 * Colours that data cannot forge. Text is painted with marks that only this process knows. At the very end {@link
 * shown} escapes everything that a terminal would obey, and turns the marks into escape sequences.
 */
import pc from 'picocolors';
import type { Colors, Formatter } from 'picocolors/types.js';
import { printable } from '../base/printable.js';

const ESCAPE = '\u001b';

/** A mark that stands for the escape character: a private-use character and a number that data cannot know. */
const MARK = `\u{10fffd}${Math.random().toString(36).slice(2, 10)}`;

const PAINTED = new RegExp(`${MARK}\\[\\d+m`, 'g');

const none = pc.createColors(false);
const all = pc.createColors(true);

/** Makes formatters whose output is for {@link shown}. Without colours they leave text as it is. */
export function createPaint(hasColors: boolean): Colors {
  if (!hasColors) return none;
  const formatters = Object.entries(all).map(([name, format]) => [
    name,
    typeof format === 'function' ? marked(format as Formatter) : format,
  ]);
  return Object.fromEntries(formatters) as Colors;
}

/** A formatter of picocolors with marks in its sequences. */
function marked(format: Formatter): Formatter {
  const [open = '', close = ''] = format('\n')
    .split('\n')
    .map((part) => part.replaceAll(ESCAPE, MARK));
  // Text that was painted before ends with a sequence that would end this formatter's colour too.
  return (text) => `${open}${String(text).replaceAll(close, close + open)}${close}`;
}

/** Converts painted text to text that is safe for a terminal. */
export function shown(text: string): string {
  return printable(text).replaceAll(PAINTED, (mark) => mark.replace(MARK, ESCAPE));
}

/** The text without its colours. */
export function unpainted(text: string): string {
  return text.replaceAll(PAINTED, '');
}
