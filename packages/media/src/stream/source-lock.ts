import { canonicalHost } from '@switchhook/sip';
import { isPrivateAddress } from './private-address.ts';
import { sequenceDistance } from '../rtp/wrap-around.ts';

/** The locked source may be silent for so many milliseconds before another port of its address is listened to. */
const rebindingTime = 2_000;

/** What comes so many milliseconds after a change from where it came before was on its way. */
const changingTime = 2_000;

/** An address without brackets and a port. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

export function isAt(endpoint: Endpoint | undefined, address: string, port: number): boolean {
  return endpoint?.address === address && endpoint.port === port;
}

/** What a packet says that decides whether its sender is believed. */
export interface SourceEvidence {
  readonly sequenceNumber: number;
  readonly ssrc: number;
}

/**
 * From whom a stream takes packets, and to whom it sends them. The rule:
 *
 * 1. What comes from the address and port that were signalled is taken, always, and from then on nothing else is.
 * 2. Until then a sender behind a NAT may show itself. It is locked to, as if it had been signalled, when its packet is
 *    authenticated by SRTP; without keys, when two packets in sequence have come and it has either the signalled
 *    address and another port, or the signalled address is a private one (which nobody outside can have) and its own is
 *    not.
 * 3. When the locked sender has been silent for two seconds, another port of the same address may take its
 *    place in the same way: a NAT that bound anew.
 * 4. When something else is signalled, the sender that was locked may be heard for two seconds more, until the new one
 *    is; it proves nothing by that, and gets nothing any more.
 * 5. All others are strangers: their packets are dropped.
 *
 * Packets go to the sender that is locked (symmetric RTP, RFC 4961), to what was signalled before one is.
 */
export class SourceLock {
  private signalled: Endpoint | undefined = undefined;
  private locked: Endpoint | undefined = undefined;
  /** Who was locked before something else was signalled. */
  private former: Endpoint | undefined = undefined;
  private changed = 0;
  private lastHeard = 0;
  private candidate: (Endpoint & SourceEvidence) | undefined = undefined;

  /** What an agreement says. False where it says the same as before, which changes nothing. */
  expect(address: string, port: number, now: number): boolean {
    const canonical = canonicalHost(address);
    if (isAt(this.signalled, canonical, port)) return false;
    this.signalled = { address: canonical, port };
    this.former = this.locked ?? this.former;
    this.changed = now;
    this.locked = undefined;
    this.candidate = undefined;
    return true;
  }

  /** Where to send to. */
  get target(): Endpoint | undefined {
    return this.locked ?? this.signalled;
  }

  /** Whether packets have come from {@link target}. */
  get isLocked(): boolean {
    return this.locked !== undefined;
  }

  /** True when a packet from there may be taken, depending on what is in it. */
  mayBe(address: string, port: number, hasKeys: boolean, now: number): boolean {
    const { signalled, locked } = this;
    if (signalled === undefined) return false;
    if (isAt(signalled, address, port)) return true;
    if (locked !== undefined) {
      return locked.address === address && (locked.port === port || now - this.lastHeard >= rebindingTime);
    }
    if (this.isFormer(address, port, now)) return true;
    if (signalled.address === address || hasKeys) return true;
    return isPrivateAddress(signalled.address) && !isPrivateAddress(address);
  }

  /** True for where packets come from by all that is known: the other ones still have to show it. */
  expects(address: string, port: number): boolean {
    return isAt(this.signalled, address, port) || isAt(this.locked, address, port);
  }

  /**
   * Whether the packet of a sender that {@link mayBe} is taken. `authenticated` says that it was protected with the keys
   * of the call (RFC 3711).
   */
  take(address: string, port: number, evidence: SourceEvidence, authenticated: boolean, now: number): boolean {
    if (!this.isKnown(address, port)) {
      if (this.isFormer(address, port, now)) return true;
      if (!authenticated && !this.follows(address, port, evidence)) {
        const { ssrc, sequenceNumber } = evidence;
        this.candidate = { address, port, ssrc, sequenceNumber };
        return false;
      }
      this.locked = { address, port };
      this.candidate = undefined;
    }
    this.lastHeard = now;
    return true;
  }

  /** True for the one that is locked; the one that was signalled gets locked here. */
  private isKnown(address: string, port: number): boolean {
    if (isAt(this.locked, address, port)) return true;
    if (!isAt(this.signalled, address, port)) return false;
    this.locked = this.signalled;
    return true;
  }

  private isFormer(address: string, port: number, now: number): boolean {
    return this.locked === undefined && now - this.changed < changingTime && isAt(this.former, address, port);
  }

  /** Two packets in sequence (RFC 3550 A.1). */
  private follows(address: string, port: number, { ssrc, sequenceNumber }: SourceEvidence): boolean {
    const { candidate } = this;
    return (
      candidate !== undefined &&
      isAt(candidate, address, port) &&
      candidate.ssrc === ssrc &&
      sequenceDistance(candidate.sequenceNumber, sequenceNumber) === 1
    );
  }
}
