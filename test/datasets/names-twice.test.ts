/** A name that stands twice is refused in every format, because only one of the two values would count. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { readTable } from '../../lib/index.js';
import { parseBody } from '../../lib/serve/http/bodies.js';
import { ROOT, runHere } from '../cli/run.js';
import { expectRefusal } from './refusal.js';
import { temporaryFolder } from './temporary-folder.js';

const write = temporaryFolder();
const rows = (line: (i: number) => string) => Array.from({ length: 20 }, (_, i) => line(i)).join('\n');
const good = (i: number) => `{"a":${i},"b":"x: y","label":"${i % 2}"}`;

describe('a name that stands twice', () => {
  it('is refused in CSV and Parquet', async () => {
    const csv = `a,a,label\n${rows((i) => `${i},1,${i % 2}`)}`;
    await expect(readTable(Readable.from([Buffer.from(csv)]))).rejects.toThrow(
      'columns 1 and 2 have the same name "a"',
    );
    const parquet = await readFile(join(ROOT, 'test', 'datasets', 'files', 'plain.parquet'));
    const renamed = Buffer.from(parquet.toString('latin1').replaceAll('small', 'count'), 'latin1');
    const file = await write('twice.parquet', renamed);
    for (const words of [
      ['train', '--data', file],
      ['stream', file],
    ]) {
      const { status, stderr } = await runHere(words);
      expect({ status, stderr }).toMatchObject({ status: 1 });
      expect(stderr).toContain('columns 2 and 3 have the same name "count"');
    }
  });

  it('is refused in a row of JSON, at any place and however it is written', async () => {
    for (const twice of ['{"a":1,"label":"1","a":2}', '{"label":"1","a"  : 1,"\\u0061":2}']) {
      const text = `${rows(good)}\n${twice.replace('"label"', '"b":"","label"')}\n`;
      await expect(readTable(Readable.from([Buffer.from(text)]))).rejects.toThrow(
        'line 21: "a" is there twice',
      );
      const file = await write('rows.ndjson', text);
      const streamed = await runHere(['stream', file, '--quiet']);
      expect(streamed).toMatchObject({ status: 1, stderr: expect.stringContaining('"a" is there twice') });
    }
  });

  it('is an error for a row of predict', async () => {
    const data = await write('rows.csv', `a,label\n${rows((i) => `${i},${i % 2}`)}`);
    const model = join(data, '..', 'm.safetensors');
    await runHere(['train', '--data', data, '--epochs', '1', '--quiet', '--out', model]);
    const { stdout } = await runHere(['predict', model], '{"a":1}\n{"a":1,"a":2}\n');
    expect(stdout).toContain('{"line":1,"class"');
    expect(stdout).toContain('{"line":2,"error":{"code":"INVALID_DATA","message":"\\"a\\" is there twice');
  });

  it('is refused in a configuration and in the body of a request, however deep', async () => {
    const file = await write('run.json', '{"data":"x.csv","epochs":1,"epochs":2}');
    const { status, stderr } = await runHere(['train', '--config', file]);
    expect({ status, stderr }).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('"epochs" is there twice'),
    });
    await expectRefusal('INVALID_DATA', ['"a" is there twice'], () =>
      parseBody('{"rows":[{"row":{"a":1,"a":2}}]}'),
    );
    expect(parseBody('{"rows":[{"row":{"a":":","b":"\\":"}},{"row":{"a":1}}]}')).toEqual({
      rows: [{ row: { a: ':', b: '":' } }, { row: { a: 1 } }],
    });
  });
});
