/** A folder outside the repository for one user, and commands that run there. */
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The longest that a command may take, in milliseconds. */
const LIMIT = 300_000;

/** Settings of npm and the tests for scripts of this repository do not apply to users; certificates do. */
export function userEnvironment(registry, home) {
  const foreign = /^(npm_|INIT_CWD$|SPARSE_TRAIN_|NODE_PATH$|NODE_ENV$|CI$|VITEST)/i;
  return {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name))),
    HOME: home,
    npm_config_registry: registry,
    npm_config_update_notifier: 'false',
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    npm_config_cache: join(home, 'npm-cache'),
    YARN_NPM_REGISTRY_SERVER: registry,
    YARN_UNSAFE_HTTP_WHITELIST: '127.0.0.1',
    YARN_ENABLE_TELEMETRY: '0',
    YARN_ENABLE_GLOBAL_CACHE: 'false',
    BUN_CONFIG_REGISTRY: registry,
    DENO_DIR: join(home, 'deno'),
    DENO_NO_UPDATE_CHECK: '1',
    DENO_TLS_CA_STORE: 'system',
  };
}

/** One user's folder, with a manifest. */
export class World {
  constructor(folder, env) {
    this.folder = folder;
    this.env = env;
    mkdirSync(folder, { recursive: true });
    chmodSync(folder, 0o755);
    this.write('package.json', '{ "name": "user", "version": "1.0.0", "private": true }\n');
    // pnpm and Deno look only here.
    this.write('.npmrc', `registry=${env.npm_config_registry}/\n`);
  }

  write(name, text) {
    writeFileSync(join(this.folder, name), text);
  }

  /**
   * Runs a command to its end.
   * @returns {Promise<{ status: number, stdout: string, stderr: string, all: string }>}
   */
  run(command, words = [], { env = {}, cwd = this.folder } = {}) {
    return new Promise((resolve, reject) => {
      const all = { ...this.env, ...env };
      for (const [name, value] of Object.entries(env)) if (value === undefined) delete all[name];
      const child = spawn(command, words, {
        cwd,
        env: all,
        stdio: ['ignore', 'pipe', 'pipe'],
        timeout: LIMIT,
      });
      let stdout = '';
      let stderr = '';
      child.stdout.on('data', (chunk) => {
        stdout += chunk;
      });
      child.stderr.on('data', (chunk) => {
        stderr += chunk;
      });
      child.on('error', reject);
      child.on('close', (code, signal) =>
        resolve({ status: code ?? `ended by ${signal}`, stdout, stderr, all: stdout + stderr }),
      );
    });
  }

  /** Runs a command that must succeed, and returns what it printed on standard output. */
  async succeed(command, words, options) {
    const { status, stdout, all } = await this.run(command, words, options);
    if (status !== 0)
      throw new Error(`${[command, ...words].join(' ')} exited with ${status}\n${all.slice(-3000)}`);
    return stdout;
  }

  /** Runs a command that must fail with an exit status other than 0, and say something. */
  async refuse(text, command, words, options) {
    const { status, all } = await this.run(command, words, options);
    if (status === 0 || !all.includes(text))
      throw new Error(
        `${[command, ...words].join(' ')} should fail and say "${text}"; it exited with ${status}\n${all.slice(-3000)}`,
      );
  }
}
