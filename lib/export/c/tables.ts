/** Constant tables of C, in the narrowest type that holds their numbers. */

const TYPES = [
  { name: 'uint8_t', low: 0, high: 2 ** 8 - 1, bytes: 1 },
  { name: 'int8_t', low: -(2 ** 7), high: 2 ** 7 - 1, bytes: 1 },
  { name: 'uint16_t', low: 0, high: 2 ** 16 - 1, bytes: 2 },
  { name: 'int16_t', low: -(2 ** 15), high: 2 ** 15 - 1, bytes: 2 },
  { name: 'uint32_t', low: 0, high: 2 ** 32 - 1, bytes: 4 },
  { name: 'int32_t', low: -(2 ** 31), high: 2 ** 31 - 1, bytes: 4 },
] as const;

/** `static const TYPE NAME[N]`. */
export interface Table {
  readonly name: string;
  readonly type: string;
  readonly numbers: ArrayLike<number>;
  /** Its size in bytes. */
  readonly bytes: number;
}

export function table(name: string, numbers: ArrayLike<number>): Table {
  let [low, high] = [0, 0];
  for (let i = 0; i < numbers.length; i++) {
    low = Math.min(low, numbers[i] as number);
    high = Math.max(high, numbers[i] as number);
  }
  const type = TYPES.find((candidate) => candidate.low <= low && high <= candidate.high);
  if (type === undefined) throw new RangeError(`${low} to ${high} do not fit 32 bits`);
  return { name, type: type.name, numbers, bytes: type.bytes * numbers.length };
}

/** The maximum width of a line of numbers. */
const LINE = 110;

/** The definition of a table. */
export function tableText({ name, type, numbers }: Table): string {
  const lines: string[] = [];
  let line = '';
  for (let i = 0; i < numbers.length; i++) {
    const word = `${literal(numbers[i] as number)},`;
    if (line.length + word.length > LINE) {
      lines.push(line);
      line = '';
    }
    line += word;
  }
  lines.push(line.replace(/,$/, ''));
  return `static const ${type} ${name}[${numbers.length}] = {\n${lines.join('\n')}\n};\n`;
}

/** A number as a C literal; -2^31 needs an expression. */
function literal(number: number): string {
  return number === -(2 ** 31) ? '(-2147483647-1)' : String(number);
}
