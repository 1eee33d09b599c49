/**
 * A registry on this machine's loopback interface that serves the packed packages of prebuilt/, and forwards
 * requests for all other packages to npm's registry.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { output } from '../run.mjs';

/**
 * @param {string} folder with the packages' .tgz files
 * @param {string} upstream the address of npm's registry
 * @returns {Promise<{ url: string, manifests: object[], close(): void }>}
 */
export async function startRegistry(folder, upstream) {
  const origin = upstream.replace(/\/$/, '');
  const packages = readdirSync(folder)
    .filter((name) => name.endsWith('.tgz'))
    .map((file) => {
      const path = join(folder, file);
      const manifest = JSON.parse(output('tar', ['-xzOf', path, 'package/package.json']));
      return { file, bytes: readFileSync(path), manifest };
    });
  let url = '';

  /** A registry's description of a package. */
  const document = ({ file, bytes, manifest }) => ({
    _id: manifest.name,
    name: manifest.name,
    'dist-tags': { latest: manifest.version },
    // Package managers may refuse packages that were published only minutes ago.
    time: { [manifest.version]: '2025-01-01T00:00:00.000Z', modified: '2025-01-01T00:00:00.000Z' },
    versions: {
      [manifest.version]: {
        ...manifest,
        _id: `${manifest.name}@${manifest.version}`,
        dist: {
          tarball: `${url}/-/packed/${file}`,
          shasum: createHash('sha1').update(bytes).digest('hex'),
          integrity: `sha512-${createHash('sha512').update(bytes).digest('base64')}`,
        },
      },
    },
  });

  const server = createServer(async (request, response) => {
    try {
      const path = decodeURIComponent(request.url ?? '/');
      const packed = packages.find(({ file }) => path === `/-/packed/${file}`);
      if (packed !== undefined) return void response.end(packed.bytes);
      const known = packages.find(({ manifest }) => path === `/${manifest.name}`);
      if (known !== undefined) {
        response.setHeader('content-type', 'application/json');
        return void response.end(JSON.stringify(document(known)));
      }
      const { accept = '*/*' } = request.headers;
      const answer = await fetch(origin + request.url, { headers: { accept } });
      response.statusCode = answer.status;
      const type = answer.headers.get('content-type') ?? 'application/octet-stream';
      response.setHeader('content-type', type);
      if (!type.includes('json')) return void response.end(Buffer.from(await answer.arrayBuffer()));
      response.end((await answer.text()).replaceAll(`${origin}/`, `${url}/`));
    } catch (error) {
      response.statusCode = 502;
      response.end(String(error));
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${server.address().port}`;
  return { url, manifests: packages.map(({ manifest }) => manifest), close: () => server.close() };
}
