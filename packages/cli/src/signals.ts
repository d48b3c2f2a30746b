import type { Configuration, Exchange } from '@switchhook/exchange';

/**
 * Runs until the process is asked to end. HUP reads the configuration again; TERM or INT lets what has begun finish;
 * a second one ends it at once.
 */
export async function serveUntilSignal(exchange: Exchange, load: () => Configuration): Promise<void> {
  const reload = (): void => void readAgain(exchange, load);
  process.on('SIGHUP', reload);
  try {
    await nextEndSignal();
    const second = nextEndSignal();
    await Promise.race([exchange.drain(), second]);
  } finally {
    process.off('SIGHUP', reload);
    await exchange.stop();
  }
}

/** A configuration that cannot be used changes nothing, and is told. */
async function readAgain(exchange: Exchange, load: () => Configuration): Promise<void> {
  try {
    await exchange.reload(load());
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    process.stderr.write(`The configuration stays as it was:\n${reason}\n`);
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
