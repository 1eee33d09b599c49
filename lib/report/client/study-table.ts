/** The table of all trials in a study's report. A classic script that runs after study-style.js. */

/** The number of rows that are shown before the reader asks for all. */
const SHOWN_ROWS = 20;

type StudyCell = number | string | null;

/** A column: its heading, and its value in a row. */
interface StudyColumn {
  name: string;
  value: (row: StudyRow) => StudyCell;
  text: (value: StudyCell) => string;
}

/** A table that is sorted by clicking on headings, and can be saved as CSV. */
class StudyTable {
  readonly #columns: StudyColumn[];
  readonly #rows: StudyRow[];
  readonly #table: HTMLTableElement;
  #sorted = 0;
  #isDescending = false;
  #showsAll = false;

  constructor({ all, front, objectives, parameters }: StudyPage, table: HTMLTableElement) {
    this.#rows = all;
    this.#table = table;
    const measures = objectives.map(({ measure }) => measure);
    const others = [...new Set(all.flatMap(({ values }) => Object.keys(values)))].filter(
      (measure) => !measures.includes(measure) && /^test\.|\.deviation$/.test(measure),
    );
    const isFront = new Set(front);
    const plain = (value: StudyCell) => (typeof value === 'number' ? studyNumber('', value) : (value ?? '–'));
    this.#columns = [
      { name: 'trial', value: ({ number }) => number, text: String },
      { name: 'state', value: ({ state }) => state, text: String },
      ...(objectives.length > 1
        ? [
            {
              name: 'front',
              value: ({ number }: StudyRow) => (isFront.has(number) ? 'front' : null),
              text: mark,
            },
          ]
        : []),
      ...[...measures, ...others].map((measure) => ({
        name: measure,
        value: ({ values }: StudyRow) => values[measure] ?? null,
        text: (value: StudyCell) =>
          studyNumber(measure.replace(/^test\.|\.deviation$/g, ''), value as number | null),
      })),
      ...parameters.map(({ name }, i) => ({
        name,
        value: ({ parameters: values }: StudyRow) => values[i] ?? null,
        text: plain,
      })),
      {
        name: 'seconds',
        value: ({ seconds }) => seconds,
        text: (value) => (value === null ? '–' : (value as number).toFixed(1)),
      },
    ];
    document.getElementById('save-trials')?.addEventListener('click', () => this.#save());
    document.getElementById('more-trials')?.addEventListener('click', () => {
      this.#showsAll = true;
      this.draw();
    });
  }

  draw(): void {
    const rows = this.#inOrder();
    const shown = this.#showsAll ? rows : rows.slice(0, SHOWN_ROWS);
    const head = document.createElement('thead');
    const line = head.insertRow();
    for (const [i, { name }] of this.#columns.entries()) line.append(this.#heading(name, i));
    const body = document.createElement('tbody');
    for (const row of shown) {
      const cells = body.insertRow();
      for (const { value, text } of this.#columns) {
        const cell = cells.insertCell();
        cell.className = typeof value(row) === 'string' ? 'text' : 'number';
        cell.textContent = text(value(row));
      }
    }
    this.#table.replaceChildren(head, body);
    const more = document.getElementById('more-trials');
    if (more !== null) more.hidden = shown.length === rows.length;
    const count = document.getElementById('trial-count');
    if (count !== null) count.textContent = `${shown.length} of ${rows.length} trials`;
  }

  #heading(name: string, column: number): HTMLTableCellElement {
    const heading = document.createElement('th');
    heading.scope = 'col';
    const isText = this.#rows.some((row) => typeof this.#columns[column]?.value(row) === 'string');
    heading.className = isText ? 'text' : 'number';
    const isSorted = column === this.#sorted;
    if (isSorted) heading.ariaSort = this.#isDescending ? 'descending' : 'ascending';
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = `${name}${isSorted ? (this.#isDescending ? ' ↓' : ' ↑') : ''}`;
    button.addEventListener('click', () => {
      this.#isDescending = isSorted && !this.#isDescending;
      this.#sorted = column;
      this.draw();
      this.#table.querySelectorAll('button')[column]?.focus();
    });
    heading.append(button);
    return heading;
  }

  /** Rows without a value come last, whatever the order. */
  #inOrder(): StudyRow[] {
    const { value } = this.#columns[this.#sorted] as StudyColumn;
    const sign = this.#isDescending ? -1 : 1;
    return [...this.#rows].sort((first, second) => {
      const [a, b] = [value(first), value(second)];
      if (a === null || b === null) return Number(a === null) - Number(b === null);
      if (typeof a === 'number' && typeof b === 'number') return sign * (a - b);
      return sign * String(a).localeCompare(String(b), 'en', { numeric: true });
    });
  }

  #save(): void {
    const lines = [
      this.#columns.map(({ name }) => csvField(name)),
      ...this.#inOrder().map((row) => this.#columns.map(({ value }) => csvField(value(row)))),
    ];
    const text = lines.map((line) => `${line.join(',')}\r\n`).join('');
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([text], { type: 'text/csv' }));
    link.download = `${document.title}.csv`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href));
  }
}

/** A cell of text that may be empty. */
function mark(value: StudyCell): string {
  return String(value ?? '');
}

/** A field of CSV. An apostrophe marks text that a spreadsheet would run as a formula. */
function csvField(value: StudyCell): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const text = /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
