import { expect, it } from 'vitest';
import { serverPackages } from '../../lib/serve/packages.js';

it('a server says which packages are missing, and how to install them', () => {
  const load = (name: string) => {
    if (name !== 'pino') return {};
    throw Object.assign(new Error(`Cannot find module 'pino'`), { code: 'MODULE_NOT_FOUND' });
  };
  expect(() => serverPackages(load)).toThrow(
    expect.objectContaining({
      code: 'SERVER_UNAVAILABLE',
      message: expect.stringMatching(/npm install "fastify@\^5.*" "pino@\^10.*" "prom-client@\^15/),
    }),
  );
});
