import { canonicalHost } from '@switchhook/sip';
import type { Clock, StreamAgreement } from '@switchhook/sip';
import { parseRtpPacket, type RtpPacket } from '../rtp/rtp-packet.ts';
import { FloodGate } from './flood-gate.ts';
import type { Receiver } from './receiver.ts';
import type { RtcpSession } from './rtcp-session.ts';
import type { RtpSender } from './rtp-sender.ts';
import { isAt, SourceLock, type Endpoint } from './source-lock.ts';
import type { StreamSecurity } from './stream-security.ts';
import { nothingDropped, type DroppedPackets } from './stream-stats.ts';

/** Whom packets are for. */
export interface IntakeParts {
  readonly security: StreamSecurity;
  readonly sender: RtpSender;
  readonly receiver: Receiver;
  readonly rtcp: RtcpSession;
  /** Which addresses may be sent to from which nothing has come yet. */
  trusts(address: string): boolean;
}

/** The types of RTCP where it shares a port with RTP (RFC 5761 4). */
const firstControlType = 192;
const lastControlType = 223;

/** Tells RTCP from RTP on a port of both. */
export function isControl(data: Uint8Array): boolean {
  const type = data[1] ?? 0;
  return type >= firstControlType && type <= lastControlType;
}

/**
 * What comes to the ports of a stream: everything is dropped, and counted by its reason, but what the far end sent
 * by the agreement.
 */
export class PacketIntake {
  readonly dropped: DroppedPackets = nothingDropped();
  packets = 0;
  octets = 0;
  /** When the last packet came that was of use. */
  lastUsed = -Infinity;
  /** When RTCP of the far end came last that did not say goodbye. */
  lastReported = -Infinity;
  private readonly clock: Clock;
  private readonly parts: IntakeParts;
  private readonly lock = new SourceLock();
  private readonly gate: FloodGate;
  private readonly controlGate: FloodGate;
  /** For those who may still show that they are the far end: they take nothing from whoever has. */
  private readonly newcomers: FloodGate;
  private multiplexed = false;
  /** Where RTCP of the far end comes from; signalled, or seen since. */
  private controlEndpoint: Endpoint | undefined = undefined;
  private signalledControl: Endpoint | undefined = undefined;
  /** From which address RTCP came by this agreement. */
  private controlAddress: string | undefined = undefined;
  /** From where our own source came back last: a loop, if it does so again (RFC 3550 8.2). */
  private conflict: Endpoint | undefined = undefined;

  constructor(clock: Clock, parts: IntakeParts) {
    this.clock = clock;
    this.parts = parts;
    this.gate = new FloodGate(clock);
    this.controlGate = new FloodGate(clock);
    this.newcomers = new FloodGate(clock);
  }

  /** Takes packets by this agreement. */
  expect(remote: StreamAgreement['remote'], multiplexed: boolean): void {
    this.multiplexed = multiplexed;
    const control = { address: canonicalHost(remote.controlAddress ?? remote.address), port: remote.controlPort };
    const isNew = this.lock.expect(remote.address, remote.port, this.clock.now());
    if (isNew || !isAt(this.signalledControl, control.address, control.port)) {
      this.signalledControl = control;
      this.controlEndpoint = control;
    }
    if (!isNew) return;
    this.controlAddress = undefined;
    this.conflict = undefined;
  }

  /** Where to send RTP to; undefined before there is an agreement, and while nothing has shown that the far end is there. */
  get mediaTarget(): Endpoint | undefined {
    const { target } = this.lock;
    return target !== undefined && this.isThere(target) ? target : undefined;
  }

  /** Where to send RTCP to, as {@link mediaTarget}. */
  get controlTarget(): Endpoint | undefined {
    if (this.multiplexed) return this.mediaTarget;
    const { controlEndpoint } = this;
    return controlEndpoint !== undefined && this.isThere(controlEndpoint) ? controlEndpoint : undefined;
  }

  /** True for an address that is known to be the far end's: by whom it is, or because RTP or RTCP has come from it. */
  private isThere({ address }: Endpoint): boolean {
    const { lock, controlAddress, parts } = this;
    return parts.trusts(address) || controlAddress === address || (lock.isLocked && lock.target?.address === address);
  }

  /** A datagram came to the port of RTP. */
  media(data: Uint8Array, address: string, port: number): void {
    const { dropped, lock, parts } = this;
    const now = this.clock.now();
    const hasKeys = parts.security.state === 'protected';
    if (!lock.mayBe(address, port, hasKeys, now)) dropped.strangers += 1;
    else if (!(lock.expects(address, port) ? this.gate : this.newcomers).admits()) dropped.flood += 1;
    else {
      const packet = this.open(data);
      if (packet === undefined) return;
      if (!lock.take(address, port, packet, hasKeys, now)) dropped.strangers += 1;
      else if (packet.ssrc === parts.sender.ssrc) this.collide({ address, port });
      else this.use(packet, now);
    }
  }

  /** A datagram of RTCP came. */
  control(data: Uint8Array, address: string, port: number): void {
    const { dropped, parts } = this;
    if (!this.isControlSource(address, port)) dropped.strangers += 1;
    else if (!this.controlGate.admits()) dropped.flood += 1;
    else {
      const packet = parts.security.unprotectRtcp(data);
      if (packet === undefined) {
        dropped.unauthentic += 1;
        return;
      }
      const result = parts.rtcp.receive(packet);
      if (result === 'looped') dropped.looped += 1;
      else if (result !== 'used') dropped.malformed += 1;
      else {
        if (!parts.rtcp.remoteLeft) this.lastReported = this.clock.now();
        this.controlAddress = address;
        if (!this.multiplexed) this.controlEndpoint = { address, port };
      }
    }
  }

  /** The packet in a datagram, or undefined when it was dropped. */
  private open(data: Uint8Array): RtpPacket | undefined {
    const { dropped, parts } = this;
    if (parts.security.state === 'unusable') {
      dropped.unauthentic += 1;
      return undefined;
    }
    const bytes = parts.security.unprotectRtp(data);
    if (bytes === undefined) {
      dropped.unauthentic += 1;
      return undefined;
    }
    const packet = parseRtpPacket(bytes);
    if (typeof packet === 'string') {
      dropped.malformed += 1;
      return undefined;
    }
    if (parts.receiver.knows(packet.payloadType)) return packet;
    dropped.unknownFormat += 1;
    return undefined;
  }

  private use(packet: RtpPacket, now: number): void {
    const { dropped, parts } = this;
    parts.rtcp.heardMedia(packet.ssrc);
    if (!parts.receiver.listening) {
      dropped.unwanted += 1;
      return;
    }
    const reception = parts.receiver.receive(packet);
    if (reception === 'unknown-format') dropped.unknownFormat += 1;
    else if (reception !== 'used') dropped.outOfSequence += 1;
    else {
      this.lastUsed = now;
      this.packets += 1;
      this.octets += packet.payload.length;
    }
  }

  /** RTCP comes from where it was signalled, or from the address that RTP comes from. */
  private isControlSource(address: string, port: number): boolean {
    const { lock, controlEndpoint } = this;
    const media = lock.target;
    if (this.multiplexed) return isAt(media, address, port);
    return media?.address === address || isAt(controlEndpoint, address, port);
  }

  /** The far end has our number, or sends back what it gets: we take another, once (RFC 3550 8.2). */
  private collide(from: Endpoint): void {
    this.dropped.looped += 1;
    if (isAt(this.conflict, from.address, from.port)) return;
    this.conflict = from;
    this.parts.rtcp.goodbye();
    this.parts.sender.renew();
  }
}
