import type { LinkQuality } from './link.ts';
import type { SeededRandom } from './seeded-random.ts';

/**
 * What a network does to a datagram: loses it, delivers it twice, or holds it back for a while. What a connection carries is
 * sent again until it arrives, and comes once and in order: a loss or a delay there is one of all behind it.
 */
export type MisfortuneKind = 'lost' | 'doubled' | 'held back';

/** What happened to one datagram, or to what a connection carries: this once for each time that it was lost. */
export interface Misfortune {
  readonly from: string;
  readonly to: string;
  /** Messages, what is sent by ports for media, and what connections carry are counted apart. */
  readonly family: 'message' | 'media' | 'stream';
  /** Which one it is of those that went that way, from 1 on. */
  readonly number: number;
  readonly kind: MisfortuneKind;
}

/** What is to become of what is sent. */
export interface Lot {
  readonly lost: boolean;
  /** Milliseconds that each copy takes: one, or two where it is doubled. */
  readonly times: readonly number[];
}

/** One way of one family. */
interface Way extends Pick<Misfortune, 'from' | 'to' | 'family'> {
  readonly random: SeededRandom;
  count: number;
}

/** One thing that a connection carries: each attempt to send it has a lot of its own. */
export interface Consignment extends Pick<Misfortune, 'from' | 'to' | 'family' | 'number'> {
  readonly random: SeededRandom;
}

const lostLot: Lot = { lost: true, times: [] };

/**
 * Decides what becomes of what is sent: by chance, or as it is told. The chances of a datagram are drawn from its way, its
 * family and its number alone, and so are those of what a connection carries, however often it has to be sent: what is told
 * to happen otherwise to one changes nothing for those of other ways.
 */
export class Fortune {
  /** What happened, in order. */
  readonly happened: Misfortune[] = [];
  readonly #random: SeededRandom;
  /** How often each thing that is told has still to happen. */
  readonly #told: Map<string, number> | undefined;
  readonly #ways = new Map<string, Way>();

  /** `told` is all that is to happen; without it chance decides. */
  constructor(random: SeededRandom, told?: readonly Misfortune[]) {
    this.#random = random;
    if (told === undefined) return;
    this.#told = new Map();
    for (const key of told.map(keyOf)) this.#told.set(key, (this.#told.get(key) ?? 0) + 1);
  }

  /** What becomes of the next datagram of a way. */
  draw(link: LinkQuality, from: string, to: string, family: 'message' | 'media'): Lot {
    if (this.#isCertain(link)) return { lost: false, times: [link.delay] };
    const { number, random } = this.#next(from, to, family);
    return this.#lot(link, { from, to, family, number, random });
  }

  /** The next thing that goes from one to another by a connection. */
  consign(from: string, to: string): Consignment {
    const { number, random } = this.#next(from, to, 'stream');
    return { from, to, family: 'stream', number, random: random.fork(String(number)) };
  }

  /** What becomes of an attempt to send it: it is lost, or takes its one time. */
  attempt(link: LinkQuality, consignment: Consignment): Lot {
    if (this.#isCertain(link)) return { lost: false, times: [link.delay] };
    // Of what is doubled the far end of a connection takes one copy.
    return this.#lot({ ...link, duplication: 0 }, consignment);
  }

  #isCertain({ jitter, loss, duplication, reordering }: LinkQuality): boolean {
    return this.#told === undefined && jitter === 0 && loss === 0 && duplication === 0 && reordering === 0;
  }

  #lot({ delay, jitter, loss, duplication, reordering, heldBack }: LinkQuality, which: Consignment): Lot {
    const { random } = which;
    // Whatever becomes of it, it draws as often as any other.
    const [isLost, late, isHeld] = [random.fraction(), random.fraction(), random.fraction()];
    const [isDoubled, lateCopy] = [random.fraction(), random.fraction()];
    if (this.#happens(isLost < loss, which, 'lost')) return lostLot;
    const held = this.#happens(isHeld < reordering, which, 'held back') ? heldBack : 0;
    const times = [delay + jitter * late + held];
    if (this.#happens(isDoubled < duplication, which, 'doubled')) times.push(delay + jitter * lateCopy);
    return { lost: false, times };
  }

  #happens(byChance: boolean, { from, to, family, number }: Consignment, kind: MisfortuneKind): boolean {
    if (this.#told === undefined && !byChance) return false;
    const misfortune: Misfortune = { from, to, family, number, kind };
    if (this.#told !== undefined) {
      const key = keyOf(misfortune);
      const left = this.#told.get(key) ?? 0;
      if (left === 0) return false;
      this.#told.set(key, left - 1);
    }
    this.happened.push(misfortune);
    return true;
  }

  #next(from: string, to: string, family: Misfortune['family']): Pick<Consignment, 'number' | 'random'> {
    const way = this.#way(from, to, family);
    way.count += 1;
    return { number: way.count, random: way.random };
  }

  #way(from: string, to: string, family: Misfortune['family']): Way {
    const key = `${from} ${to} ${family}`;
    const known = this.#ways.get(key);
    if (known !== undefined) return known;
    const way = { from, to, family, random: this.#random.fork(key), count: 0 };
    this.#ways.set(key, way);
    return way;
  }
}

function keyOf({ from, to, family, number, kind }: Misfortune): string {
  return `${from} ${to} ${family} ${number} ${kind}`;
}
