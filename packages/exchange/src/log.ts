import { printable } from '@switchhook/sip';
import pino from 'pino';
import { z } from 'zod';
import type { Log } from '@switchhook/sip';
import type { Configuration } from './config/configuration.ts';

/** A log with a place it writes to. */
export interface ExchangeLog extends Log {
  setLevel(level: Configuration['logLevel']): void;
  /** Writes what is buffered, and stops the clockwork behind it. */
  close(): void;
}

/** Bytes that are collected before a write, and milliseconds after which they are written all the same. */
const buffered = 4_096;
const flushEvery = 500;

/** JSON lines on standard output; on a terminal, lines for people. */
export function createLog(level: Configuration['logLevel']): ExchangeLog {
  const destination = pino.destination({ fd: 1, sync: false, minLength: buffered });
  const flusher = setInterval(() => destination.flush(), flushEvery).unref();
  const stream = process.stdout.isTTY ? { write: (line: string) => destination.write(forPeople(line)) } : destination;
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
    close() {
      clearInterval(flusher);
      destination.flushSync();
      destination.end();
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
