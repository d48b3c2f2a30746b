import type { Log, LogFields } from '@switchhook/sip';

/** What was told to a log, once. */
export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: LogFields;
}

/** Keeps the newest log lines for a test to look at. */
export class RecordingLog implements Log {
  readonly lines: LogLine[] = [];
  readonly #limit: number;

  constructor(limit = 10_000) {
    this.#limit = limit;
  }

  debug(message: string, fields: LogFields = {}): void {
    this.#record({ level: 'debug', message, fields });
  }

  info(message: string, fields: LogFields = {}): void {
    this.#record({ level: 'info', message, fields });
  }

  warn(message: string, fields: LogFields = {}): void {
    this.#record({ level: 'warn', message, fields });
  }

  error(message: string, fields: LogFields = {}): void {
    this.#record({ level: 'error', message, fields });
  }

  #record(line: LogLine): void {
    if (this.lines.length >= this.#limit) this.lines.shift();
    this.lines.push(line);
  }
}
