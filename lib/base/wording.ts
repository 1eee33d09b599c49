/**
 * Text that mentions options and their values. The API writes `weightDecay` and `'tiled'`, the command line
 * `--weight-decay` and `tiled`: who shows a wording says how both are spelled.
 */
export type Wording = string | readonly WordingPart[];

type WordingPart = string | Mention | Literal;

/** An option by its path in the API, such as `optimizer.weightDecay`, perhaps with a value that it should have. */
export interface Mention {
  readonly option: string;
  readonly value?: string | number | boolean;
}

/** A word that an option may have as its value. */
export interface Literal {
  readonly literal: string;
}

/** How options and their values are written. */
export interface Spelling {
  option(path: string, value?: Mention['value']): string;
  literal(word: string): string;
}

/** Mentions an option. */
export function optionName(option: string, value?: Mention['value']): Mention {
  return value === undefined ? { option } : { option, value };
}

/** Mentions a word that an option may have as its value. */
export function literal(word: string): Literal {
  return { literal: word };
}

/** Builds a {@link Wording} from a template: say`give ${optionName('density')} or ${optionName('fanOut')}`. */
export function say(
  texts: TemplateStringsArray,
  ...values: readonly (Wording | number | Mention | Literal)[]
): Wording {
  const parts: WordingPart[] = [];
  for (const [i, text] of texts.entries()) {
    parts.push(text);
    const value = values[i];
    if (value === undefined) continue;
    if (typeof value === 'number') parts.push(String(value));
    else if (typeof value === 'object' && Symbol.iterator in value) parts.push(...value);
    else parts.push(value);
  }
  return parts;
}

/** Joins wordings: `a, b, c`. */
export function joined(items: readonly (Wording | Literal | Mention)[], separator = ', '): Wording {
  return items.flatMap((item, i): readonly WordingPart[] => {
    const parts = typeof item === 'object' && Symbol.iterator in item ? item : [item];
    return i === 0 ? parts : [separator, ...parts];
  });
}

/** Writes a wording out. */
export function render(wording: Wording, spelling: Spelling = API_SPELLING): string {
  if (typeof wording === 'string') return wording;
  return wording
    .map((part) => {
      if (typeof part === 'string') return part;
      return 'literal' in part ? spelling.literal(part.literal) : spelling.option(part.option, part.value);
    })
    .join('');
}

/** As programs write options: `arithmetic.weightBits`, `arithmetic: { kind: 'float' }`. */
export const API_SPELLING: Spelling = {
  option(path, value) {
    if (value === undefined) return path;
    const names = path.split('.');
    const innermost = typeof value === 'string' ? `'${value}'` : String(value);
    return names.reduceRight(
      (inner, name, depth) => (depth === 0 ? `${name}: ${inner}` : `{ ${name}: ${inner} }`),
      innermost,
    );
  },
  literal: (word) => `'${word}'`,
};
