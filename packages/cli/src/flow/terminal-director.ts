import type { Director, Step } from '@switchhook/flows';
import { onAbort } from '@switchhook/sip';
import type { Terminal } from '../command.ts';

/** Milliseconds in which nobody has read a question: Enter is meant for what was asked before. */
const unread = 300;

/** Asks whoever sits at the terminal to do at a device what a flow needs. */
export class TerminalDirector implements Director {
  readonly #terminal: Terminal;
  readonly #now: () => number;
  /** One thing is asked for at a time. */
  #turn: Promise<unknown> = Promise.resolve();
  /** Devices that have been prepared, and are not done. */
  readonly #devices = new Set<string>();
  /** Reads on between questions, so that Enter too early is not taken for the answer to the next. */
  #stopReading: (() => void) | undefined;
  #entered: () => void = () => undefined;

  /** `now` tells milliseconds. */
  constructor(terminal: Terminal, now = (): number => performance.now()) {
    this.#terminal = terminal;
    this.#now = now;
  }

  /** Rejects where nobody is at the terminal, and no message would tell that the step is done. */
  async direct(step: Step, seen: Promise<void> | undefined, signal?: AbortSignal): Promise<void> {
    if (step.action === 'finish') {
      this.#devices.delete(step.role);
      if (this.#devices.size > 0) return;
      this.#stopReading?.();
      this.#stopReading = undefined;
      return;
    }
    this.#devices.add(step.role);
    this.#stopReading ??= this.#terminal.onEnter(() => this.#entered());
    if (this.#stopReading === undefined && seen === undefined) {
      const way = 'run it at a terminal, or give a program with --hook (true, where the device needs none)';
      throw new Error(`nobody is there to press Enter when ${step.role} has done "${step.words}": ${way}`);
    }
    const turn = this.#turn.then(() => this.#ask(step, seen, signal));
    this.#turn = turn.catch(() => undefined);
    await turn;
  }

  /** Enter goes on at once; without it, what is awaited goes on when it is seen. */
  async #ask(step: Step, seen: Promise<void> | undefined, signal: AbortSignal | undefined): Promise<void> {
    const { role, action, words } = step;
    if (action === 'prepare') this.#terminal.print(settingsOf(step));
    const hint = seen === undefined ? 'Enter when it is done' : 'it goes on by itself, or with Enter';
    this.#terminal.print(`\n>> ${role}: ${words} (${hint})\n`);
    const asked = this.#now();
    const entered = Promise.withResolvers<undefined>();
    this.#entered = () => {
      if (this.#now() - asked >= unread) entered.resolve(undefined);
    };
    const given = Promise.withResolvers<never>();
    const endAbort = onAbort(signal, () => given.reject(new Error('the flow was given up')));
    try {
      await Promise.race([entered.promise, given.promise, ...(seen === undefined ? [] : [seen])]);
    } finally {
      this.#entered = () => undefined;
      endAbort();
    }
  }
}

/** How a device has to be configured. */
function settingsOf({ role, account }: Step): string {
  const { addressOfRecord, user, password, proxy, certificateAuthority } = account;
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['address', addressOfRecord],
    ['user name', user],
    ['password', password],
    ['registrar and outbound proxy', proxy ?? 'none: it is called, and calls, without one'],
    ['authority to trust, for TLS', certificateAuthority],
  ];
  return `\nThe device that plays ${role}:\n${rows.map(([name, value]) => `  ${name.padEnd(30)}${value ?? ''}`).join('\n')}\n`;
}
