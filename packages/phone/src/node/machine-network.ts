import { networkInterfaces } from 'node:os';
import type { Clock, Timer } from '@switchhook/sip';
import type { NetworkWatch } from '../phone-options.ts';

/** Milliseconds between two looks: Node tells nobody when addresses change. */
const interval = 5_000;

/** The addresses by which others may reach this machine, as one text to compare. */
export function machineAddresses(): string {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal }) => !internal)
    .map(({ address }) => address)
    .sort()
    .join(' ');
}

/** Looks from time to time whether the addresses of the machine are others than before. */
export class MachineNetwork implements NetworkWatch {
  readonly #clock: Clock;
  readonly #read: () => string;

  constructor(clock: Clock, read: () => string) {
    this.#clock = clock;
    this.#read = read;
  }

  watch(changed: () => void): () => void {
    let known = this.#read();
    let timer: Timer;
    const look = (): void => {
      timer = this.#clock.after(interval, look);
      const now = this.#read();
      if (now === known) return;
      known = now;
      // Without any address there is nowhere to register from.
      if (now !== '') changed();
    };
    timer = this.#clock.after(interval, look);
    return () => timer.cancel();
  }
}
