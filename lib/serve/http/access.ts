import { createHash, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';

/** Who may use a server. */
export interface AccessOptions {
  /** A secret that requests must carry; without one, only requests that name this machine as their host are answered. */
  readonly token?: string | undefined;
  /** Names of this machine that the Host header may have, besides localhost and addresses. */
  readonly hostNames?: readonly string[] | undefined;
}

/** A refusal: its status, and what to say. */
export interface Refusal {
  readonly status: 401 | 421;
  readonly code: 'UNAUTHORIZED' | 'WRONG_HOST';
  readonly message: string;
}

/** What of a request decides whether it is answered. */
export interface Asking {
  readonly host?: string | undefined;
  readonly authorization?: string | undefined;
}

/**
 * Makes a function that refuses requests which may not be answered. A page of another site cannot send the token. Without
 * a token, the Host header must be an address, localhost or a given name: a page whose own name has been made to lead to
 * this machine (DNS rebinding) sends that name.
 */
export function accessGuard({
  token,
  hostNames = [],
}: AccessOptions): (asking: Asking) => Refusal | undefined {
  if (token !== undefined) {
    const wanted = hashed(token);
    return ({ authorization }) =>
      timingSafeEqual(hashed(tokenOf(authorization)), wanted)
        ? undefined
        : { status: 401, code: 'UNAUTHORIZED', message: 'give the token: Authorization: Bearer TOKEN' };
  }
  const names = new Set(['localhost', ...hostNames.map((name) => name.toLowerCase())]);
  // Almost all requests name the same host.
  let latest: string | undefined;
  return ({ host = '' }) => {
    if (host === latest) return undefined;
    if (!isOurs(host, names))
      return { status: 421, code: 'WRONG_HOST', message: 'this server does not answer to that host name' };
    latest = host;
    return undefined;
  };
}

/** Whether a Host header names this machine: by an address, or by one of these names. */
function isOurs(host: string, names: ReadonlySet<string>): boolean {
  const name = host.toLowerCase().replace(/:\d*$/, '');
  return names.has(name) || isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0;
}

/** The token of an Authorization header: a bearer token, or the password that a browser has asked for. */
function tokenOf(header: string | undefined): string {
  const [, scheme = '', value = ''] = /^(\w+) +(.+)$/.exec(header ?? '') ?? [];
  if (scheme.toLowerCase() === 'bearer') return value;
  if (scheme.toLowerCase() !== 'basic') return '';
  const text = Buffer.from(value, 'base64').toString();
  const colon = text.indexOf(':');
  return colon === -1 ? '' : text.slice(colon + 1);
}

/** Hashes have one length, so comparing them says nothing about the length of the token. */
function hashed(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
