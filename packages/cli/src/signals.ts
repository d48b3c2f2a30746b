import type { Configuration } from '@switchhook/exchange';

/** What the signals of a serving process act on. */
export interface Served {
  reload(configuration: Configuration): void;
  /** A configuration that cannot be read is told, and the one in use stays. */
  reloadFailed(error: unknown): void;
  /** Lets what has begun finish; resolves when nothing is left. */
  drain(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Runs until the process is asked to end. HUP reads the configuration again; TERM or INT drains and then stops; a
 * second one stops at once.
 */
export async function waitForEnd(served: Served, load: () => Configuration): Promise<void> {
  const hup = (): void => {
    try {
      served.reload(load());
    } catch (error) {
      served.reloadFailed(error);
    }
  };
  process.on('SIGHUP', hup);
  try {
    await nextEndSignal();
    await Promise.race([served.drain(), nextEndSignal()]);
  } finally {
    process.off('SIGHUP', hup);
    await served.stop();
  }
}

function nextEndSignal(): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      process.off('SIGTERM', end);
      process.off('SIGINT', end);
      resolve();
    };
    process.on('SIGTERM', end);
    process.on('SIGINT', end);
  });
}
