import { describeValue, SparseTrainError } from '../base/errors.js';
import type { ColumnKind } from '../data/column-kinds.js';
import { timeOf } from '../data/dates.js';
import { isText, wordsOf } from '../data/words.js';
import { textNumber } from '../formats/csv/value.js';
import {
  DateColumn,
  ENTRIES_OF_CYCLES,
  ENTRIES_OF_NUMBER,
  LevelColumn,
  NumberColumn,
  type SlotSource,
} from './column.js';
import { type Entries, MOST_ENTRIES, ONE } from './entries.js';
import { NameTable } from './name-table.js';

/** Longer levels are cut to this length. */
const LONGEST_LEVEL = 256;
/** The columns of so many fields of an object are remembered by their places. */
const MOST_FIELDS = 256;
/** How deep objects may be nested in a row. */
const DEEPEST = 8;

/** The history of one name: it may be a number in one row and a word in another. */
class Column {
  readonly name: string;
  readonly kind: ColumnKind | undefined;
  number: NumberColumn | undefined;
  levels: LevelColumn | undefined;
  words: LevelColumn | undefined;
  date: DateColumn | undefined;

  constructor(name: string, kind: ColumnKind | undefined) {
    this.name = name;
    this.kind = kind;
  }
}

/** What values of new names are counted in while a row is only checked. */
const UNKEPT_NUMBER = new NumberColumn('');
const UNKEPT_LEVELS = new LevelColumn('', '=', new NameTable());
const UNKEPT_DATE = new DateColumn('');

/** Turns rows (objects, arrays, typed arrays) into entries, and updates the statistics of the columns with each row. */
export class RowEncoder {
  readonly columns = new Map<string, Column>();
  /** How many values were ignored because their names would have been one column too many. */
  ignored = 0;
  readonly #kinds: ReadonlyMap<string, ColumnKind>;
  readonly #mostColumns: number;
  /** Levels and words by name. */
  readonly #table = new NameTable();
  /** The columns of rows that are arrays, by index. */
  readonly #places: Column[] = [];

  // The values of the current row. The lists keep their length: emptied ones would be allocated anew for each row.
  #numbers = 0;
  readonly #numberColumns: NumberColumn[] = [];
  readonly #numberValues: number[] = [];
  #levels = 0;
  readonly #levelColumns: LevelColumn[] = [];
  readonly #levelValues: string[] = [];
  /** The slots of the levels; 0 where a level has none. */
  readonly #levelSlots: number[] = [];
  #dates = 0;
  readonly #dateColumns: DateColumn[] = [];
  readonly #dateValues: number[] = [];
  /** The fields of the latest row that was an object, in their order: rows are often alike. */
  readonly #fieldNames: string[] = [];
  readonly #fieldColumns: Column[] = [];
  #creates = false;
  /** Whether values are only checked: those of new names then belong to columns that are not kept. */
  #checks = false;

  constructor(kinds: ReadonlyMap<string, ColumnKind>, mostColumns: number) {
    this.#kinds = kinds;
    this.#mostColumns = mostColumns;
  }

  /**
   * Reads the values of a row.
   *
   * @param creates - whether new names become columns; otherwise they are skipped
   * @throws SparseTrainError INVALID_DATA naming the field
   */
  read(row: unknown, creates: boolean): void {
    this.#creates = creates;
    this.#read(row);
  }

  /**
   * Checks whether a row can be learned, new names included, and changes nothing.
   *
   * @throws SparseTrainError INVALID_DATA naming the field
   */
  check(row: unknown): void {
    this.#creates = false;
    this.#checks = true;
    try {
      this.#read(row);
    } finally {
      this.#checks = false;
    }
  }

  #read(row: unknown): void {
    this.#numbers = this.#levels = this.#dates = 0;
    this.#table.begin();
    if (Array.isArray(row) || isNumbers(row)) {
      if (row.length > MOST_ENTRIES) throw tooLong('a row', row.length);
      for (let i = 0; i < row.length; i++) {
        const column = this.#places[i] ?? this.#placed(i);
        if (column !== undefined) this.#value(column, row[i], 0);
      }
      this.#refuseTooMany();
      return;
    }
    // A Map, a Promise or a Date has no fields of its own: it would be learned as an empty row.
    const isForeign =
      typeof row === 'object' && row !== null && !isNested(row) && Object.keys(row).length === 0;
    if (typeof row !== 'object' || row === null || ArrayBuffer.isView(row) || isForeign) {
      throw new SparseTrainError('INVALID_DATA', {
        says: `a row must be an object such as { price: 3, zone: 'B' }, or an array, but it is ${describeValue(row)}`,
      });
    }
    this.#object(row, '', 0);
    this.#refuseTooMany();
  }

  #refuseTooMany(): void {
    const entries =
      this.#numbers * ENTRIES_OF_NUMBER +
      this.#levels +
      this.#dates * (ENTRIES_OF_NUMBER + ENTRIES_OF_CYCLES);
    if (entries <= MOST_ENTRIES) return;
    throw new SparseTrainError(
      'INVALID_DATA',
      `the row has too many values and words (${this.#numbers} numbers, ${this.#levels} words and levels); leave out columns, or shorten its text`,
    );
  }

  /** Adds slots for everything in the row, so that it can be learned. This does not change predictions. */
  prepare(slots: SlotSource): void {
    for (let i = 0; i < this.#numbers; i++) {
      const column = this.#numberColumns[i] as NumberColumn;
      if (column.mark === 0) column.prepare(slots);
    }
    for (let i = 0; i < this.#levels; i++) {
      if (this.#levelSlots[i] !== 0) continue;
      const slot = (this.#levelColumns[i] as LevelColumn).prepare(this.#levelValues[i] as string, slots);
      if (slot !== 0 && !this.#table.isRepeated()) this.#levelSlots[i] = slot;
    }
    for (let i = 0; i < this.#dates; i++) (this.#dateColumns[i] as DateColumn).prepare(slots);
  }

  /** Adds the row's entries. */
  encode(entries: Entries): void {
    entries.begin();
    for (let i = 0; i < this.#numbers; i++) {
      (this.#numberColumns[i] as NumberColumn).encode(this.#numberValues[i] as number, entries);
    }
    for (let i = 0; i < this.#levels; i++) {
      const slot = this.#levelSlots[i] as number;
      if (slot !== 0) entries.plain(slot, ONE);
    }
    for (let i = 0; i < this.#dates; i++) {
      (this.#dateColumns[i] as DateColumn).encode(this.#dateValues[i] as number, entries);
    }
    entries.finish();
  }

  /** Updates the statistics of the columns with the row. */
  observe(slots: SlotSource): void {
    for (let i = 0; i < this.#numbers; i++) {
      (this.#numberColumns[i] as NumberColumn).observe(this.#numberValues[i] as number, slots);
    }
    for (let i = 0; i < this.#dates; i++) {
      (this.#dateColumns[i] as DateColumn).observe(this.#dateValues[i] as number, slots);
    }
  }

  /** Makes the levels or words of a column that is filled from a file. */
  restoreLevels(name: string, kind: '=' | '~'): LevelColumn {
    return new LevelColumn(name, kind, this.#table);
  }

  /** Makes a column that is then filled from a file. */
  restoreColumn(name: string): Column {
    const column = new Column(name, this.#kinds.get(name));
    this.columns.set(name, column);
    return column;
  }

  /** Finds the column of a name. Makes a new one if the current row may do so and there are not too many. */
  column(name: string): Column | undefined {
    const known = this.columns.get(name);
    if (known !== undefined) return known;
    if (this.columns.size >= this.#mostColumns) {
      if (this.#creates) this.ignored++;
      return undefined;
    }
    if (this.#checks) return new Column(name, this.#kinds.get(name));
    if (!this.#creates) return undefined;
    const made = new Column(name, this.#kinds.get(name));
    this.columns.set(name, made);
    return made;
  }

  #placed(place: number): Column | undefined {
    const column = this.column(String(place));
    // The list is kept without holes, so that finding a column by its index stays fast.
    if (column !== undefined && !this.#checks && place === this.#places.length) this.#places.push(column);
    return column;
  }

  #object(object: object, prefix: string, depth: number): void {
    const fields = object as Readonly<Record<string, unknown>>;
    const keys = Object.keys(fields);
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i] as string;
      const value = fields[key];
      if (depth === 0 && this.#fieldNames[i] === key && (typeof value !== 'object' || value === null)) {
        this.#value(this.#fieldColumns[i] as Column, value, depth);
        continue;
      }
      const name = prefix === '' ? key : `${prefix}.${key}`;
      if (isNested(value)) {
        if (depth === DEEPEST)
          throw wrongField(name, value, `objects stand in each other more than ${DEEPEST} deep`);
        this.#object(value, name, depth + 1);
        continue;
      }
      const column = this.column(name);
      if (column === undefined) continue;
      if (depth === 0 && !this.#checks && i < MOST_FIELDS) this.#remember(i, key, column);
      this.#value(column, value, depth);
    }
  }

  #remember(place: number, name: string, column: Column): void {
    // The lists are kept without holes, so that they stay fast.
    if (place > this.#fieldNames.length) return;
    this.#fieldNames[place] = name;
    this.#fieldColumns[place] = column;
  }

  #value(column: Column, value: unknown, depth: number): void {
    if (column.kind !== undefined) {
      this.#valueOfKind(column, value, column.kind);
      return;
    }
    switch (typeof value) {
      case 'number':
        this.#number(column, value);
        return;
      case 'string':
        this.#text(column, value);
        return;
      case 'undefined':
        return;
      case 'boolean':
        this.#level(column, String(value));
        return;
      case 'bigint':
        if (Number.isSafeInteger(Number(value))) this.#number(column, Number(value));
        else this.#level(column, String(value));
        return;
      case 'object':
        if (value === null) return;
        if (value instanceof Date) {
          this.#date(column, value.getTime());
          return;
        }
        if (Array.isArray(value) || isNumbers(value)) {
          this.#list(column, value, depth);
          return;
        }
        if (isNested(value)) {
          this.#object(value, column.name, depth + 1);
          return;
        }
    }
    throw wrongField(
      column.name,
      value,
      'it must be a number, a text, a truth value, a date, or a list or object of these',
    );
  }

  #valueOfKind(column: Column, value: unknown, kind: ColumnKind): void {
    if (kind === 'ignore' || value === undefined || value === null || value === '') return;
    switch (kind) {
      case 'number': {
        if (typeof value === 'string' && value.trim() === '') return;
        const number = typeof value === 'string' ? textNumber(value.trim(), '.') : Number(value);
        const isList = typeof value === 'object' && !(value instanceof Date);
        if (isList || (Number.isNaN(number) && !Number.isNaN(value)))
          throw wrongField(column.name, value, 'its column holds numbers');
        this.#number(column, number);
        return;
      }
      case 'date': {
        const time =
          value instanceof Date ? value.getTime() : typeof value === 'string' ? timeOf(value) : Number(value);
        if (time === undefined || Number.isNaN(time))
          throw wrongField(column.name, value, 'its column holds ISO dates or milliseconds');
        this.#date(column, time);
        return;
      }
      case 'text':
        this.#words(column, wordsOf(Array.isArray(value) ? value.join(' ') : String(value)));
        return;
      case 'category':
        if (typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER)
          throw wrongField(
            column.name,
            value,
            'beyond 2^53 numbers are rounded to others; give the category as a text or a BigInt',
          );
        this.#level(column, value instanceof Date ? value.toJSON() : String(value));
    }
  }

  #number(column: Column, value: number): void {
    if (Number.isNaN(value)) return;
    if (this.#creates) column.number ??= new NumberColumn(column.name);
    const number = column.number ?? this.#unkept(UNKEPT_NUMBER);
    if (number === undefined) return;
    this.#numberColumns[this.#numbers] = number;
    this.#numberValues[this.#numbers++] = value;
  }

  #text(column: Column, value: string): void {
    const known = column.levels?.find(value) ?? 0;
    if (known !== 0) {
      this.#putLevel(column.levels as LevelColumn, value, known);
      return;
    }
    const text = value.trim();
    if (text === '') return;
    const time = timeOf(text);
    if (time !== undefined) this.#date(column, time);
    else if (isText(text)) this.#words(column, wordsOf(text));
    else this.#level(column, text);
  }

  #level(column: Column, value: string): void {
    if (this.#creates) column.levels ??= new LevelColumn(column.name, '=', this.#table);
    const levels = column.levels ?? this.#unkept(UNKEPT_LEVELS);
    if (levels === undefined) return;
    const level = value.length > LONGEST_LEVEL ? value.slice(0, LONGEST_LEVEL) : value;
    this.#putLevel(levels, level, levels.find(level));
  }

  /** Adds a level or word that the row may hold more than once, but counts only once. */
  #putLevel(levels: LevelColumn, level: string, slot: number): void {
    if (slot !== 0 && this.#table.isRepeated()) return;
    this.#levelColumns[this.#levels] = levels;
    this.#levelValues[this.#levels] = level;
    this.#levelSlots[this.#levels++] = slot;
  }

  #words(column: Column, words: Iterable<string>): void {
    if (this.#creates) column.words ??= new LevelColumn(column.name, '~', this.#table);
    const known = column.words ?? this.#unkept(UNKEPT_LEVELS);
    if (known === undefined) return;
    for (const text of words) {
      const word = text.length > LONGEST_LEVEL ? text.slice(0, LONGEST_LEVEL) : text;
      this.#putLevel(known, word, known.find(word));
    }
  }

  #date(column: Column, time: number): void {
    if (!Number.isFinite(time)) return;
    if (this.#creates) column.date ??= new DateColumn(column.name);
    const date = column.date ?? this.#unkept(UNKEPT_DATE);
    if (date === undefined) return;
    this.#dateColumns[this.#dates] = date;
    this.#dateValues[this.#dates++] = time;
  }

  /** While a row is checked, values without a column count as well. */
  #unkept<C>(column: C): C | undefined {
    return this.#checks ? column : undefined;
  }

  /** A list of words is a set of them; in a list of numbers, each place is a column. */
  #list(column: Column, list: ArrayLike<unknown>, depth: number): void {
    if (typeof list[0] === 'string') {
      for (let i = 0; i < list.length; i++) {
        if (typeof list[i] !== 'string')
          throw wrongField(`${column.name}[${i}]`, list[i], 'the list holds words');
      }
      const words = list as ArrayLike<string> & Iterable<string>;
      this.#words(column, words.length > MOST_ENTRIES ? new Set(words) : words);
      return;
    }
    if (list.length > MOST_ENTRIES) throw tooLong(`field ${describeValue(column.name)}`, list.length);
    if (depth === DEEPEST)
      throw wrongField(column.name, list, `lists stand in each other more than ${DEEPEST} deep`);
    for (let i = 0; i < list.length; i++) {
      const place = this.column(`${column.name}[${i}]`);
      if (place !== undefined) this.#value(place, list[i], depth + 1);
    }
  }
}

export type { Column };

function isNumbers(value: unknown): value is ArrayLike<number> {
  return ArrayBuffer.isView(value) && !(value instanceof DataView);
}

/** Whether a value is an object with fields of its own. */
function isNested(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || ArrayBuffer.isView(value))
    return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function tooLong(what: string, length: number): SparseTrainError {
  return new SparseTrainError(
    'INVALID_DATA',
    `${what} is a list of ${length}; at most ${MOST_ENTRIES} are read`,
  );
}

function wrongField(name: string, value: unknown, why: string): SparseTrainError {
  return new SparseTrainError(
    'INVALID_DATA',
    `field ${describeValue(name)} is ${describeValue(value)}; ${why}`,
  );
}
