import { printable } from './printable.js';

/** Escapes text for use in XML, between tags or in a quoted attribute. */
export function escapeXml(text: string): string {
  return printable(text).replace(
    /[<>&"]/g,
    (char) => ({ '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&quot;' })[char] as string,
  );
}
