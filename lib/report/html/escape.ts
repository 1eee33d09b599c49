/** HTML that is safe to write: made by {@link html}, which escapes everything put into it, or {@link trusted}. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

/** What may stand in a template; nothing is written for undefined, null and false. */
export type HtmlValue = Html | string | number | undefined | null | false | readonly HtmlValue[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as it stands in an element or in a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] as string);
}

/**
 * A template of HTML: ``html`<td title="${name}">${value}</td>` ``. Values are escaped, but for those that are HTML
 * already; arrays are written one after the other. Attributes must be quoted.
 */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return new Html(strings.reduce((text, string, i) => text + written(values[i - 1]) + string));
}

/** Text that is HTML and was not made from anything a file or an option says. */
export function trusted(text: string): Html {
  return new Html(text);
}

function written(value: HtmlValue): string {
  if (value === undefined || value === null || value === false) return '';
  if (value instanceof Html) return value.text;
  if (typeof value === 'object') return value.map(written).join('');
  return escapeHtml(String(value));
}

/** Data for a script of the page, as JSON that cannot end the element it stands in. */
export function scriptJson(value: unknown): Html {
  const json = JSON.stringify(value, (_, item) => (Number.isNaN(item) ? null : item));
  return new Html(
    json
      .replace(/</g, '\\u003c')
      .replace(/\u2028/g, '\\u2028')
      .replace(/\u2029/g, '\\u2029'),
  );
}
