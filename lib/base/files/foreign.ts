/** How many bytes {@link foreignContents} needs. */
export const FOREIGN_START = 200;

/**
 * Recognises two things that often replace the intended file: a Git LFS pointer that was never fetched, and the HTML
 * page of a failed download.
 *
 * @param bytes - the file, or its beginning
 * @returns a description that completes "the file is ..."; undefined for anything else
 */
export function foreignContents(bytes: Uint8Array): string | undefined {
  const text = startOf(bytes);
  if (text.startsWith('version https://git-lfs'))
    return 'a pointer of Git LFS, not the file itself; fetch it with git lfs pull';
  if (/^<(!doctype html|html[\s>])/i.test(text))
    return 'an HTML page, perhaps the error page of a download; download the file again';
  return undefined;
}

/** The first line of a file that is clearly text, for messages; undefined for other contents. */
export function firstTextLine(bytes: Uint8Array): string | undefined {
  const [line = ''] = startOf(bytes).split(/[\r\n]/, 1);
  return /^[\x20-\x7e\t]{8,}$/.test(line) ? line.slice(0, 40) : undefined;
}

function startOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.subarray(0, FOREIGN_START))
    .toString('latin1')
    .replace(/^\xef\xbb\xbf/, '')
    .trimStart();
}
