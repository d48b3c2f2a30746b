import type { RtpHeader } from './rtp-packet.ts';

/** What a report block says of a source (RFC 3550 6.4.1). */
export interface ReceptionReport {
  /** Of what was expected since the report before, the part that was lost, in 256ths. */
  readonly fractionLost: number;
  /** Packets lost in all, 24 bits with a sign: duplicates make it fall. */
  readonly cumulativeLost: number;
  readonly highestSequence: number;
  /** In units of the clock rate. */
  readonly jitter: number;
}

const sequenceModulus = 0x1_0000;
const maximumDropout = 3_000;
const maximumMisorder = 100;
const noBadSequence = sequenceModulus + 1;

/** One synchronization source as it is heard: validity of its sequence, losses, jitter (RFC 3550 A.1, A.3, A.8). */
export class SourceStatistics {
  readonly ssrc: number;
  received = 0;
  octets = 0;
  private readonly clockRate: number;
  private baseSequence: number;
  private maximumSequence: number;
  private cycles = 0;
  private badSequence = noBadSequence;
  private expectedPrior = 0;
  private receivedPrior = 0;
  private transit: number | undefined = undefined;
  private jitterEstimate = 0;

  /** `first` is the packet that the source is known by; it is counted by {@link update} like all others. */
  constructor(first: RtpHeader, clockRate: number) {
    this.ssrc = first.ssrc;
    this.clockRate = clockRate;
    this.baseSequence = first.sequenceNumber;
    this.maximumSequence = first.sequenceNumber;
  }

  /**
   * Counts a packet that came at `now` milliseconds. False where its sequence number is nowhere near the others: then
   * the packet is not to be used. Two such in a row are a source that started anew. `isTimed` says that its timestamp
   * tells when it was sent, which that of an event does not (RFC 4733 2.5.1.2).
   */
  update(header: RtpHeader, octets: number, now: number, isTimed: boolean): boolean {
    if (!this.updateSequence(header.sequenceNumber)) return false;
    this.received += 1;
    this.octets += octets;
    if (isTimed) this.updateJitter(header.timestamp, now);
    return true;
  }

  get expected(): number {
    return this.extendedSequence - this.baseSequence + 1;
  }

  /** Packets that are missing; never negative, other than what a report says. */
  get lost(): number {
    return Math.max(0, this.expected - this.received);
  }

  /** Milliseconds. */
  get jitter(): number {
    return (this.jitterEstimate * 1_000) / this.clockRate;
  }

  /** The numbers for a report, of which the fraction starts again with each. */
  report(): ReceptionReport {
    const { expected, received } = this;
    const expectedInterval = expected - this.expectedPrior;
    const lostInterval = expectedInterval - (received - this.receivedPrior);
    this.expectedPrior = expected;
    this.receivedPrior = received;
    return {
      fractionLost:
        expectedInterval === 0 || lostInterval <= 0 ? 0 : Math.floor((lostInterval * 256) / expectedInterval),
      cumulativeLost: Math.min(0x7f_ffff, Math.max(-0x80_0000, expected - received)),
      highestSequence: this.extendedSequence % 0x1_0000_0000,
      jitter: Math.floor(this.jitterEstimate),
    };
  }

  private get extendedSequence(): number {
    return this.cycles + this.maximumSequence;
  }

  private updateSequence(sequence: number): boolean {
    const delta = (sequence - this.maximumSequence) & 0xffff;
    if (delta < maximumDropout) {
      if (sequence < this.maximumSequence) this.cycles += sequenceModulus;
      this.maximumSequence = sequence;
    } else if (delta <= sequenceModulus - maximumMisorder) {
      if (sequence !== this.badSequence) {
        this.badSequence = (sequence + 1) & 0xffff;
        return false;
      }
      this.restart(sequence);
    }
    return true;
  }

  private restart(sequence: number): void {
    this.baseSequence = sequence;
    this.maximumSequence = sequence;
    this.badSequence = noBadSequence;
    this.cycles = 0;
    this.received = 0;
    this.receivedPrior = 0;
    this.expectedPrior = 0;
  }

  private updateJitter(timestamp: number, now: number): void {
    const arrival = Math.round((now * this.clockRate) / 1_000);
    const transit = (arrival - timestamp) | 0;
    if (this.transit !== undefined) {
      const difference = Math.abs((transit - this.transit) | 0);
      this.jitterEstimate += (difference - this.jitterEstimate) / 16;
    }
    this.transit = transit;
  }
}
