import { canonicalHost } from '@switchhook/sip';
import type { CryptoAttribute, MediaDirection, MediaStream, SipContext, StreamAgreement } from '@switchhook/sip';
import type { AudioCodec, AudioSink, AudioSource } from '../audio.ts';
import type { JitterBufferOptions } from '../rtp/jitter-buffer.ts';
import { parseRtpPacket } from '../rtp/rtp-packet.ts';
import { FloodGate } from './flood-gate.ts';
import type { Pacer, Paced } from './pacer.ts';
import type { PortPair, PortPairs } from './port-pair.ts';
import { Receiver, type ReceiveFormat } from './receiver.ts';
import { SourceLock } from './source-lock.ts';
import type { DroppedPackets, StreamStats } from './stream-stats.ts';
import { Transmitter } from './transmitter.ts';

/** Whom a stream tells. */
export interface StreamUser {
  digit(digit: string): void;
  closed(stream: AudioStream): void;
}

/** What a stream gets from its engine. */
export interface StreamSetting {
  readonly context: SipContext;
  readonly codecs: readonly AudioCodec[];
  readonly ports: PortPairs;
  readonly pacer: Pacer;
  readonly jitterBuffer: JitterBufferOptions;
  /** What c= says. */
  readonly address: string;
  readonly user: StreamUser;
}

/** RTP was there when the last packet is not older than this, in milliseconds. */
const flowingTime = 200;

/** Sound between two ports. */
export class AudioStream implements MediaStream, Paced {
  readonly crypto: readonly CryptoAttribute[] = [];
  private readonly setting: StreamSetting;
  private readonly transmitter: Transmitter;
  private readonly receiver: Receiver;
  private readonly lock = new SourceLock();
  private readonly gate: FloodGate;
  private readonly dropped: DroppedPackets = {
    strangers: 0,
    malformed: 0,
    unauthentic: 0,
    unknownFormat: 0,
    outOfSequence: 0,
    unwanted: 0,
    flood: 0,
    looped: 0,
  };
  private ports: PortPair | undefined = undefined;
  private agreement: StreamAgreement | undefined = undefined;
  private receiving = false;
  private lastSent = -Infinity;
  private lastReceived = -Infinity;
  private sentPackets = 0;
  private sentOctets = 0;
  private receivedPackets = 0;
  private receivedOctets = 0;

  constructor(setting: StreamSetting) {
    const { context } = setting;
    this.setting = setting;
    this.gate = new FloodGate(context.clock);
    this.transmitter = new Transmitter(context.random, (packet) => this.send(packet));
    this.receiver = new Receiver(context.clock, setting.jitterBuffer, (digit) => setting.user.digit(digit));
  }

  /** Opens the ports. False when there are none. */
  async start(): Promise<boolean> {
    this.ports = await this.setting.ports.take(
      (data, address, port) => this.received(data, address, port),
      () => undefined,
    );
    return this.ports !== undefined;
  }

  get local(): MediaStream['local'] {
    const { media, control } = this.ports ?? {};
    return { address: this.setting.address, port: media?.port ?? 0, controlPort: control?.port ?? 0 };
  }

  /** Where sound to send comes from; silence is sent where there is none. It stays its owner's: nothing closes it here. */
  get source(): AudioSource | undefined {
    return this.transmitter.source;
  }

  set source(source: AudioSource | undefined) {
    this.transmitter.source = source;
  }

  /** Where sound that comes goes to: a frame every 20 ms from the first agreement on, silent where nothing is heard. */
  get sink(): AudioSink | undefined {
    return this.receiver.sink;
  }

  set sink(sink: AudioSink | undefined) {
    this.receiver.sink = sink;
  }

  /** What was agreed; undefined before. */
  get direction(): MediaDirection | undefined {
    return this.agreement?.direction;
  }

  /** In which direction RTP really went within the last 200 ms. */
  get flowing(): MediaDirection {
    const since = this.setting.context.clock.now() - flowingTime;
    const sends = this.lastSent > since;
    if (this.lastReceived > since) return sends ? 'sendrecv' : 'recvonly';
    return sends ? 'sendonly' : 'inactive';
  }

  apply(agreement: StreamAgreement): void {
    if (this.ports === undefined) return;
    const { direction, remote, send, receive } = agreement;
    const isFirst = this.agreement === undefined;
    this.agreement = agreement;
    this.lock.expect(remote.address, remote.port);
    const codec = this.codecOf(send.encoding, send.clockRate);
    if (codec !== undefined) {
      this.transmitter.use({
        codec,
        payloadType: send.payloadType,
        eventPayloadType: agreement.sendEvents,
        packetTime: packetTimeOf(codec, agreement.packetTime),
      });
    }
    this.receiver.use(this.receiveFormats(receive));
    this.receiving = direction === 'sendrecv' || direction === 'recvonly';
    if (!this.receiving) this.receiver.mute();
    this.transmitter.sending =
      codec !== undefined && (direction === 'sendrecv' || direction === 'sendonly') && isReachable(remote);
    if (!this.transmitter.sending || agreement.sendEvents === undefined) this.transmitter.events.clear();
    if (isFirst) this.setting.pacer.add(this);
  }

  tick(_now: number, skipped: number): void {
    this.transmitter.tick(skipped);
    this.receiver.tick(skipped);
  }

  /** Whether so many digits may be sent now, behind those that wait. */
  takesDigits(count: number, limit: number): boolean {
    const { events, sending } = this.transmitter;
    return sending && this.agreement?.sendEvents !== undefined && events.waiting + count <= limit;
  }

  /** Sends a digit behind those that wait. Resolves with whether all of it was sent. */
  sendDigit(digit: string, duration: number): Promise<boolean> {
    return new Promise((resolve) => this.transmitter.events.add(digit, duration, resolve));
  }

  stats(): StreamStats {
    const { statistics, level, undecodable } = this.receiver;
    return {
      sent: { packets: this.sentPackets, octets: this.sentOctets, level: this.transmitter.level },
      received: {
        packets: this.receivedPackets,
        octets: this.receivedOctets,
        lost: statistics?.lost ?? 0,
        jitter: statistics?.jitter ?? 0,
        level,
        undecodable,
      },
      jitterBuffer: this.receiver.bufferStats(),
      dropped: { ...this.dropped },
    };
  }

  close(): void {
    const { ports } = this;
    if (ports === undefined) return;
    this.ports = undefined;
    this.setting.pacer.remove(this);
    this.transmitter.close();
    this.receiver.close();
    this.setting.ports.release(ports);
    this.setting.user.closed(this);
  }

  private codecOf(encoding: string, clockRate: number): AudioCodec | undefined {
    const name = encoding.toLowerCase();
    return this.setting.codecs.find((codec) => codec.encoding.toLowerCase() === name && codec.clockRate === clockRate);
  }

  private receiveFormats(formats: StreamAgreement['receive']): Map<number, ReceiveFormat> {
    const known = new Map<number, ReceiveFormat>();
    for (const { payloadType, encoding, clockRate } of formats) {
      const codec = this.codecOf(encoding, clockRate);
      const isEvent = encoding.toLowerCase() === 'telephone-event';
      if (codec !== undefined || isEvent) known.set(payloadType, { codec, clockRate });
    }
    return known;
  }

  private send(packet: Uint8Array): void {
    const { target } = this.lock;
    if (target === undefined) return;
    this.lastSent = this.setting.context.clock.now();
    this.sentPackets += 1;
    this.sentOctets += packet.length;
    this.ports?.media.send(packet, target.port, target.address);
  }

  private received(data: Uint8Array, from: string, port: number): void {
    const { dropped, lock } = this;
    const now = this.setting.context.clock.now();
    const address = canonicalHost(from);
    if (!this.gate.admits()) dropped.flood += 1;
    else if (!lock.mayBe(address, port, false, now)) dropped.strangers += 1;
    else {
      const packet = parseRtpPacket(data);
      if (typeof packet === 'string') dropped.malformed += 1;
      else if (!this.receiver.knows(packet.payloadType)) dropped.unknownFormat += 1;
      else if (packet.ssrc === this.transmitter.sender.ssrc) dropped.looped += 1;
      else if (!lock.take(address, port, { ...packet, authenticated: false }, now)) dropped.strangers += 1;
      else if (!this.receiving) dropped.unwanted += 1;
      else if (this.receiver.receive(packet) !== 'used') dropped.outOfSequence += 1;
      else {
        this.lastReceived = now;
        this.receivedPackets += 1;
        this.receivedOctets += packet.payload.length;
      }
    }
  }
}

/** The longest time that the codec has and the far end wishes, or the codec's shortest. */
function packetTimeOf(codec: AudioCodec, wish: number): number {
  const [shortest = 20] = codec.packetTimes;
  return codec.packetTimes.reduce((best, time) => (time <= wish && time > best ? time : best), shortest);
}

const unspecified = new Set([canonicalHost('0.0.0.0'), canonicalHost('::')]);

/** Nothing is sent to port 0, nor to the unspecified address, with which RFC 2543 put a call on hold. */
function isReachable({ address, port }: StreamAgreement['remote']): boolean {
  return port !== 0 && !unspecified.has(canonicalHost(address));
}
