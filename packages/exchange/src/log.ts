import { printable } from '@switchhook/sip';
import pino from 'pino';
import sonicBoom from 'sonic-boom';
import { z } from 'zod';
import type { Log } from '@switchhook/sip';
import type { Configuration } from './config/configuration.ts';

/** A log with a place it writes to. */
export interface ExchangeLog extends Log {
  setLevel(level: Configuration['logLevel']): void;
  /** Writes what is buffered, unless nobody takes it for a second, and stops the clockwork behind it. */
  close(): Promise<void>;
}

/** Bytes that are collected before a write, and milliseconds after which they are written all the same. */
const buffered = 4_096;
const flushEvery = 500;
/** Bytes that wait for a reader who is late. What comes when there are more is lost. */
const mostWaiting = 4_194_304;
/** Milliseconds that the last lines get to be taken. */
const lastWrite = 1_000;

/**
 * JSON lines on standard output; on a terminal, lines for people. A log that cannot be written, for its reader has gone or
 * the disk is full, loses lines and stops no call; written is again as soon as that is possible.
 */
export function createLog(level: Configuration['logLevel'], fileDescriptor = 1): ExchangeLog {
  let closing = false;
  const destination = new sonicBoom.SonicBoom({
    fd: fileDescriptor,
    sync: false,
    minLength: buffered,
    maxLength: mostWaiting,
    retryEAGAIN: () => !closing,
  });
  let flushing: NodeJS.Timeout | undefined;
  // The library can do so itself, but does it for ever: two threads would wake twice a second to write nothing.
  const flushSoon = (): void => {
    if (closing) return;
    flushing ??= setTimeout(() => {
      flushing = undefined;
      destination.flush();
    }, flushEvery).unref();
  };
  // What could not be written still waits.
  destination.on('error', flushSoon);
  const stream = {
    write: (line: string) => {
      destination.write(process.stdout.isTTY ? forPeople(line) : line);
      flushSoon();
    },
  };
  const formatters = { level: (label: string) => ({ level: label }) };
  const logger = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters }, stream);
  return {
    debug: (message, fields) => logger.debug(fields, message),
    info: (message, fields) => logger.info(fields, message),
    warn: (message, fields) => logger.warn(fields, message),
    error: (message, fields) => logger.error(fields, message),
    setLevel(next) {
      logger.level = next;
    },
    async close() {
      const { promise, resolve } = Promise.withResolvers<undefined>();
      const taken = (): void => resolve(undefined);
      const limit = setTimeout(taken, lastWrite);
      destination.once('close', taken).once('error', taken);
      destination.end();
      await promise;
      clearTimeout(limit);
      closing = true;
      clearTimeout(flushing);
      destination.destroy();
    },
  };
}

const entrySchema = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

/** `12:00:01 info call from=sip:alice@… to=sip:bob@… outcome="no answer"`, in the time of the machine. */
export function forPeople(line: string): string {
  const { time, level, msg, ...fields } = entrySchema.parse(JSON.parse(line));
  const details = Object.entries(fields).map(([name, value]) => `${name}=${quoted(printable(String(value)))}`);
  const clock = new Date(String(time)).toTimeString().slice(0, 8);
  return `${[clock, String(level), printable(String(msg)), ...details].join(' ')}\n`;
}

/** In quotes where it would not be clear where a value ends. */
function quoted(value: string): string {
  return /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
}
