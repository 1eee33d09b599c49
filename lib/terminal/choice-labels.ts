/**
 * Short labels for the choices of a parameter. Objects such as `{"kind":"wide","weightBits":8}` are called `wide, weightBits 8`:
 * by their kind, and by as few of their other values as tell them apart.
 *
 * @returns a label for the JSON of each object; all labels differ
 */
export function choiceLabels(choices: readonly unknown[]): ReadonlyMap<string, string> {
  const objects = new Map<string, Readonly<Record<string, unknown>>>();
  for (const choice of choices) if (isObject(choice)) objects.set(JSON.stringify(choice), choice);
  const all = [...objects.values()];
  const names = [...new Set(all.flatMap((choice) => Object.keys(choice)))].filter(
    (name) => new Set(all.map((choice) => JSON.stringify(choice[name]))).size > 1,
  );
  // The kind comes first and needs no name.
  names.sort((a, b) => Number(b === 'kind') - Number(a === 'kind'));
  const used: string[] = [];
  const labels = () => all.map((choice) => labelOf(choice, used));
  const differ = () => new Set(labels()).size;
  for (const name of names) {
    if (differ() === all.length) break;
    used.push(name);
  }
  const unique = differ() === all.length;
  return new Map([...objects].map(([json, choice]) => [json, unique ? labelOf(choice, used) || json : json]));
}

function labelOf(choice: Readonly<Record<string, unknown>>, names: readonly string[]): string {
  return names
    .filter((name) => choice[name] !== undefined)
    .map((name) => {
      const value = typeof choice[name] === 'string' ? choice[name] : JSON.stringify(choice[name]);
      return name === 'kind' ? value : `${name} ${value}`;
    })
    .join(', ');
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
