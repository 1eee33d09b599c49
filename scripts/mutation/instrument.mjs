/**
 * Writes all mutants of a source into one program. `globalThis.$mutant(7)` says, each time it is reached,
 * whether mutant 7 is the active one: an expression becomes `($mutant(7) ? mutated : original)`, a statement
 * `if (!$mutant(7)) {...}`. So the modules are loaded once for all mutants.
 */

/**
 * @typedef {import('./operators.mjs').Change & { id: number }} Numbered
 * @param {string} source @param {readonly Numbered[]} mutants
 */
export function instrument(source, mutants) {
  const bySize = [...mutants].sort((a, b) => a.start - b.start || b.end - a.end);
  return render(source, 0, source.length, bySize);
}

/**
 * The part of a source between two places, with the mutants that lie in it.
 * @param {string} source @param {number} from @param {number} to @param {readonly Numbered[]} mutants
 * @returns {string}
 */
function render(source, from, to, mutants) {
  let text = '';
  let at = from;
  for (let i = 0; i < mutants.length; ) {
    const { start, end, isStatement } = /** @type {Numbered} */ (mutants[i]);
    let next = i + 1;
    while (next < mutants.length && mutants[next].start < end) next++;
    const group = mutants.slice(i, next);
    const same = group.filter(
      (other) => other.end === end && other.start === start && other.isStatement === isStatement,
    );
    const inner = group.filter((other) => !same.includes(other));
    const original = render(source, start, end, inner);
    text += source.slice(at, start) + (isStatement ? statement(same, original) : expression(same, original));
    at = end;
    i = next;
  }
  return text + source.slice(at, to);
}

/** @param {readonly Numbered[]} mutants @param {string} original */
const expression = (mutants, original) =>
  `(${mutants.map(({ id, text }) => `globalThis.$mutant(${id}) ? (${text}) : `).join('')}(${original}))`;

/** @param {readonly Numbered[]} mutants @param {string} original */
const statement = (mutants, original) =>
  `{ if (!(${mutants.map(({ id }) => `globalThis.$mutant(${id})`).join(' || ')})) { ${original} } }`;
