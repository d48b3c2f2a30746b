import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { Phone } from '@switchhook/phone';
import { printable } from '@switchhook/sip';
import { callLogPage } from './call-log-page.ts';
import { rosterLines } from './confer.ts';
import { execute } from './execute.ts';
import { parseLine } from './grammar.ts';
import { Narrator } from './narrator.ts';
import { Notes } from './notes.ts';
import { clockTime, doneSentence } from './sentences.ts';
import { helpAbout, helpPage } from './view-of.ts';

/**
 * A phone where there is no terminal: commands as lines in, what happens as lines out. Runs until `quit`, the end of the
 * input, or `signal`.
 */
export async function runPlainPhone(
  phone: Phone,
  input: Readable,
  write: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const say = (text: string): void => write(`${clockTime(Date.now())} ${printable(text)}\n`);
  const notes = new Notes();
  const narrator = new Narrator(() => Date.now());
  const unlisten = phone.onEvent((event) => {
    notes.take(event);
    const sentence = narrator.tell(event);
    if (sentence !== undefined) say(sentence.text);
  });
  const lines = createInterface({ input, signal });

  async function perform(line: string): Promise<void> {
    const command = parseLine(line);
    if ('complaint' in command) say(command.complaint);
    else if (command.command === 'help' && command.about !== undefined) say(helpAbout(command.about));
    else if (command.command === 'help') {
      for (const { head, text } of helpPage) write(`${`${head.padEnd(24)} ${text}`.trim()}\n`);
    } else if (command.command === 'log') {
      for (const { head, text } of callLogPage(phone.log.entries, phone.domain, Date.now()))
        write(`${`${head} ${text}`.trim()}\n`);
    } else if (command.command === 'status') {
      say(`${phone.addressOfRecord}: ${phone.registration.kind}`);
      for (const call of phone.calls) say(`call ${String(call.number)} with ${call.remote.name}: ${call.state}`);
    } else if (command.command !== 'quit') {
      try {
        if (command.command === 'roster') {
          for (const line of rosterLines(phone)) say(line);
          return;
        }
        const outcome = await execute(phone, command, notes);
        const sentence = doneSentence(command, outcome, phone.domain);
        if (sentence !== undefined) say(sentence);
      } catch (error) {
        const sentence = narrator.failed(command.command, error);
        if (sentence !== undefined) say(sentence.text);
      }
    }
  }

  try {
    for await (const typed of lines) {
      // As on the screen: Enter alone answers.
      const rings = phone.calls.some(({ direction, state }) => direction === 'incoming' && state === 'ringing');
      const line = typed.trim() === '' && rings ? 'answer' : typed;
      if (line.trim() === '') continue;
      const command = parseLine(line);
      if ('command' in command && command.command === 'quit') return;
      void perform(line);
    }
  } finally {
    lines.close();
    unlisten();
  }
}
