/**
 * Finds the first name that occurs twice in one object of a JSON text; undefined if there is none. JSON.parse
 * silently keeps the last value, so two readers could read the same file differently.
 *
 * @param json - valid JSON: parse it first
 */
export function duplicateName(json: string): string | undefined {
  /** The names in each object around the current position; undefined for an array. */
  const open: (Set<string> | undefined)[] = [];
  let lastString = '';
  for (let i = 0; i < json.length; i++) {
    switch (json[i]) {
      case '{':
        open.push(new Set());
        break;
      case '[':
        open.push(undefined);
        break;
      case '}':
      case ']':
        open.pop();
        break;
      case '"': {
        const end = stringEnd(json, i);
        lastString = json.slice(i, end);
        i = end - 1;
        break;
      }
      case ':': {
        const names = open.at(-1);
        const name = JSON.parse(lastString) as string;
        if (names?.has(name)) return name;
        names?.add(name);
        break;
      }
    }
  }
  return undefined;
}

/** The position after the string that begins at `start`. */
function stringEnd(json: string, start: number): number {
  let i = start + 1;
  while (json[i] !== '"') i += json[i] === '\\' ? 2 : 1;
  return i + 1;
}
