import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** When a process began, in ticks since the machine did; undefined where the system does not say. */
export function processBegun(pid: number): string | undefined {
  // The name, second and in parentheses, may hold anything; the time is field 22.
  const text = systemText(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  return text?.slice(text.lastIndexOf(')') + 2).split(' ')[19];
}

/**
 * Where process numbers mean what they mean here: the start of the machine and its PID namespace. Containers may share a
 * host name, and each counts its own processes from 1. Empty where the system does not say.
 */
export function processScope(): string {
  const boot = systemText(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()) ?? '';
  const namespace = systemText(() => readlinkSync('/proc/self/ns/pid')) ?? '';
  return boot === '' && namespace === '' ? '' : `${boot} ${namespace}`;
}

/** {@link processScope} with the host name, as eight hexadecimal digits for names of files. */
export function shortScope(): string {
  return createHash('sha256').update(`${hostname()} ${processScope()}`).digest('hex').slice(0, 8);
}

/** Whether a process of this scope runs. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** Text of Linux's /proc; undefined on other systems, or where it may not be read. */
function systemText(read: () => string): string | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    return read();
  } catch {
    return undefined;
  }
}
