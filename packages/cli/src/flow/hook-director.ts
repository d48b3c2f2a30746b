import { spawn } from 'node:child_process';
import type { Director, Step } from '@switchhook/flows';

/** As much of what a hook complains is told. */
const longestComplaint = 2_000;

/**
 * Has a program do at a device what a flow needs: it is run for each step, with the action, the address of whom it is about
 * and that of the target as arguments, the same in its environment, and all of the step as JSON on its standard input. Its exit
 * code says whether it could; then the flow goes on when the step is seen.
 */
export class HookDirector implements Director {
  readonly #command: string;

  constructor(command: string) {
    this.#command = command;
  }

  async direct(step: Step, seen: Promise<void> | undefined): Promise<void> {
    await Promise.all([this.#run(step), seen]);
  }

  async #run(step: Step): Promise<void> {
    const { flow, role, action, other, target, words } = step;
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
        : ['/bin/sh', ['-c', `${this.#command} "$@"`, this.#command, ...parameters]];
    const child = spawn(program, first, { env: environment, stdio: ['pipe', 'ignore', 'pipe'] });
    let complaint = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (complaint.length < longestComplaint) complaint += text;
    });
    // One that does not read what it is given is none the worse for that.
    child.stdin.on('error', () => undefined);
    child.stdin.end(JSON.stringify(step));
    const end = await new Promise<string | undefined>((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('close', (code, signal) => {
        resolve(
          code === 0 ? undefined : code === null ? `it was ended by ${signal ?? 'a signal'}` : `exit code ${code}`,
        );
      });
    });
    if (end === undefined) return;
    const said = complaint.trim().slice(0, longestComplaint);
    throw new Error(`the hook failed at "${action}" of ${role} (${words}): ${end}${said === '' ? '' : `: ${said}`}`);
  }
}
