import { constants } from 'node:os';

/** Signals that ask a program to stop: Ctrl-C, `kill`, and a terminal or connection that was closed. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

type Signal = (typeof SIGNALS)[number];

/** The exit status after a signal, by the convention of shells: 130 for Ctrl-C. */
function exitStatusOf(signal: Signal): number {
  return 128 + constants.signals[signal];
}

/** For commands whose threads train: what they have finished is stored, and the rest is trained again by others or later. */
export const THREADS_END = { killAfter: 10 } as const;

function kill(): void {
  process.kill(process.pid, 'SIGKILL');
}

/**
 * Runs an action that a signal may interrupt: the first signal aborts the action, so that it can clean up;
 * the second ends the program at once.
 *
 * @param onFirst - called with the first signal
 * @param action - gets a signal that is aborted then, and a function that returns the exit status after a signal
 * @param killAfter - seconds after the first signal at which the process is killed; for actions whose threads may be in
 * a native call, which neither ends early nor lets process.exit() return
 */
export async function interruptible<T>(
  onFirst: () => void,
  action: (signal: AbortSignal, interruption: () => number | undefined) => Promise<T>,
  { killAfter }: { killAfter?: number } = {},
): Promise<T> {
  const controller = new AbortController();
  let status: number | undefined;
  const listener = (name: NodeJS.Signals) => {
    if (status !== undefined && killAfter !== undefined) kill();
    if (status !== undefined) process.exit(status);
    status = exitStatusOf(name as Signal);
    if (killAfter !== undefined) setTimeout(kill, killAfter * 1000).unref();
    onFirst();
    controller.abort();
  };
  for (const name of SIGNALS) process.on(name, listener);
  try {
    return await action(controller.signal, () => status);
  } finally {
    for (const name of SIGNALS) process.off(name, listener);
  }
}
