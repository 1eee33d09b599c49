import { gzipSync } from 'node:zlib';

/** A gzip-compressed tar archive of files, made independently of the reader. */
export function tarGz(files: readonly (readonly [name: string, contents: Uint8Array])[]): Buffer {
  const blocks = files.flatMap(([name, contents]) => {
    const header = Buffer.alloc(512);
    header.write(name, 0, 'latin1');
    header.write('0000644\0', 100);
    header.write(`${contents.length.toString(8).padStart(11, '0')}\0`, 124);
    header.write('        0', 148);
    header.write('ustar\0', 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    return [header, contents, Buffer.alloc((512 - (contents.length % 512)) % 512)];
  });
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]), { level: 1 });
}
