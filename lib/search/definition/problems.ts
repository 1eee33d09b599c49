import type { z } from 'zod';
import { invalidOption, nearest, SparseTrainError } from '../../base/errors.js';

type Issue = z.core.$ZodIssue;

/**
 * The error for what zod found: of several findings the most telling one.
 *
 * @param error - a ZodError. The type is wider because zod is bundled: the published declarations must not import it.
 * @param known - all names that a definition may have anywhere, for near misses
 */
export function definitionError(error: Error, known: readonly string[]): SparseTrainError {
  const { issues } = error as z.ZodError;
  // A misspelt name is usually also a missing one; the misspelling is what to mend.
  const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? (issues[0] as Issue);
  const path = pathText(issue.path);
  switch (issue.code) {
    case 'unrecognized_keys': {
      const [key = ''] = issue.keys;
      const near = nearest(key, known);
      const hint = near === undefined || near === key ? 'leave it out' : `did you mean "${near}"?`;
      const where = path === '' ? 'a study' : path;
      return new SparseTrainError('UNKNOWN_OPTION', `${where} has no "${key}"; ${hint}`);
    }
    case 'invalid_value':
      return oneOf(path, issue.values, issue.input);
    case 'invalid_union': {
      const { discriminator, options, input } = issue as typeof issue & {
        discriminator?: string;
        options?: readonly string[];
      };
      if (discriminator === undefined || options === undefined)
        return invalidOption(path, expectation(issue.message), input);
      const object = input as Record<string, unknown> | undefined;
      return oneOf(path, options, object?.[discriminator]);
    }
    case 'invalid_type':
      return invalidOption(
        path === '' ? 'a study' : path,
        TYPES[issue.expected] ?? issue.expected,
        issue.input,
      );
    case 'too_small':
    case 'too_big':
      return invalidOption(path, boundary(issue), issue.input);
    case 'invalid_key':
      return new SparseTrainError(
        'INVALID_OPTION',
        `${path}: names of parameters are letters, digits, "_", "." and "-", a letter first`,
      );
    default:
      return invalidOption(path, expectation(issue.message), issue.input);
  }
}

const TYPES: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a number',
  string: 'a text',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

function boundary(issue: Extract<Issue, { code: 'too_small' | 'too_big' }>): string {
  const items = issue.origin === 'array' ? ' items' : issue.origin === 'string' ? ' characters' : '';
  if (issue.code === 'too_small') {
    return `${items === '' ? '' : 'of '}${issue.inclusive ? 'at least' : 'above'} ${issue.minimum}${items}`;
  }
  return `${items === '' ? '' : 'of '}${issue.inclusive ? 'at most' : 'below'} ${issue.maximum}${items}`;
}

function oneOf(path: string, allowed: readonly unknown[], actual: unknown): SparseTrainError {
  const words = allowed.map(String);
  const { message } = invalidOption(path, `one of ${words.join(', ')}`, actual);
  const near = typeof actual === 'string' ? nearest(actual, words) : undefined;
  return new SparseTrainError(
    'INVALID_OPTION',
    near === undefined ? message : `${message}; did you mean "${near}"?`,
  );
}

function expectation(message: string): string {
  return message.replace(/^Invalid input: /, '').replace(/^expected /, '');
}

/** `space.width.choices[2]` */
export function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((key, i) => (typeof key === 'number' ? `[${key}]` : `${i === 0 ? '' : '.'}${String(key)}`))
    .join('');
}
