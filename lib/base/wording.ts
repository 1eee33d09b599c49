/**
 * Text that mentions options and their values. The API writes `weightDecay` and `'tiled'`, the command line
 * `--weight-decay` and `tiled`; the code that shows a text chooses the spelling.
 */
export type Wording = string | Phrase;

/** A part of a text: plain words, an option, or a value of an option. */
export type WordingPart = string | Mention | Literal;

/** A text that mentions options. Converted to a string, it spells them as programs do. */
export class Phrase {
  readonly parts: readonly WordingPart[];

  constructor(parts: readonly WordingPart[]) {
    this.parts = parts;
  }

  toString(): string {
    return render(this);
  }

  toJSON(): string {
    return render(this);
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return render(this);
  }
}

/** Mentions an option by its path in the API, such as `optimizer.weightDecay`, perhaps with a value. */
export interface Mention {
  readonly option: string;
  readonly value?: string | number | boolean | Readonly<Record<string, string>>;
}

/** A word that can be the value of an option. */
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
    parts.push(...partsOf(typeof value === 'number' ? String(value) : value));
  }
  return new Phrase(parts);
}

function partsOf(value: Wording | Mention | Literal): readonly WordingPart[] {
  return value instanceof Phrase ? value.parts : [value];
}

/** Joins wordings: `a, b, c`. */
export function joined(items: readonly (Wording | Literal | Mention)[], separator = ', '): Wording {
  return new Phrase(items.flatMap((item, i) => (i === 0 ? partsOf(item) : [separator, ...partsOf(item)])));
}

/** Converts a wording to a string in the given spelling. */
export function render(wording: Wording, spelling: Spelling = API_SPELLING): string {
  if (typeof wording === 'string') return wording;
  return wording.parts
    .map((part) => {
      if (typeof part === 'string') return part;
      return 'literal' in part ? spelling.literal(part.literal) : spelling.option(part.option, part.value);
    })
    .join('');
}

/** A value as programs write it. */
function inCode(value: NonNullable<Mention['value']>): string {
  if (typeof value === 'string') return `'${value}'`;
  if (typeof value !== 'object') return String(value);
  const fields = Object.entries(value).map(([name, of]) => {
    const key = /^[A-Za-z_$][\w$]*$/.test(name) ? name : `'${name}'`;
    return `${key}: '${of}'`;
  });
  return `{ ${fields.join(', ')} }`;
}

/** The spelling of programs: `arithmetic.weightBits`, `arithmetic: { kind: 'float' }`. */
export const API_SPELLING: Spelling = {
  option(path, value) {
    if (value === undefined) return path;
    const names = path.split('.');
    const innermost = inCode(value);
    return names.reduceRight(
      (inner, name, depth) => (depth === 0 ? `${name}: ${inner}` : `{ ${name}: ${inner} }`),
      innermost,
    );
  },
  literal: (word) => `'${word}'`,
};
