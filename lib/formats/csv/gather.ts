/**
 * Reads more of a stream and adds it to the rest of the previous part: at least `wanted` bytes, or all that
 * remains.
 */
export async function gather(
  pieces: AsyncIterator<Uint8Array>,
  carried: Buffer,
  wanted: number,
): Promise<{ bytes: Buffer; ended: boolean }> {
  const parts: Uint8Array[] = [carried];
  let length = carried.length;
  while (length < wanted) {
    const { done, value } = await pieces.next();
    if (done) return { bytes: Buffer.concat(parts), ended: true };
    parts.push(value);
    length += value.length;
  }
  return { bytes: Buffer.concat(parts), ended: false };
}
