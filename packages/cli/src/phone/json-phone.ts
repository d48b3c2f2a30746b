import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { Phone } from '@switchhook/phone';
import { conferenceOf } from './confer.ts';
import { execute } from './execute.ts';
import { readJsonCommand } from './json-command.ts';
import type { NamedCommand } from './json-command.ts';
import { conferenceFields, failureFields, jsonEvent, logFields, outcomeFields, statusFields } from './json-event.ts';
import type { JsonEvent } from './json-event.ts';
import { Notes } from './notes.ts';

/** Commands that may be under way at a time; a further one fails. */
export const commandsAtOnce = 100;

/**
 * A phone for programs: a line of JSON a command in, a line of JSON an event out. Runs until `quit`, the end of the
 * input, or `signal`; then stops the phone, which is started already, and tells what becomes of its calls and of the
 * commands that are under way before it says `stopped`.
 */
export async function runJsonPhone(
  phone: Phone,
  input: Readable,
  write: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const tell = (event: JsonEvent): void => write(`${JSON.stringify({ time: new Date().toISOString(), ...event })}\n`);
  const notes = new Notes();
  const unlisten = phone.onEvent((event) => tell(jsonEvent(event, notes.take(event))));
  const lines = createInterface({ input, signal });
  const running = new Set<Promise<void>>();

  async function run({ id, command }: NamedCommand): Promise<void> {
    const name = { ...(id === undefined ? {} : { id }), command: command.command };
    if (running.size >= commandsAtOnce) {
      tell({ event: 'failed', ...name, kind: 'command', message: 'too many commands at once' });
      return;
    }
    try {
      if (command.command === 'status') tell({ event: 'status', ...name, ...statusFields(phone) });
      else if (command.command === 'log') tell({ event: 'log', ...name, entries: phone.log.entries.map(logFields) });
      else if (command.command === 'roster')
        tell({ event: 'roster', ...name, ...conferenceFields(conferenceOf(phone)) });
      else if (command.command !== 'quit') {
        tell({ event: 'done', ...name, ...outcomeFields(await execute(phone, command, notes)) });
      }
    } catch (error) {
      tell({ event: 'failed', ...name, ...failureFields(error) });
    }
  }

  tell({ event: 'started', ...statusFields(phone) });
  try {
    for await (const line of lines) {
      if (line.trim() === '') continue;
      const read = readJsonCommand(line);
      if ('complaint' in read) {
        const { id, name, complaint } = read;
        tell({ event: 'failed', id, command: name, kind: 'command', message: complaint });
      } else if (read.command.command === 'quit') return;
      else {
        const done = run(read).finally(() => running.delete(done));
        running.add(done);
      }
    }
  } finally {
    lines.close();
    await phone.stop();
    await Promise.all(running);
    unlisten();
    tell({ event: 'stopped' });
  }
}
