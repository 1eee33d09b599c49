import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import type { FastifyReply } from 'fastify';
import { type ErrorData, SparseTrainError } from '../../base/errors.js';
import { printableJson } from '../../base/printable.js';
import { parseBody } from './bodies.js';

/** Milliseconds until a line that found the queue full is tried again. */
const PAUSE = 20;

/** Answers each line of a stream with a line, in order. A line that is refused gets an error; the others are not affected. */
export function answerLines(
  body: Readable,
  longest: number,
  reply: FastifyReply,
  answer: (line: unknown) => object | Promise<object>,
): FastifyReply {
  return reply.type('application/x-ndjson').send(Readable.from(answers(body, longest, answer)));
}

async function* answers(
  body: Readable,
  longest: number,
  answer: (line: unknown) => object | Promise<object>,
): AsyncGenerator<string, void, void> {
  let count = 0;
  for await (const lines of linesOf(body, longest)) {
    const results = lines.map((line) => {
      count++;
      return line === undefined ? tooLong(longest, count) : answered(line, count, answer);
    });
    const texts = await Promise.all(results);
    yield texts.filter((text) => text !== '').join('');
    if (lines.includes(undefined)) return;
  }
}

/** The answer to a line; an empty text for an empty line. */
async function answered(
  line: string,
  number: number,
  answer: (line: unknown) => object | Promise<object>,
): Promise<string> {
  if (line.trim() === '') return '';
  for (;;) {
    try {
      return `${printableJson(await answer(parseBody(line)))}\n`;
    } catch (error) {
      if (!(error instanceof SparseTrainError)) throw error;
      // The client sends no faster than it is answered, so the queue empties.
      if (error.code === 'OVERLOADED') await pause(PAUSE);
      else return errorLine(number, error.toData());
    }
  }
}

function errorLine(line: number, { code, message }: ErrorData): string {
  return `${printableJson({ line, error: { code, message } })}\n`;
}

async function tooLong(longest: number, line: number): Promise<string> {
  return errorLine(line, { code: 'INVALID_DATA', message: `the line has more than ${longest} bytes` });
}

/** The whole lines of each piece of a stream; undefined for one that is too long, after which nothing is read. */
async function* linesOf(body: Readable, longest: number): AsyncGenerator<(string | undefined)[], void, void> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    const lines = (rest + decoder.decode(chunk as Buffer, { stream: true })).split('\n');
    rest = lines.pop() as string;
    if (rest.length > longest) {
      yield [...lines, undefined];
      return;
    }
    if (lines.length > 0) yield lines;
  }
  const last = rest + decoder.decode();
  if (last !== '') yield [last];
}
