import type { EventEmitter } from 'node:events';
import { emitKeypressEvents } from 'node:readline';
import { Call } from '@switchhook/phone';
import type { Phone } from '@switchhook/phone';
import { printable } from '@switchhook/sip';
import { rosterLines } from './confer.ts';
import { execute } from './execute.ts';
import { parseLine } from './grammar.ts';
import { pasted, pressed } from './keyboard.ts';
import type { Desk } from './keyboard.ts';
import { emptyLine } from './line-editor.ts';
import type { Key } from './line-editor.ts';
import { Narrator } from './narrator.ts';
import { enterScreen, leaveScreen, paint } from './paint.ts';
import { Notes } from './notes.ts';
import { asciiSigns, draw, unicodeSigns } from './screen.ts';
import type { Frame } from './screen.ts';
import { clockTime, doneSentence } from './sentences.ts';
import { situationOf } from './situation.ts';
import type { Situation } from './situation.ts';
import { helpAbout, viewOf } from './view-of.ts';
import type { LogLine, Tone } from './view.ts';

/** Lines that the log of the screen keeps. */
const logKept = 1_000;
/** Digits of a call that are shown. */
const digitsShown = 12;
const bell = '\u0007';

/** The keyboard: `process.stdin`, where it is a terminal. */
export interface Keyboard extends NodeJS.ReadableStream {
  setRawMode(raw: boolean): unknown;
}

/** The screen: `process.stdout`, where it is a terminal. */
export interface Screen extends EventEmitter {
  readonly columns: number;
  readonly rows: number;
  write(text: string): boolean;
}

/** A terminal, and what it can show. */
export interface TerminalOptions {
  readonly input: Keyboard;
  readonly output: Screen;
  readonly colours: boolean;
  /** Whether it shows more than ASCII. */
  readonly unicode: boolean;
  /** Whom Tab knows besides those who were called. */
  readonly known: readonly string[];
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Stops this process as Ctrl-Z does; returns when it goes on. */
  readonly stop: () => void;
}

/**
 * A phone on the whole screen of a terminal. Nothing runs while nothing happens: with calls the screen is drawn once a
 * second for their durations, without them only when there is something new.
 */
export class TerminalPhone {
  readonly #phone: Phone;
  readonly #options: TerminalOptions;
  readonly #left = Promise.withResolvers<undefined>();
  readonly #log: LogLine[] = [];
  readonly #digits = new Map<Call, string>();
  readonly #notes = new Notes();
  readonly #narrator: Narrator;
  #desk: Desk = {
    input: emptyLine,
    hint: '',
    hintTone: 'plain',
    page: undefined,
    scrolled: 0,
    leaving: undefined,
  };
  #shown: Frame | undefined = undefined;
  #due: NodeJS.Immediate | undefined = undefined;
  #ticking: NodeJS.Timeout | undefined = undefined;
  #pasting: string | undefined = undefined;
  #isOver = false;

  constructor(phone: Phone, options: TerminalOptions) {
    this.#phone = phone;
    this.#options = options;
    this.#narrator = new Narrator(options.now);
  }

  /** Runs until the person quits or `signal` aborts; the terminal is then as it was before. */
  async run(signal: AbortSignal): Promise<void> {
    const { input, output } = this.#options;
    const leave = (): void => this.#left.resolve(undefined);
    const unlisten = this.#phone.onEvent((event) => {
      const before = this.#notes.open;
      this.#notes.take(event);
      const isAsked = this.#notes.open !== undefined && this.#notes.open !== before;
      if (event.kind === 'incoming-call' || isAsked) output.write(bell);
      if (event.kind === 'call') this.#note(event.call, event.event.kind === 'digit' ? event.event.digit : undefined);
      const sentence = this.#narrator.tell(event);
      if (sentence !== undefined) this.say(sentence.text, sentence.tone);
      this.#redraw();
    });
    emitKeypressEvents(input);
    input.on('keypress', this.#keypress);
    output.on('resize', this.#resized);
    signal.addEventListener('abort', leave);
    this.#enter();
    try {
      if (!signal.aborted) await this.#left.promise;
    } finally {
      signal.removeEventListener('abort', leave);
      unlisten();
      input.off('keypress', this.#keypress);
      output.off('resize', this.#resized);
      clearImmediate(this.#due);
      clearInterval(this.#ticking);
      this.#leave();
      this.#isOver = true;
    }
  }

  /** Stops the phone for a while, the terminal as it was meanwhile. `stop` does it, and returns when it is over. */
  suspend(stop: () => void): void {
    if (this.#isOver) {
      stop();
      return;
    }
    this.#leave();
    stop();
    this.#enter();
  }

  #enter(): void {
    const { input, output } = this.#options;
    input.setRawMode(true);
    output.write(enterScreen);
    input.resume();
    this.#shown = undefined;
    this.#redraw();
  }

  #leave(): void {
    const { input, output } = this.#options;
    input.setRawMode(false);
    input.pause();
    output.write(leaveScreen);
  }

  /** Puts a line into the log. */
  say(text: string, tone: Tone = 'plain'): void {
    this.#log.push({ time: clockTime(this.#options.now()), text: printable(text), tone });
    if (this.#log.length > logKept) this.#log.shift();
    this.#redraw();
  }

  readonly #resized = (): void => {
    this.#shown = undefined;
    this.#redraw();
  };

  readonly #keypress = (_text: string | undefined, key: Partial<Key>): void => {
    const { name, ctrl = false, meta = false, sequence = '' } = key;
    if (name === 'paste-start') this.#pasting = '';
    else if (name === 'paste-end') {
      this.#desk = pasted(this.#desk, this.#pasting ?? '');
      this.#pasting = undefined;
    } else if (this.#pasting !== undefined) this.#pasting += sequence;
    else if (ctrl && name === 'l') this.#shown = undefined;
    else {
      const { desk, line, suspends } = pressed(this.#desk, { name, ctrl, meta, sequence }, this.#situation());
      this.#desk = desk;
      if (suspends === true) this.suspend(this.#options.stop);
      if (line !== undefined) void this.#perform(line);
    }
    this.#redraw();
  };

  async #perform(line: string): Promise<void> {
    const command = parseLine(line);
    if ('complaint' in command) {
      this.#desk = { ...this.#desk, hint: command.complaint, hintTone: 'attention' };
      this.#redraw();
      return;
    }
    switch (command.command) {
      case 'help':
        this.#help(command.about);
        return;
      case 'log':
        this.#desk = { ...this.#desk, page: 'log', scrolled: 0 };
        this.#redraw();
        return;
      case 'status':
        this.#status();
        return;
      case 'quit':
        this.#left.resolve(undefined);
        return;
      default:
        try {
          if (command.command === 'roster') {
            for (const line of rosterLines(this.#phone)) this.say(line);
            return;
          }
          const outcome = await execute(this.#phone, command, this.#notes);
          const sentence = doneSentence(command, outcome, this.#phone.domain);
          if (sentence !== undefined) this.say(sentence);
          if (command.command === 'digits' && outcome instanceof Call) this.#note(outcome, command.digits);
          this.#redraw();
        } catch (error) {
          const sentence = this.#narrator.failed(command.command, error);
          if (sentence !== undefined) this.say(sentence.text, sentence.tone);
        }
    }
  }

  #help(about: string | undefined): void {
    if (about === undefined) this.#desk = { ...this.#desk, page: 'help', scrolled: 0 };
    else this.say(helpAbout(about));
    this.#redraw();
  }

  #status(): void {
    const { calls, doNotDisturb, callWaiting, registration } = this.#phone;
    this.say(`${this.#phone.addressOfRecord}: ${registration.kind}, calls: ${String(calls.length)}`);
    this.say(`do not disturb: ${doNotDisturb}, call waiting: ${callWaiting ? 'on' : 'off'}`);
  }

  /** Remembers digits of a call, of either side; forgets those of a call that has ended. */
  #note(call: Call, digits = ''): void {
    if (call.state === 'ended') this.#digits.delete(call);
    else if (digits !== '') this.#digits.set(call, ((this.#digits.get(call) ?? '') + digits).slice(-digitsShown));
  }

  #situation(): Situation {
    return situationOf(this.#phone, this.#options.known);
  }

  /** Draws once for all that happens in one turn of the event loop. */
  #redraw(): void {
    this.#due ??= setImmediate(() => {
      this.#due = undefined;
      this.#draw();
    });
    const ticks = this.#phone.calls.length > 0;
    if (ticks) this.#ticking ??= setInterval(() => this.#draw(), 1_000);
    else {
      clearInterval(this.#ticking);
      this.#ticking = undefined;
    }
  }

  #draw(): void {
    const { output, colours, unicode, now } = this.#options;
    const view = viewOf(this.#phone, {
      desk: this.#desk,
      log: this.#log,
      situation: this.#situation(),
      digits: this.#digits,
      question: this.#notes.open,
      now: now(),
    });
    const size = { columns: output.columns || 80, rows: output.rows || 24 };
    const frame = draw(view, size, unicode ? unicodeSigns : asciiSigns);
    const text = paint(frame, this.#shown, colours);
    this.#shown = frame;
    if (text !== '') output.write(text);
  }
}
