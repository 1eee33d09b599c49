import { describe, expect, it } from 'vitest';
import { Dataset, type DatasetSource, Matrix } from '../../lib/index.js';
import { expectRefusal, refusal } from './refusal.js';

const four = () => Float32Array.of(0, 0, 0, 1, 1, 0, 1, 1);

describe('Dataset.from', () => {
  it('uses typed arrays without copying them', () => {
    const inputs = four();
    const labels = Int32Array.of(0, 1, 1, 0);
    const data = Dataset.from({ inputs, columns: 2, labels });
    expect(data.inputs.data).toBe(inputs);
    expect(data.targets).toEqual({ kind: 'classes', labels, classes: ['0', '1'] });
    expect(data.targets.kind === 'classes' && data.targets.labels).toBe(labels);
    const values = Float64Array.of(1, 2, 3, 4);
    const regression = Dataset.from({ inputs, columns: 2, values });
    expect(regression.targets.kind === 'values' && regression.targets.data).toBe(values);
    const multilabel = Uint8Array.of(0, 1, 1, 0);
    const marked = Dataset.from({ inputs, columns: 2, multilabel });
    expect(marked.targets.kind === 'multilabel' && marked.targets.data).toBe(multilabel);
  });

  it('reports rows, features and outputs, and gives rows as views', () => {
    const inputs = four();
    const data = Dataset.from({ inputs, columns: 2, labels: [0, 1, 1, 0], classes: ['no', 'yes', 'maybe'] });
    expect([data.rows, data.features, data.outputs]).toEqual([4, 2, 3]);
    expect([...data.inputs.row(2)]).toEqual([1, 0]);
    expect(data.inputs.row(2).buffer).toBe(inputs.buffer);
    expect([...data.classCounts()]).toEqual([2, 2, 0]);
  });

  it('works out the columns from the labels', () => {
    expect(Dataset.from({ inputs: four(), labels: [0, 1, 1, 0] }).features).toBe(2);
  });

  it.each([Uint8Array, Int16Array, Float32Array, Float64Array])('takes inputs in a %o', (Kind) => {
    const data = Dataset.from({ inputs: new Kind([1, 2, 3, 4]), columns: 2, labels: [0, 1] });
    expect(data.inputs.data).toBeInstanceOf(Kind);
  });

  it('takes memory that is shared between threads', () => {
    const inputs = new Float32Array(new SharedArrayBuffer(16));
    inputs.set([1, 2, 3, 4]);
    const data = Dataset.from({ inputs, columns: 2, labels: [0, 1] });
    expect([...data.inputs.row(1)]).toEqual([3, 4]);
  });

  it('takes class names, sorted unless their order is given', () => {
    const labels = ['cat', 'ant', 'cat', 'bee'];
    const sorted = Dataset.from({ inputs: four(), labels }).targets;
    expect(sorted).toEqual({
      kind: 'classes',
      labels: Int32Array.of(2, 0, 2, 1),
      classes: ['ant', 'bee', 'cat'],
    });
    const ordered = Dataset.from({ inputs: four(), labels, classes: ['cat', 'bee', 'ant'] }).targets;
    expect(ordered).toMatchObject({ labels: Int32Array.of(0, 2, 0, 1), classes: ['cat', 'bee', 'ant'] });
  });

  it('takes several values or labels a row', () => {
    const values = Dataset.from({
      inputs: four(),
      columns: 2,
      values: [1, 2, 3, 4, 5, 6, 7, 8],
      targetNames: ['x', 'y'],
    });
    expect(values.outputs).toBe(2);
    expect(values.targets).toEqual({
      kind: 'values',
      data: Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8),
      names: ['x', 'y'],
    });
    const marks = Dataset.from({ inputs: four(), columns: 4, multilabel: [1, 0, 1, 0, 0, 1] });
    expect(marks.targets).toMatchObject({ kind: 'multilabel', names: ['label 1', 'label 2', 'label 3'] });
  });

  it('knows the picture that a row is', () => {
    const imageShape = { height: 1, width: 2 };
    const data = Dataset.from({ inputs: four(), labels: [0, 1, 1, 0], imageShape });
    expect(data.imageShape).toEqual({ height: 1, width: 2, channels: 1 });
  });
});

describe('Dataset.from refuses', () => {
  const from = (source: object) => () => Dataset.from(source as DatasetSource);
  const labels = [0, 1, 1, 0];

  it.each<[what: string, code: string, parts: string[], source: object]>([
    ['a misspelt option', 'UNKNOWN_OPTION', ['"label"', '"labels"'], { inputs: four(), label: labels }],
    ['no targets', 'INVALID_OPTION', ['labels', 'values', 'multilabel'], { inputs: four(), columns: 2 }],
    [
      'two kinds of targets',
      'INVALID_OPTION',
      ['labels and values'],
      { inputs: four(), columns: 2, labels, values: labels },
    ],
    [
      'an array of rows',
      'INVALID_OPTION',
      ['Float32Array', 'flatMap'],
      {
        inputs: [
          [0, 0],
          [0, 1],
        ],
        labels: [0, 1],
      },
    ],
    ['an array of numbers', 'INVALID_OPTION', ['Float32Array.from'], { inputs: [0, 1], labels: [0, 1] }],
    [
      'inputs of another type',
      'INVALID_OPTION',
      ['Uint32Array'],
      { inputs: new Uint32Array(4), labels: [0, 1] },
    ],
    [
      'a DataView as labels',
      'INVALID_OPTION',
      ['labels'],
      { inputs: four(), columns: 2, labels: new DataView(new ArrayBuffer(4)) },
    ],
    [
      'no rows',
      'INVALID_DATA',
      ['at least one row'],
      { inputs: new Float32Array(0), columns: 2, labels: [] },
    ],
    [
      'no columns given where nothing tells them',
      'INVALID_OPTION',
      ['columns'],
      { inputs: four(), values: labels },
    ],
    ['zero columns', 'INVALID_OPTION', ['columns', '0'], { inputs: four(), columns: 0, labels }],
    [
      'a broken row',
      'INVALID_DATA',
      ['8 elements', '3 columns', '2 left over'],
      { inputs: four(), columns: 3, labels },
    ],
    [
      'too few labels',
      'INVALID_DATA',
      ['3 labels', '4 rows'],
      { inputs: four(), columns: 2, labels: [0, 1, 1] },
    ],
    [
      'labels that fit no columns',
      'INVALID_DATA',
      ['8 elements', '3 labels'],
      { inputs: four(), labels: [0, 1, 1] },
    ],
    ['no labels', 'INVALID_DATA', ['0 labels'], { inputs: four(), labels: [] }],
    [
      'a label that is not a whole number',
      'INVALID_DATA',
      ['row 1', '0.5'],
      { inputs: four(), labels: [0, 0.5, 1, 0] },
    ],
    [
      'a negative label',
      'INVALID_DATA',
      ['row 2', '-1'],
      { inputs: four(), labels: Int32Array.of(0, 1, -1, 0) },
    ],
    [
      'labels that count from 1',
      'INVALID_DATA',
      ['row 3', 'from 0 to 1', 'count from 0'],
      { inputs: four(), labels: [1, 1, 1, 2], classes: ['a', 'b'] },
    ],
    [
      'a label that makes billions of classes',
      'INVALID_DATA',
      ['row 0'],
      { inputs: four(), labels: [2 ** 31, 0, 0, 0] },
    ],
    [
      'an unknown class name',
      'INVALID_DATA',
      ['row 1', '"cet"', '"cat"'],
      { inputs: four(), labels: ['cat', 'cet', 'dog', 'dog'], classes: ['cat', 'dog'] },
    ],
    [
      'a mixture of names and numbers',
      'INVALID_DATA',
      ['row 1'],
      { inputs: four(), labels: ['cat', 1, 'cat', 'cat'], classes: ['cat'] },
    ],
    [
      'class names that are alike',
      'INVALID_OPTION',
      ['"a"', 'twice'],
      { inputs: four(), labels, classes: ['a', 'a'] },
    ],
    [
      'class names beside values',
      'INVALID_OPTION',
      ['targetNames'],
      { inputs: four(), columns: 2, values: labels, classes: ['a'] },
    ],
    [
      'a value that is not finite',
      'INVALID_DATA',
      ['values', 'row 1', 'Infinity'],
      { inputs: four(), columns: 2, values: Float64Array.of(0, Infinity, 0, 0) },
    ],
    [
      'values that do not fit',
      'INVALID_DATA',
      ['5 numbers', '4 rows'],
      { inputs: four(), columns: 2, values: [1, 2, 3, 4, 5] },
    ],
    [
      'a mark of 2',
      'INVALID_DATA',
      ['row 1, column 1', '2'],
      { inputs: four(), columns: 4, multilabel: [0, 1, 0, 2] },
    ],
    [
      'too few names',
      'INVALID_DATA',
      ['1 names', '2 columns'],
      { inputs: four(), columns: 2, labels, featureNames: ['x'] },
    ],
    [
      'an image of another size',
      'INVALID_DATA',
      ['28 x 28', '784', '2'],
      { inputs: four(), labels, imageShape: { height: 28, width: 28 } },
    ],
    [
      'an image without width',
      'INVALID_OPTION',
      ['imageShape.width'],
      { inputs: four(), labels, imageShape: { height: 2 } },
    ],
    [
      'values that are text',
      'INVALID_OPTION',
      ['values[1]', '"2"'],
      { inputs: four(), columns: 4, values: [1, '2'] },
    ],
    [
      'values that are big integers',
      'INVALID_OPTION',
      ['values', 'BigInt64Array'],
      { inputs: four(), columns: 4, values: new BigInt64Array(2) },
    ],
    ['no object', 'INVALID_OPTION', ['object'], [1, 2]],
    [
      'other columns than those of a matrix',
      'INVALID_DATA',
      ['columns is 4', '2 columns'],
      { inputs: new Matrix(four(), 2), columns: 4, labels },
    ],
    [
      'an image with a misspelt side',
      'UNKNOWN_OPTION',
      ['"heigth"', '"height"'],
      { inputs: four(), labels, imageShape: { heigth: 1, width: 2 } },
    ],
    [
      'fewer names of targets than targets',
      'INVALID_DATA',
      ['1 names', '2 targets'],
      { inputs: four(), columns: 4, values: [1, 2, 3, 4], targetNames: ['a'] },
    ],
    [
      'more names of targets than the one target',
      'INVALID_DATA',
      ['2 names', 'each row has 1 target'],
      { inputs: four(), columns: 2, values: labels, targetNames: ['a', 'b'] },
    ],
    [
      'names of targets beside labels',
      'INVALID_OPTION',
      ['targetNames goes with values', 'give classes'],
      { inputs: four(), labels, targetNames: ['a'] },
    ],
    [
      'no classes',
      'INVALID_OPTION',
      ['classes', 'at least one name'],
      { inputs: four(), labels, classes: [] },
    ],
    [
      'classes that are no texts',
      'INVALID_OPTION',
      ['classes', 'strings'],
      { inputs: four(), labels, classes: [1, 2] },
    ],
    [
      'a text that is no array of classes',
      'INVALID_OPTION',
      ['classes', 'at least one name'],
      { inputs: four(), labels, classes: 'ab' },
    ],
    [
      'class names that are alike, of labels that are names',
      'INVALID_OPTION',
      ['classes', '"a"', 'twice'],
      { inputs: four(), labels: ['a', 'a', 'a', 'a'], classes: ['a', 'a'] },
    ],
    [
      'a label far beyond the last class',
      'INVALID_DATA',
      ['row 0 is 7, but must be a whole number from 0 to 1, as there are 2 classes'],
      { inputs: four(), labels: [7, 1, 1, 0], classes: ['a', 'b'] },
    ],
    [
      'marks that are numbers, by their place',
      'INVALID_DATA',
      ['row 0, column 0', 'counted from 0', 'must be 0 or 1'],
      { inputs: four(), columns: 4, multilabel: [-1, 1, 0, 0] },
    ],
  ])('%s', async (_, code, parts, source) => {
    await expectRefusal(code, parts, from(source));
  });

  it('a label of no class without a word about counting from 0, unless it is the first beyond them', async () => {
    const message = async (label: number, classes?: string[]) =>
      (await refusal(from({ inputs: four(), labels: [0, label, 0, 0], classes }))).message;
    expect(await message(2, ['a', 'b'])).toContain('labels count from 0');
    expect(await message(3, ['a', 'b'])).not.toContain('labels count from 0');
    expect(await message(2 ** 20)).not.toContain('labels count from 0');
    expect(await message(2 ** 20)).not.toContain('as there are');
  });

  it.each([Number.NaN, Infinity, -Infinity])('%s among the inputs, naming row and column', async (bad) => {
    const inputs = new Float64Array(12);
    inputs[7] = bad;
    const source = { inputs, columns: 3, values: [1, 2, 3, 4], featureNames: ['age', 'height', 'weight'] };
    await expectRefusal('INVALID_DATA', ['row 2, column 1', '"height"', String(bad)], from(source));
  });

  it('memory that was transferred to another thread', async () => {
    const inputs = four();
    structuredClone(inputs.buffer, { transfer: [inputs.buffer] });
    await expectRefusal('INVALID_DATA', ['detached'], from({ inputs, columns: 2, labels }));
    const gone = Int32Array.of(0, 1, 1, 0);
    structuredClone(gone.buffer, { transfer: [gone.buffer] });
    await expectRefusal(
      'INVALID_DATA',
      ['labels', 'detached'],
      from({ inputs: four(), columns: 2, labels: gone }),
    );
  });

  it('memory that can shrink under the engine', async () => {
    const Resizable = ArrayBuffer as unknown as new (length: number, options: object) => ArrayBuffer;
    const inputs = new Float32Array(new Resizable(32, { maxByteLength: 64 }));
    await expectRefusal('INVALID_DATA', ['resizable'], from({ inputs, columns: 2, labels }));
  });
});

describe('parts of a dataset', () => {
  const data = () =>
    Dataset.from({
      inputs: Int16Array.of(0, 1, 10, 11, 20, 21, 30, 31),
      columns: 2,
      labels: ['a', 'b', 'a', 'c'],
      featureNames: ['x', 'y'],
      imageShape: { height: 1, width: 2 },
    });

  it('are views for a slice, with everything else kept', () => {
    const whole = data();
    const part = whole.slice(1, 3);
    expect(part.inputs.data.buffer).toBe(whole.inputs.data.buffer);
    expect([...part.inputs.data]).toEqual([10, 11, 20, 21]);
    expect(part.targets).toEqual({ kind: 'classes', labels: Int32Array.of(1, 0), classes: ['a', 'b', 'c'] });
    expect(part.featureNames).toEqual(['x', 'y']);
    expect(part.imageShape).toEqual(whole.imageShape);
    expect(whole.slice(3).rows).toBe(1);
  });

  it('are copies in the given order for a subset, also of several targets a row', () => {
    const part = data().subset([3, 0, 3]);
    expect([...part.inputs.data]).toEqual([30, 31, 0, 1, 30, 31]);
    expect(part.inputs.data).toBeInstanceOf(Int16Array);
    expect(part.targets).toMatchObject({ labels: Int32Array.of(2, 0, 2), classes: ['a', 'b', 'c'] });
    const values = Dataset.from({ inputs: four(), columns: 4, values: [1, 2, 3, 4] }).subset(
      Uint32Array.of(1, 0),
    );
    expect(values.targets).toMatchObject({ data: Float64Array.of(3, 4, 1, 2) });
    const marks = Dataset.from({ inputs: Buffer.from([5, 6]), columns: 1, multilabel: [1, 0] }).subset([1]);
    expect(marks.targets).toMatchObject({ data: Uint8Array.of(0) });
    expect([...marks.inputs.data]).toEqual([6]);
  });

  it.each<[string, (d: Dataset) => unknown]>([
    ['end', (d) => d.slice(2, 2)],
    ['end', (d) => d.slice(0, 5)],
    ['start', (d) => d.slice(-1)],
    ['start', (d) => d.slice(4)],
    ['indices[1]', (d) => d.subset([0, 4])],
    ['indices[0]', (d) => d.subset([0.5])],
    ['indices', (d) => d.subset([])],
    ['indices', (d) => d.subset('0' as unknown as number[])],
    ['row must be a whole number from 0 to 3', (d) => d.inputs.row(4)],
    ['row', (d) => d.inputs.row(-1)],
  ])('are refused outside the rows: %s', async (name, action) => {
    await expectRefusal('INVALID_OPTION', [name], () => action(data()));
  });

  it('are refused when the memory has been transferred since', async () => {
    const whole = data();
    structuredClone(whole.inputs.data.buffer, { transfer: [whole.inputs.data.buffer as ArrayBuffer] });
    await expectRefusal('INVALID_DATA', ['detached'], () => whole.slice(0, 1));
    await expectRefusal('INVALID_DATA', ['detached'], () => whole.subset([0]));
  });

  it('counts classes only if there are any', async () => {
    const values = Dataset.from({ inputs: new Matrix(four(), 2), values: [1, 2, 3, 4] });
    await expectRefusal('INVALID_DATA', ['values'], () => values.classCounts());
  });
});
