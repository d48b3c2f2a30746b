import type { SocketAddress, Timer } from '@switchhook/sip';
import type { Fabric, HostRecord, Route } from './fabric.ts';
import type { Consignment } from './misfortune.ts';
import type { Fate } from './trace.ts';

/** One thing that a connection carries: a message, or its own opening and closing. */
export interface Parcel {
  arrived(route: Route): void;
  /** The network gave up on it, and so on the connection. */
  failed(fate: Fate): void;
}

/** The way of what comes through, and how many milliseconds it takes. */
interface Passage {
  readonly route: Route;
  readonly time: number;
}

const firstRepetition = 500;
/** Six repetitions, each after twice the time: half a minute, then the connection is given up. */
const maximumRepetitions = 6;

/** One direction of a connection: everything arrives, once and in order, or the connection fails. */
export class StreamPipe {
  readonly #fabric: Fabric;
  readonly #sender: HostRecord;
  readonly #source: SocketAddress;
  readonly #destination: SocketAddress;
  readonly #queue: Parcel[] = [];
  /** Of what waits to be sent first, once that was tried. */
  #consignment: Consignment | undefined;
  #repetitions = 0;
  #lastArrival = 0;
  #timer: Timer | undefined;
  /** While true, only what is already queued goes out. */
  #failed = false;

  constructor(fabric: Fabric, sender: HostRecord, source: SocketAddress, destination: SocketAddress) {
    this.#fabric = fabric;
    this.#sender = sender;
    this.#source = source;
    this.#destination = destination;
  }

  get length(): number {
    return this.#queue.length;
  }

  push(parcel: Parcel): void {
    if (this.#failed) {
      parcel.failed('unheard');
      return;
    }
    this.#queue.push(parcel);
    if (this.#timer === undefined) this.#pump();
  }

  /** Drops what waits; nothing goes out any more. */
  abort(fate: Fate): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#timer?.cancel();
    this.#timer = undefined;
    for (const parcel of this.#queue.splice(0)) parcel.failed(fate);
  }

  #pump(): void {
    for (let parcel = this.#queue[0]; parcel !== undefined; parcel = this.#queue[0]) {
      const attempt = this.#attempt();
      if (typeof attempt === 'string') {
        this.#repeat(attempt);
        return;
      }
      this.#repetitions = 0;
      this.#consignment = undefined;
      this.#queue.shift();
      this.#deliver(parcel, attempt);
    }
  }

  #attempt(): Passage | Fate {
    const { links, fortune } = this.#fabric;
    const route = this.#fabric.route(this.#sender, 'stream', this.#source, this.#destination);
    if (typeof route === 'string') return route;
    const [from, to] = [this.#sender.name, route.host.name];
    if (links.parted(from, to)) return 'parted';
    this.#consignment ??= fortune.consign(from, to);
    const [time] = fortune.attempt(links.quality(from, to), this.#consignment).times;
    return time === undefined ? 'lost' : { route, time };
  }

  #repeat(fate: Fate): void {
    if (this.#repetitions >= maximumRepetitions || fate === 'unroutable') {
      this.abort(fate);
      return;
    }
    this.#timer = this.#fabric.clock.after(firstRepetition * 2 ** this.#repetitions, () => {
      this.#timer = undefined;
      this.#pump();
    });
    this.#repetitions += 1;
  }

  #deliver(parcel: Parcel, { route, time }: Passage): void {
    const { clock } = this.#fabric;
    this.#lastArrival = Math.max(this.#lastArrival, clock.now() + time);
    clock.after(this.#lastArrival - clock.now(), () => {
      parcel.arrived(route);
    });
  }
}
