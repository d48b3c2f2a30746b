import { createInterface } from 'node:readline/promises';
import { text } from 'node:stream/consumers';
import { Writable } from 'node:stream';
import type { Terminal } from './command.ts';
import { inAscii, showsUnicode } from './locale.ts';

/**
 * Ends this process as TERM does when what it prints goes nowhere any more: nobody reads it (`switchhook flow all | head`), where
 * others get PIPE, or the disk is full, which is told. The exchange and the phone take their leave first.
 */
export function endWithReader(): void {
  let isTaken = true;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (!isTaken) return;
    isTaken = false;
    if (error.code !== 'EPIPE')
      process.stderr.write(`switchhook: what is printed cannot be written: ${error.message}\n`);
    process.kill(process.pid, 'SIGTERM');
  });
  // There is nowhere left to say it.
  process.stderr.on('error', () => undefined);
}

/** What goes into a file or a pipe stays as it is. */
function shown(output: string, stream: NodeJS.WriteStream): string {
  return !stream.isTTY || showsUnicode(process.env, process.platform) ? output : inAscii(output);
}

/** The terminal of this process. */
export const processTerminal: Terminal = {
  get columns() {
    // A terminal that does not know its size says 0.
    return process.stdout.isTTY && process.stdout.columns > 0 ? process.stdout.columns : undefined;
  },
  print: (output) => void process.stdout.write(shown(output, process.stdout)),
  complain: (output) => void process.stderr.write(shown(output, process.stderr)),
  readStandardInput: () => text(process.stdin),
  onEnter(listener) {
    if (!process.stdin.isTTY) return undefined;
    const reader = createInterface({ input: process.stdin });
    reader.on('line', listener);
    return () => reader.close();
  },
  async askSecret(question) {
    if (!process.stdin.isTTY) return undefined;
    process.stderr.write(question);
    const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
    const reader = createInterface({ input: process.stdin, output: nowhere, terminal: true });
    const interrupted = new AbortController();
    reader.once('SIGINT', () => interrupted.abort());
    try {
      return await reader.question('', { signal: interrupted.signal });
    } catch (error) {
      // Ctrl-D says nothing, and Ctrl-C ends the process, as it does anywhere else.
      if (error instanceof Error && error.name === 'AbortError') return '';
      throw error;
    } finally {
      reader.close();
      process.stderr.write('\n');
      if (interrupted.signal.aborted) process.kill(process.pid, 'SIGINT');
    }
  },
};
