import { printable } from '../../base/printable.js';

/** HTML that is safe to write. It comes from {@link html}, which escapes all values, or from {@link trusted}. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

/** A value in a template. undefined, null and false leave nothing in the text. */
export type HtmlValue = Html | string | number | undefined | null | false | readonly HtmlValue[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Escapes text for an element or a quoted attribute; terminals and editors obey control characters in a page, too. */
export function escapeHtml(text: string): string {
  return printable(text).replace(/[&<>"']/g, (character) => ENTITIES[character] as string);
}

/**
 * A template of HTML: ``html`<td title="${name}">${value}</td>` ``. Values are escaped unless they are HTML
 * already; the items of arrays are joined. Attributes must be quoted.
 */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return new Html(strings.reduce((text, string, i) => text + written(values[i - 1]) + string));
}

/** Marks a string as HTML. It must not contain anything from a file or an option. */
export function trusted(text: string): Html {
  return new Html(text);
}

function written(value: HtmlValue): string {
  if (value === undefined || value === null || value === false) return '';
  if (value instanceof Html) return value.text;
  if (typeof value === 'object') return value.map(written).join('');
  return escapeHtml(String(value));
}

/** Data for a script of the page, as JSON that cannot end its element. */
export function scriptJson(value: unknown): Html {
  const json = JSON.stringify(value, (_, item) => (Number.isNaN(item) ? null : item));
  return new Html(printable(json).replace(/</g, '\\u003c'));
}
