import type { EventEmitter } from 'node:events';
import { exitCodes } from './command.ts';
import type { Configuration, Exchange } from '@switchhook/exchange';

/** Milliseconds in which another signal is taken for the same one: npm hands on what the terminal sends to both. */
const echo = 500;

/** Where signals come from; the process. */
export type SignalSource = Pick<EventEmitter, 'on' | 'off'>;

/** As much of the exchange as signals reach. */
export type Served = Pick<Exchange, 'drain' | 'reload' | 'stop'>;

/**
 * Runs until the process is asked to end. HUP reads the configuration again; without `load`, where there is nothing to be
 * read, it comes from a terminal that was closed, and ends it as TERM does. TERM or INT lets what has begun finish; a
 * second one ends it at once. `ready` is called when signals are heard.
 */
export async function serveUntilSignal(
  exchange: Served,
  load: (() => Configuration) | undefined,
  ready: () => void,
  source: SignalSource = process,
): Promise<void> {
  const first = Promise.withResolvers<undefined>();
  const second = Promise.withResolvers<undefined>();
  let ended: number | undefined;
  const end = (): void => {
    const now = performance.now();
    ended ??= now;
    first.resolve(undefined);
    if (now - ended >= echo) second.resolve(undefined);
  };
  let reading = Promise.resolve();
  // One after the other, each with the file as it is then: the last one counts.
  const readInTurn = (from: () => Configuration): void => {
    reading = reading.then(() => readAgain(exchange, from));
  };
  const hangUp = load === undefined ? end : (): void => readInTurn(load);
  source.on('SIGHUP', hangUp).on('SIGTERM', end).on('SIGINT', end);
  try {
    ready();
    await first.promise;
    await Promise.race([exchange.drain(), second.promise]);
  } finally {
    await exchange.stop();
    source.off('SIGHUP', hangUp).off('SIGTERM', end).off('SIGINT', end);
  }
}

/**
 * Says when the process is asked to end (INT, TERM, HUP), so that what has begun is brought to an end. A second time ends it at
 * once. `release` hears nothing more.
 */
export function interruption(source: SignalSource = process): {
  readonly signal: AbortSignal;
  readonly release: () => void;
} {
  const controller = new AbortController();
  let first: number | undefined;
  const release = (): void => {
    source.off('SIGHUP', heard).off('SIGTERM', heard).off('SIGINT', heard);
  };
  const heard = (): void => {
    const now = performance.now();
    first ??= now;
    controller.abort();
    if (now - first < echo) return;
    release();
    process.exit(exitCodes.failed);
  };
  source.on('SIGHUP', heard).on('SIGTERM', heard).on('SIGINT', heard);
  return { signal: controller.signal, release };
}

/** A configuration that cannot be used changes nothing, and is told. */
async function readAgain(exchange: Served, load: () => Configuration): Promise<void> {
  try {
    await exchange.reload(load());
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    process.stderr.write(`The configuration stays as it was:\n${reason}\n`);
  }
}
