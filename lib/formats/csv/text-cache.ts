/** The number of texts in the cache; a power of two. */
const SLOTS = 2 ** 14;

/** The longest text in the cache, in bytes. */
const LONGEST = 48;

/** The number of texts to decode before the cache is allocated: a single line is not worth the memory. */
const UNKEPT = 100;

/**
 * Decodes UTF-8, and keeps short ASCII texts: a column of categories repeats the same texts, and looking one
 * up takes a fraction of the time of making a string.
 */
export class TextCache {
  #slots: (string | undefined)[] | undefined;
  #unkept = UNKEPT;

  /** The text in the bytes from `start` to `end` - 1; invalid UTF-8 becomes U+FFFD. */
  decode(bytes: Buffer, start: number, end: number): string {
    if (end - start > LONGEST || this.#unkept > 0) {
      this.#unkept--;
      return bytes.toString('utf8', start, end);
    }
    this.#slots ??= new Array<string | undefined>(SLOTS).fill(undefined);
    // The FNV-1a hash.
    let hash = 0x811c9dc5;
    let all = 0;
    for (let i = start; i < end; i++) {
      const byte = bytes[i] as number;
      all |= byte;
      hash = Math.imul(hash ^ byte, 0x01000193);
    }
    if (all > 0x7f) return bytes.toString('utf8', start, end);
    const slot = (hash ^ (hash >>> 15)) & (SLOTS - 1);
    const kept = this.#slots[slot];
    if (kept !== undefined && isSame(kept, bytes, start, end)) return kept;
    const text = bytes.toString('latin1', start, end);
    this.#slots[slot] = text;
    return text;
  }
}

function isSame(text: string, bytes: Buffer, start: number, end: number): boolean {
  if (text.length !== end - start) return false;
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) !== bytes[start + i]) return false;
  return true;
}
