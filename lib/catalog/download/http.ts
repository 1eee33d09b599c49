import { once } from 'node:events';
import { get as getPlain, type IncomingMessage } from 'node:http';
import { get as getSecure } from 'node:https';
import { SparseTrainError } from '../../base/errors.js';

/** The most redirects to follow. */
const MAX_REDIRECTS = 5;

/** Options of a request. */
export interface RequestOptions {
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal | undefined;
  /** Milliseconds without a byte after which a connection counts as lost. */
  readonly idleMs: number;
}

/**
 * A GET request that follows up to five redirects, only to HTTP and HTTPS, and never from HTTPS to HTTP. Bytes arrive
 * as the server stores them, without content decoding.
 *
 * @throws SparseTrainError DOWNLOAD_FAILED for refused addresses and redirects; Error with a `code` if the
 * connection fails
 */
export async function openUrl(address: string, options: RequestOptions): Promise<IncomingMessage> {
  let url = parseUrl(address);
  for (let redirects = 0; ; redirects++) {
    const response = await request(url, options);
    const { statusCode = 0, headers } = response;
    if (![301, 302, 303, 307, 308].includes(statusCode)) return response;
    response.destroy();
    if (headers.location === undefined) throw failed(`${url.host} redirects without an address`);
    if (redirects === MAX_REDIRECTS) throw failed(`${url.host} redirects more than ${MAX_REDIRECTS} times`);
    const next = parseUrl(headers.location, url);
    if (url.protocol === 'https:' && next.protocol !== 'https:') {
      throw failed(`${url.host} redirects from HTTPS to ${next.protocol}//${next.host}, which is refused`);
    }
    url = next;
  }
}

function parseUrl(address: string, base?: URL): URL {
  if (!URL.canParse(address, base?.href)) throw failed(`"${address}" is not an address`);
  const url = new URL(address, base);
  if (url.protocol === 'https:' || url.protocol === 'http:') return url;
  throw failed(`downloads over ${url.protocol} are not supported (${address})`);
}

function failed(message: string): SparseTrainError {
  return new SparseTrainError('DOWNLOAD_FAILED', message);
}

async function request(url: URL, { headers, signal, idleMs }: RequestOptions): Promise<IncomingMessage> {
  const get = url.protocol === 'https:' ? getSecure : getPlain;
  const sent = get(url, {
    // The server may have closed a kept-alive connection in the meantime.
    agent: false,
    headers: { 'accept-encoding': 'identity', 'user-agent': 'sparse-train', ...headers },
    ...(signal === undefined ? {} : { signal }),
  });
  sent.setTimeout(idleMs, () => {
    sent.destroy(Object.assign(new Error(`no answer for ${idleMs / 1000} s`), { code: 'ETIMEDOUT' }));
  });
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  // The response reports later errors.
  sent.on('error', () => undefined);
  return response;
}
