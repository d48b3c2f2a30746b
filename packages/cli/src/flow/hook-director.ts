import { spawn } from 'node:child_process';
import { Socket } from 'node:net';
import type { Director, Step } from '@switchhook/flows';
import { onAbort } from '@switchhook/sip';

/** As much of what a hook complains is told. */
const longestComplaint = 2_000;
/** What a shell means by its exit codes, in words. */
const shellSays: ReadonlyMap<number | null, string> = new Map([
  [126, 'the command is found, but cannot be run'],
  [127, 'the command was not found'],
]);

/**
 * Has a program do at a device what a flow needs: it is run for each step, with the action, the address of whom it is about
 * and that of the target as arguments, the same in its environment, and all of the step as JSON on its standard input. Its exit
 * code says whether it could; then the flow goes on when the step is seen.
 */
export class HookDirector implements Director {
  readonly #command: string;
  readonly #patience: number;

  /** `patience` is how many milliseconds it may run for a step. */
  constructor(command: string, patience: number) {
    this.#command = command;
    this.#patience = patience;
  }

  async direct(step: Step, seen: Promise<void> | undefined, signal?: AbortSignal): Promise<void> {
    await Promise.all([this.#run(step, signal), seen]);
  }

  async #run(step: Step, signal: AbortSignal | undefined): Promise<void> {
    const { flow, role, action, other, target, words } = step;
    const what = [action, other?.element, target?.element].filter((each) => each !== undefined).join(' ');
    const [otherAddress, targetAddress] = [other?.addressOfRecord ?? '', target?.addressOfRecord ?? ''];
    const parameters = [action, otherAddress, targetAddress];
    const environment = {
      ...process.env,
      SWITCHHOOK_FLOW: flow,
      SWITCHHOOK_ROLE: role,
      SWITCHHOOK_ACTION: action,
      SWITCHHOOK_OTHER: otherAddress,
      SWITCHHOOK_TARGET: targetAddress,
      SWITCHHOOK_WORDS: words,
    };
    // The command may have arguments of its own; what is added to it is never read by a shell.
    const [program, first] =
      process.platform === 'win32'
        ? [this.#command, parameters]
        : ['/bin/sh', ['-c', `${this.#command} "$@"`, 'sh', ...parameters]];
    // In a group of its own, so that all of it can be ended, and Ctrl-C at the terminal does not end what is to finish.
    const isGroup = process.platform !== 'win32';
    const child = spawn(program, first, { env: environment, stdio: ['pipe', 'ignore', 'pipe'], detached: isGroup });
    let complaint = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (complaint.length < longestComplaint) complaint += text;
    });
    // One that does not read what it is given is none the worse for that.
    child.stdin.on('error', () => undefined);
    child.stdin.end(JSON.stringify(step));
    const kill = (): void => {
      try {
        if (child.pid !== undefined) process.kill(isGroup ? -child.pid : child.pid, 'SIGKILL');
      } catch {
        // It has ended meanwhile.
      }
    };
    const end = await new Promise<string | undefined>((resolve) => {
      const giveUp = (why: string): void => {
        kill();
        resolve(why);
      };
      const timer = setTimeout(() => giveUp(`it was not done after ${this.#patience / 1_000} s`), this.#patience);
      const endAbort = onAbort(signal, () => giveUp('the flow was given up'));
      const settle = (why: string | undefined): void => {
        clearTimeout(timer);
        endAbort();
        resolve(why);
      };
      child.once('error', (error) => settle(error.message));
      child.once('exit', (code, by) => {
        // What it has started in the background may have its standard error for ever.
        if (child.stderr instanceof Socket) child.stderr.unref();
        if (code === 0) settle(undefined);
        else if (code === null) setImmediate(settle, `it was ended by ${by ?? 'a signal'}`);
        else setImmediate(settle, shellSays.get(code) ?? `exit code ${code}`);
      });
    });
    if (end === undefined) return;
    // Where in a program it failed is for whoever has written it, and not for a line.
    const said = complaint
      .replace(/^\s+at .*$/gm, '')
      .trim()
      .replace(/\s+/g, ' ')
      .slice(0, longestComplaint);
    throw new Error(`the hook failed at "${what}" of ${role}: ${end}${said === '' ? '' : `: ${said}`}`);
  }
}
