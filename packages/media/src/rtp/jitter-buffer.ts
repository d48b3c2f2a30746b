import type { Clock } from '@switchhook/sip';
import { DelayEstimate } from './delay-estimate.ts';
import { sequenceDistance, timestampDistance } from './wrap-around.ts';
import type { RtpPacket } from './rtp-packet.ts';

/** What to play next. Units are those of the timestamps. */
export type Playout =
  | { readonly kind: 'packet'; readonly packet: RtpPacket }
  /** A packet was lost or is late: sound in its place. `next` is the packet right behind, where that has come. */
  | { readonly kind: 'conceal'; readonly units: number; readonly next?: RtpPacket | undefined }
  /** There is nothing to hear: the sender paused, or has not begun. */
  | { readonly kind: 'silence'; readonly units: number };

/** How long a jitter buffer may keep packets, and how many. */
export interface JitterBufferOptions {
  /** Milliseconds; the buffer never aims at less. */
  readonly minimumDelay: number;
  /** Milliseconds; the buffer never aims at more. A packet that comes later than this is lost. */
  readonly maximumDelay: number;
  /** Packets held at once; of more, the oldest are dropped. */
  readonly capacity: number;
}

/** What holds where nothing else is said; delays in milliseconds. */
export const defaultJitterBufferOptions: JitterBufferOptions = { minimumDelay: 20, maximumDelay: 200, capacity: 64 };

/** What a jitter buffer holds, and what became of what came. */
export interface JitterBufferStats {
  /** Packets held. */
  readonly held: number;
  /** Milliseconds between the quickest packet's arrival and its sound. */
  readonly delay: number;
  /** Milliseconds that are aimed at. */
  readonly target: number;
  /** Packets that were played. */
  readonly played: number;
  /** Packets that came after their time. */
  readonly late: number;
  /** Packets that came twice. */
  readonly duplicated: number;
  /** Packets that came behind a later one, and in time. */
  readonly reordered: number;
  /** Packets dropped because too many were held, or to make the delay shorter. */
  readonly dropped: number;
  /** Milliseconds of sound made up in the place of packets that were lost or late. */
  readonly concealed: number;
  /** Times that the sender's timestamps went elsewhere and were followed. */
  readonly jumps: number;
}

/** Sound is made up for so many milliseconds at a stretch; then there is silence until packets come. */
export const longestConcealment = 100;

/** A packet this many milliseconds off where it is expected belongs to another time line. */
const jumpDistance = 1_000;
/** What the delay may be beyond its aim before a packet is dropped for it. */
const slack = 25;
/** Added to the spread of arrivals: moments of playing come late, too. */
const margin = 10;
/** At most one packet in this many milliseconds is dropped to make the delay shorter, unless it is over its maximum. */
const shorteningInterval = 200;
/** When nothing has come in time for so many milliseconds, but packets have come too late, they are followed. */
const longestLateness = 100;

/**
 * Plays what comes irregularly at regular times (RFC 3550 6.4.1 calls it the playout buffer). One stream of one clock
 * rate. Packets are put in order by timestamp; each is played at its time or not at all. The delay follows
 * what arrivals were like ({@link DelayEstimate}), within its bounds: it grows when a packet is missing that may still
 * come, by waiting for it, and it shrinks by leaving out a packet at times.
 */
export class JitterBuffer {
  private readonly clock: Clock;
  private readonly unitsPerMillisecond: number;
  private readonly options: JitterBufferOptions;
  /** In the order of timestamps. */
  private readonly packets: RtpPacket[] = [];
  private estimate = new DelayEstimate();
  /** The timestamp that is played next; undefined until playing has begun. */
  private cursor: number | undefined = undefined;
  /** The timestamp that transit times count from, and its place on a scale that does not wrap around. */
  private reference: { timestamp: number; units: number } | undefined = undefined;
  private firstArrival = 0;
  private lastSequence: number | undefined = undefined;
  /** The newest packet that holds no sound, while packets before it wait. */
  private passed: number | undefined = undefined;
  private concealing = 0;
  private lastShortened = -Infinity;
  /** Since when all packets have come too late. */
  private lateSince: number | undefined = undefined;
  /** A packet of another time line, which is followed once a second one agrees. */
  private suspect: RtpPacket | undefined = undefined;
  private readonly counts = { played: 0, late: 0, duplicated: 0, reordered: 0, dropped: 0, concealed: 0, jumps: 0 };

  constructor(clock: Clock, clockRate: number, options: JitterBufferOptions = defaultJitterBufferOptions) {
    this.clock = clock;
    this.unitsPerMillisecond = clockRate / 1_000;
    this.options = options;
  }

  /** Takes a packet as it comes. */
  put(packet: RtpPacket): void {
    const now = this.clock.now();
    if (this.reference === undefined) this.begin(packet, now);
    const transit = now - this.place(packet.timestamp) / this.unitsPerMillisecond;
    if (Math.abs(transit - this.estimate.quickest) > jumpDistance && this.estimate.quickest !== Infinity) {
      this.takeElsewhere(packet);
      return;
    }
    this.suspect = undefined;
    if (this.isLate(packet)) {
      this.counts.late += 1;
      this.lateSince ??= now;
      if (now - this.lateSince >= longestLateness) this.follow(packet);
      else this.estimate.add(transit, now);
    } else {
      this.lateSince = undefined;
      this.estimate.add(transit, now);
      this.insert(packet);
    }
  }

  /**
   * What to play next, and moves on past it. Not more than `units` unless it is a packet, whose length only a decoder
   * knows: {@link played} says it then.
   */
  take(units: number): Playout {
    if (this.cursor === undefined && !this.mayBegin()) return { kind: 'silence', units };
    this.shorten();
    const first = this.packets[0];
    const cursor = this.cursor ?? first?.timestamp ?? 0;
    this.cursor = cursor;
    if (first === undefined) return this.missing(units);
    const ahead = timestampDistance(cursor, first.timestamp);
    if (ahead > 0) return this.gap(first, ahead, units);
    this.packets.shift();
    this.lastSequence = first.sequenceNumber;
    this.concealing = 0;
    this.passSilent();
    this.counts.played += 1;
    return { kind: 'packet', packet: first };
  }

  /** The packet that {@link take} gave last was this long. */
  played(packet: RtpPacket, units: number): void {
    this.cursor = (packet.timestamp + units) >>> 0;
  }

  /** The packet that {@link take} gave last holds no sound after all: it is as good as lost. */
  unplayable(packet: RtpPacket): void {
    this.lastSequence = (packet.sequenceNumber - 1) & 0xffff;
  }

  /** Leaves out sound that was not asked for in time. */
  skip(units: number): void {
    if (this.cursor !== undefined) this.cursor = (this.cursor + units) >>> 0;
  }

  /** A packet of the same source came that holds no sound: where it took the place of sound, nothing is missing. */
  pass(sequenceNumber: number): void {
    const { lastSequence } = this;
    if (lastSequence === undefined || sequenceDistance(lastSequence, sequenceNumber) <= 0) return;
    this.passed = sequenceNumber;
    this.passSilent();
  }

  /** Forgets all that was heard, but not the counts: what comes next is a new beginning. */
  reset(): void {
    this.packets.length = 0;
    this.estimate = new DelayEstimate();
    this.cursor = undefined;
    this.reference = undefined;
    this.lastSequence = undefined;
    this.passed = undefined;
    this.concealing = 0;
    this.suspect = undefined;
    this.lateSince = undefined;
  }

  stats(): JitterBufferStats {
    return { held: this.packets.length, delay: this.delay, target: this.target, ...this.counts };
  }

  private get target(): number {
    const { minimumDelay, maximumDelay } = this.options;
    return Math.min(maximumDelay, Math.max(minimumDelay, this.estimate.spread + margin));
  }

  /** Milliseconds by which the sound that is played now is behind the quickest packet. */
  private get delay(): number {
    const { quickest } = this.estimate;
    if (this.cursor === undefined || quickest === Infinity) return 0;
    return this.clock.now() - this.place(this.cursor) / this.unitsPerMillisecond - quickest;
  }

  private begin(packet: RtpPacket, now: number): void {
    this.reference = { timestamp: packet.timestamp, units: 0 };
    this.firstArrival = now;
  }

  /** A timestamp on a scale that does not wrap around. */
  private place(timestamp: number): number {
    const { reference } = this;
    if (reference === undefined) return 0;
    return reference.units + timestampDistance(reference.timestamp, timestamp);
  }

  private isLate(packet: RtpPacket): boolean {
    return this.cursor !== undefined && timestampDistance(this.cursor, packet.timestamp) < 0;
  }

  private insert(packet: RtpPacket): void {
    const { packets, counts } = this;
    let index = packets.length;
    for (; index > 0; index -= 1) {
      const before = packets[index - 1];
      const distance = before === undefined ? 1 : timestampDistance(before.timestamp, packet.timestamp);
      if (distance > 0) break;
      if (distance === 0) {
        counts.duplicated += 1;
        return;
      }
    }
    if (index < packets.length) counts.reordered += 1;
    else this.reference = { timestamp: packet.timestamp, units: this.place(packet.timestamp) };
    packets.splice(index, 0, packet);
    if (packets.length <= this.options.capacity) return;
    packets.shift();
    counts.dropped += 1;
  }

  private takeElsewhere(packet: RtpPacket): void {
    const { suspect } = this;
    this.suspect = packet;
    if (suspect === undefined || sequenceDistance(suspect.sequenceNumber, packet.sequenceNumber) !== 1) return;
    this.follow(suspect);
    this.put(packet);
  }

  /** Begins anew with this packet. */
  private follow(packet: RtpPacket): void {
    this.counts.jumps += 1;
    this.reset();
    this.put(packet);
  }

  /** Moves on past what holds no sound, once all before it is played. */
  private passSilent(): void {
    const { passed, lastSequence } = this;
    if (passed === undefined || lastSequence === undefined) return;
    const next = this.packets[0];
    if (next !== undefined && sequenceDistance(passed, next.sequenceNumber) <= 0) return;
    this.passed = undefined;
    if (sequenceDistance(lastSequence, passed) <= 0) return;
    this.lastSequence = passed;
    this.concealing = longestConcealment;
  }

  private mayBegin(): boolean {
    return this.packets.length > 0 && this.clock.now() - this.firstArrival >= this.target;
  }

  /** Leaves out the pause before the next packet, or the packet, where the delay is longer than it has to be. */
  private shorten(): void {
    const now = this.clock.now();
    for (;;) {
      const { cursor, delay } = this;
      const first = this.packets[0];
      if (first === undefined || cursor === undefined) return;
      const excess = delay - this.target;
      const tooLong = delay > this.options.maximumDelay + slack;
      if (excess <= slack || (!tooLong && now - this.lastShortened < shorteningInterval)) return;
      const isPause = timestampDistance(cursor, first.timestamp) > 0;
      const next = isPause ? first : this.packets[1];
      if (next === undefined || timestampDistance(cursor, next.timestamp) / this.unitsPerMillisecond > excess) return;
      this.cursor = next.timestamp;
      this.lastShortened = now;
      if (isPause) continue;
      this.packets.shift();
      this.lastSequence = first.sequenceNumber;
      this.counts.dropped += 1;
    }
  }

  /** Nothing is held. What comes next may be late, then it is waited for as long as the delay may grow. */
  private missing(units: number): Playout {
    if (this.delay >= this.target) this.skip(units);
    return this.concealing < longestConcealment ? this.conceal(units) : { kind: 'silence', units };
  }

  /** The next packet is not yet due. Between it and the one before, packets were lost, or the sender paused. */
  private gap(next: RtpPacket, ahead: number, wanted: number): Playout {
    const units = Math.min(ahead, wanted);
    const grows = this.delay < this.target;
    if (!grows) this.skip(units);
    const paused = this.lastSequence === undefined || sequenceDistance(this.lastSequence, next.sequenceNumber) === 1;
    if (paused || this.concealing >= longestConcealment) return { kind: 'silence', units };
    return this.conceal(units, !grows && units === ahead ? next : undefined);
  }

  private conceal(units: number, next?: RtpPacket): Playout {
    const milliseconds = units / this.unitsPerMillisecond;
    this.concealing += milliseconds;
    this.counts.concealed += milliseconds;
    return { kind: 'conceal', units, next };
  }
}
