import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { instrument } from '../../scripts/mutation/instrument.mjs';
import { mutantsOf } from '../../scripts/mutation/operators.mjs';

const SOURCE = `
interface Named { readonly kind: 'small' | 'large' }
export function compare(a: number, b: number): string {
  const named: Named = { kind: 'small' };
  if (a < b) return named.kind;
  let sum = 0;
  for (const x of [a, b].filter((y) => y !== 2)) sum += x;
  if (sum === 7 && a > b) throw new Error('seven');
  return \`\${sum}\`;
}
`;

/** What the function gives, for each of these arguments, or the word of its error. */
function outcomes(compare: (a: number, b: number) => unknown): string {
  const pairs = [
    [1, 2],
    [1, 1],
    [2, 1],
    [4, 3],
    [5, 2],
    [7, 0],
  ] as const;
  const results = pairs.map(([a, b]) => {
    try {
      return String(compare(a, b));
    } catch (error) {
      return `error: ${(error as Error).message}`;
    }
  });
  return results.join();
}

describe('the mutants of a source', () => {
  const mutants = mutantsOf('source.ts', SOURCE).map((mutant, id) => ({ ...mutant, id }));
  const code = ts.transpileModule(instrument(SOURCE, mutants), {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.CommonJS },
  }).outputText;
  const exported: { compare?: (a: number, b: number) => unknown } = {};
  new Function('exports', code)(exported);
  const compare = exported.compare as (a: number, b: number) => unknown;
  const run = (active: number) => {
    Object.assign(globalThis, { $mutant: (id: number) => id === active });
    return outcomes(compare);
  };
  const original = 'small,2,1,error: seven,5,error: seven';

  it('are none of types, and change the function one at a time', () => {
    expect(run(-1)).toBe(original);
    const living = mutants.filter(({ id }) => run(id) === original);
    expect(living.map(({ from, to }) => `${from} to ${to}`)).toEqual(['a > b to a >= b']);
    expect(new Set(mutants.map(({ operator }) => operator))).toEqual(
      new Set([
        'condition',
        'boundary',
        'arithmetic',
        'literal',
        'text',
        'called function',
        'returned value',
        'removed statement',
      ]),
    );
  });

  it('are the same as text in its place', () => {
    for (const { id, start, end, text, isStatement } of mutants) {
      const js = ts.transpileModule(SOURCE.slice(0, start) + (isStatement ? ';' : text) + SOURCE.slice(end), {
        compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.CommonJS },
      }).outputText;
      const replaced: typeof exported = {};
      new Function('exports', js)(replaced);
      expect(outcomes(replaced.compare as typeof compare)).toBe(run(id));
    }
  });
});
