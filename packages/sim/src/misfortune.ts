import type { LinkQuality } from './link.ts';
import type { SeededRandom } from './seeded-random.ts';

/** What a network does to a datagram: loses it, delivers it twice, or holds it back for a while. */
export type MisfortuneKind = 'lost' | 'doubled' | 'held back';

/** What happened to one datagram. */
export interface Misfortune {
  readonly from: string;
  readonly to: string;
  /** Messages and what is sent by ports for media are counted apart. */
  readonly family: 'message' | 'media';
  /** Which one it is of those that went that way, from 1 on. */
  readonly number: number;
  readonly kind: MisfortuneKind;
}

/** What is to become of one datagram. */
export interface Lot {
  readonly lost: boolean;
  /** Milliseconds that each copy takes: one, or two where it is doubled. */
  readonly times: readonly number[];
}

/** One way of one family of datagrams. */
interface Way extends Pick<Misfortune, 'from' | 'to' | 'family'> {
  readonly random: SeededRandom;
  count: number;
}

const lostLot: Lot = { lost: true, times: [] };

/**
 * Decides what becomes of datagrams: by chance, or as it is told. The chances of a datagram are drawn from its way, its
 * family and its number alone, so that what is told to happen otherwise to one changes nothing for those of other ways.
 */
export class Fortune {
  /** What happened, in order. */
  readonly happened: Misfortune[] = [];
  readonly #random: SeededRandom;
  readonly #told: ReadonlySet<string> | undefined;
  readonly #ways = new Map<string, Way>();

  /** `told` is all that is to happen; without it chance decides. */
  constructor(random: SeededRandom, told?: readonly Misfortune[]) {
    this.#random = random;
    this.#told = told && new Set(told.map(keyOf));
  }

  draw(link: LinkQuality, from: string, to: string, family: Misfortune['family']): Lot {
    const { jitter, loss, duplication, reordering } = link;
    if (jitter === 0 && loss === 0 && duplication === 0 && reordering === 0)
      return { lost: false, times: [link.delay] };
    const way = this.#way(from, to, family);
    way.count += 1;
    const { random } = way;
    // Whatever becomes of it, it draws as often as any other.
    const [isLost, late, isHeld] = [random.fraction(), random.fraction(), random.fraction()];
    const [isDoubled, lateCopy] = [random.fraction(), random.fraction()];
    if (this.#happens(isLost < loss, way, 'lost')) return lostLot;
    const held = this.#happens(isHeld < reordering, way, 'held back') ? link.heldBack : 0;
    const times = [link.delay + jitter * late + held];
    if (this.#happens(isDoubled < duplication, way, 'doubled')) times.push(link.delay + jitter * lateCopy);
    return { lost: false, times };
  }

  #happens(byChance: boolean, { from, to, family, count }: Way, kind: MisfortuneKind): boolean {
    if (this.#told === undefined && !byChance) return false;
    const misfortune: Misfortune = { from, to, family, number: count, kind };
    const happens = this.#told?.has(keyOf(misfortune)) ?? true;
    if (happens) this.happened.push(misfortune);
    return happens;
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
