/** As much of a process as is told to stop, and stops; processes are named by their ids, and 0 is all of the foreground. */
interface Stoppable {
  readonly pid: number;
  on(signal: 'SIGTSTP', listener: () => void): unknown;
  off(signal: 'SIGTSTP', listener: () => void): unknown;
  kill(pid: number, signal: 'SIGTSTP'): unknown;
}

/** Lets a process stop as Ctrl-Z stops others, once its terminal is as it was; without it the terminal would stay raw. */
export class Suspension {
  readonly #suspend: (stop: () => void) => void;
  readonly #process: Stoppable;

  /** `suspend` leaves the terminal, calls `stop`, which returns when the process goes on, and takes the terminal again. */
  constructor(suspend: (stop: () => void) => void, process: Stoppable) {
    this.#suspend = suspend;
    this.#process = process;
  }

  /** Listens for TSTP from outside, until `end`. */
  start(): void {
    this.#process.on('SIGTSTP', this.#told);
  }

  end(): void {
    this.#process.off('SIGTSTP', this.#told);
  }

  /** Stops all that runs in the foreground of the terminal, npm among it, as its key does. Returns when that goes on. */
  stop(): void {
    this.#stop(0);
  }

  readonly #told = (): void => this.#suspend(() => this.#stop(this.#process.pid));

  /** Without somebody who listens, TSTP does what it does. */
  #stop(whom: number): void {
    this.end();
    this.#process.kill(whom, 'SIGTSTP');
    this.start();
  }
}
