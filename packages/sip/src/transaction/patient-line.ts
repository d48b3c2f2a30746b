import type { Clock, Timer } from '../context.ts';
import type { TimerOwner } from './delay-line.ts';

/** Which part of its duration a patient timer may be late, when another one of its line has just fired. */
const grain = 1 / 128;
/** Milliseconds that it may be late at any rate: on a connection most have no duration at all. */
const shortestRest = 100;
/** Timers that stand in one piece of a line. */
const pieceLength = 256;

/** Some of those who wait, in the order in which they came: an entry of each list for one of them. */
class Piece<Event> {
  readonly owners: (TimerOwner<Event> | undefined)[] = [];
  readonly events: Event[] = [];
  readonly dues: number[] = [];
  next: Piece<Event> | undefined = undefined;
}

/**
 * Every timer of one duration that says when something may be forgotten. A busy proxy arms thousands a second and keeps each for
 * half a minute, so none is an object of its own: they stand side by side. Firing one by one they would wake the process for each,
 * which costs more than all that they do. Nobody sees when they fire, so the clock's timer comes again after a {@link grain} of the
 * duration at the earliest, 250 ms for the 32 s of 64*T1, and never sooner than after a {@link shortestRest}. None can be cancelled: whoever has ended by then has nothing to do.
 */
export class PatientLine<Event> {
  readonly #clock: Clock;
  readonly #duration: number;
  readonly #rest: number;
  readonly #fire = (): void => {
    this.#due();
  };
  #first = new Piece<Event>();
  #last = this.#first;
  /** How many of the first piece have fired. */
  #fired = 0;
  #clockTimer: Timer | undefined = undefined;
  #firedAt = -Infinity;
  #length = 0;

  constructor(clock: Clock, duration: number) {
    this.#clock = clock;
    this.#duration = duration;
    this.#rest = Math.max(duration * grain, shortestRest);
  }

  get length(): number {
    return this.#length;
  }

  arm(owner: TimerOwner<Event>, event: Event): void {
    let piece = this.#last;
    if (piece.owners.length === pieceLength) {
      piece = new Piece();
      this.#last.next = piece;
      this.#last = piece;
    }
    const now = this.#clock.now();
    piece.owners.push(owner);
    piece.events.push(event);
    piece.dues.push(now + this.#duration);
    this.#length += 1;
    this.#clockTimer ??= this.#clock.after(Math.max(this.#duration, this.#firedAt + this.#rest - now), this.#fire);
  }

  stop(): void {
    this.#clockTimer?.cancel();
    this.#clockTimer = undefined;
    this.#first = new Piece();
    this.#last = this.#first;
    this.#fired = 0;
    this.#length = 0;
  }

  #due(): void {
    const now = this.#clock.now();
    for (let due = this.#nextDue(); due !== undefined && due <= now; due = this.#nextDue()) {
      const { owners, events } = this.#first;
      const owner = owners[this.#fired];
      const event = events[this.#fired];
      owners[this.#fired] = undefined;
      this.#fired += 1;
      this.#length -= 1;
      if (event !== undefined) owner?.timer(event);
    }
    this.#firedAt = now;
    const next = this.#nextDue();
    this.#clockTimer = next === undefined ? undefined : this.#clock.after(Math.max(this.#rest, next - now), this.#fire);
  }

  /** When the next one is due; undefined when there is none. Lets go of the piece that has been gone through. */
  #nextDue(): number | undefined {
    if (this.#fired === this.#first.owners.length) {
      this.#fired = 0;
      this.#first = this.#first.next ?? new Piece();
      if (this.#first.next === undefined) this.#last = this.#first;
    }
    return this.#first.dues[this.#fired];
  }
}
