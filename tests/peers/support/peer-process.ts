import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';

/** A real program under test control: what it prints is kept, and can be waited for. */
export class PeerProcess {
  readonly name: string;
  readonly child: ChildProcessWithoutNullStreams;
  readonly exited: Promise<number | null>;
  output = '';
  #watchers = new Set<() => void>();

  constructor(
    name: string,
    program: string,
    args: readonly string[],
    options: { cwd?: string; env?: Readonly<Record<string, string>> } = {},
  ) {
    this.name = name;
    this.child = spawn(program, args, {
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      env: { ...process.env, ...options.env },
    });
    const take = (chunk: Buffer): void => {
      this.output += chunk.toString('latin1');
      for (const watcher of this.#watchers) watcher();
    };
    this.child.stdout.on('data', take);
    this.child.stderr.on('data', take);
    // A peer that died between two commands shows in its output; the broken pipe itself says nothing more.
    this.child.stdin.on('error', () => undefined);
    this.exited = new Promise((resolve) => {
      this.child.once('error', (error) => {
        take(Buffer.from(error.message));
        resolve(null);
      });
      this.child.once('exit', (code) => {
        resolve(code);
        for (const watcher of this.#watchers) watcher();
      });
    });
  }

  /** Waits until `pattern` shows in what was printed after `from`; answers the match. Fails with the output. */
  async waitFor(pattern: RegExp, { timeout = 20_000, from = 0 } = {}): Promise<RegExpExecArray> {
    return this.waitUntil(() => pattern.exec(this.output.slice(from)), String(pattern), timeout);
  }

  /** Waits until `find` finds something in what was printed. Fails with the output; `what` says what was missed. */
  async waitUntil<T>(find: () => T | null | undefined, what: string, timeout = 20_000): Promise<T> {
    return new Promise((resolve, reject) => {
      const settle = (action: () => void): void => {
        clearTimeout(deadline);
        this.#watchers.delete(look);
        action();
      };
      const look = (): void => {
        const found = find();
        if (found !== null && found !== undefined) settle(() => resolve(found));
        else if (this.child.exitCode !== null) settle(() => reject(this.#failure(`ended before ${what}`)));
      };
      const deadline = setTimeout(
        () => settle(() => reject(this.#failure(`did not say ${what} within ${timeout} ms`))),
        timeout,
      );
      this.#watchers.add(look);
      look();
    });
  }

  write(line: string): void {
    this.child.stdin.write(`${line}\n`);
  }

  /** Ends the program with the signal, by force when it does not heed it, and waits for the end. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    this.child.kill(signal);
    const force = setTimeout(() => this.child.kill('SIGKILL'), 5_000);
    const code = await this.exited;
    clearTimeout(force);
    return code;
  }

  #failure(what: string): Error {
    return new Error(`${this.name} ${what}. It printed:\n${this.output.slice(-6_000)}`);
  }
}
