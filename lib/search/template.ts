import { unknownName } from '../base/errors.js';
import type { Parameters, ParameterValue } from './space/parameter.js';

/** Options in which `"$name"` stands for a parameter's value. */
export type Template = { readonly [key: string]: ParameterValue };

/** Marks an option to leave out because its parameter does not exist in this trial. */
const ABSENT = Symbol('absent');

/**
 * Replaces the names of parameters by their values. Where a parameter does not exist, the option, or the list item, is
 * left out; `"$$"` at the beginning of a string stands for a dollar sign.
 */
export function fillTemplate(template: Template, parameters: Parameters): Template {
  return fill(template, parameters) as Template;
}

function fill(part: ParameterValue, parameters: Parameters): ParameterValue | typeof ABSENT {
  if (typeof part === 'string') {
    if (part.startsWith('$$')) return part.slice(1);
    return part.startsWith('$') ? (parameters[part.slice(1)] ?? ABSENT) : part;
  }
  if (Array.isArray(part)) {
    return part.map((item: ParameterValue) => fill(item, parameters)).filter((item) => item !== ABSENT);
  }
  if (typeof part !== 'object' || part === null) return part;
  const filled: Record<string, ParameterValue> = {};
  for (const [key, value] of Object.entries(part)) {
    const item = fill(value, parameters);
    if (item !== ABSENT) filled[key] = item;
  }
  return filled;
}

/**
 * The parameters that a template names.
 *
 * @param path - what messages call the template
 * @param known - the study's parameters
 * @throws SparseTrainError INVALID_OPTION for an unknown name, with its place and the nearest known name
 */
export function namesIn(path: string, part: ParameterValue, known: readonly string[]): Set<string> {
  const found = new Set<string>();
  const look = (at: string, value: ParameterValue): void => {
    if (typeof value === 'string' && value.startsWith('$') && !value.startsWith('$$')) {
      const name = value.slice(1);
      if (!known.includes(name))
        throw unknownName('INVALID_OPTION', `parameter of the space at ${at}:`, name, known);
      found.add(name);
    } else if (Array.isArray(value)) {
      for (const [i, item] of value.entries()) look(`${at}[${i}]`, item as ParameterValue);
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, item] of Object.entries(value)) look(`${at}.${key}`, item as ParameterValue);
    }
  };
  look(path, part);
  return found;
}
