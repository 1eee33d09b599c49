import { Writable } from 'node:stream';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { LiveLines } from '../../lib/cli/live-lines.js';

/** The screen of a terminal that knows the few sequences that move the cursor and clear text. */
class Screen extends Writable {
  readonly isTTY = true;
  rows = [''];
  #row = 0;
  #column = 0;

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: sequences begin with one.
    for (const [part, count, command] of chunk.toString().matchAll(/\u001b\[\??(\d*)([A-Za-z])|[^\u001b]/g)) {
      if (part === '\r') this.#column = 0;
      else if (part === '\n') {
        this.#row++;
        this.#column = 0;
        this.rows[this.#row] ??= '';
      } else if (command === 'A') this.#row -= Number(count);
      else if (command === 'K' || command === 'J') {
        this.rows[this.#row] = (this.rows[this.#row] ?? '').slice(0, this.#column);
        if (command === 'J') this.rows.length = this.#row + 1;
      } else if (command === undefined) {
        const row = this.rows[this.#row] ?? '';
        this.rows[this.#row] = row.slice(0, this.#column) + part + row.slice(this.#column + 1);
        this.#column++;
      }
    }
    done();
  }
}

afterEach(() => vi.useRealTimers());

describe('lines that are drawn again', () => {
  it('replace each other, however many there are, and leave nothing behind', () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const screen = new Screen();
    const lines = LiveLines.on(screen);
    for (const shown of [['one'], ['longer one', 'two', 'three'], ['a', 'b'], ['last']]) {
      lines?.show(() => shown);
      vi.advanceTimersByTime(100);
      expect(screen.rows).toEqual(shown);
    }
    lines?.close();
    expect(screen.rows).toEqual(['']);
    expect(process.listenerCount('exit')).toBe(0);
  });

  it('are not drawn for every change, but the last change is', () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const screen = new Screen();
    const lines = LiveLines.on(screen);
    const draw = vi.fn((i: number) => [String(i)]);
    for (let i = 0; i < 100; i++) lines?.show(() => draw(i));
    vi.advanceTimersByTime(1000);
    expect(draw.mock.calls).toEqual([[0], [99]]);
    lines?.close();
  });

  it('need a terminal that can move its cursor', () => {
    vi.stubEnv('TERM', 'dumb');
    expect(LiveLines.on(new Screen())).toBeUndefined();
    vi.unstubAllEnvs();
    expect(LiveLines.on(new Writable())).toBeUndefined();
  });
});
