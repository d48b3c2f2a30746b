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
 * input, or `signal`. The phone is started already, and is stopped by whoever started it.
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
  let running = 0;

  async function run({ id, command }: NamedCommand): Promise<void> {
    const name = { ...(id === undefined ? {} : { id }), command: command.command };
    if (running >= commandsAtOnce) {
      tell({ event: 'failed', ...name, kind: 'command', message: 'too many commands at once' });
      return;
    }
    running += 1;
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
    } finally {
      running -= 1;
    }
  }

  tell({ event: 'started', ...statusFields(phone) });
  try {
    for await (const line of lines) {
      if (line.trim() === '') continue;
      const read = readJsonCommand(line);
      if ('complaint' in read) {
        const { id, complaint } = read;
        tell({ event: 'failed', ...(id === undefined ? {} : { id }), kind: 'command', message: complaint });
      } else if (read.command.command === 'quit') return;
      else void run(read);
    }
  } finally {
    lines.close();
    unlisten();
    tell({ event: 'stopped' });
  }
}
