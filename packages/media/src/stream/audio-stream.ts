import { canonicalHost } from '@switchhook/sip';
import type { CryptoAttribute, MediaDirection, MediaStream, SipContext, StreamAgreement } from '@switchhook/sip';
import type { AudioCodec, AudioSink, AudioSource } from '../audio.ts';
import type { JitterBufferOptions } from '../rtp/jitter-buffer.ts';
import { createSdesKeys } from '../srtp/sdes-key.ts';
import { isControl, PacketIntake } from './packet-intake.ts';
import type { Pacer, Paced } from './pacer.ts';
import type { PortPair, PortPairs } from './port-pair.ts';
import { Receiver, type ReceiveFormat } from './receiver.ts';
import { RtcpSession, type ReportedStream } from './rtcp-session.ts';
import { RtpSender } from './rtp-sender.ts';
import { StreamSecurity } from './stream-security.ts';
import type { StreamStats } from './stream-stats.ts';
import { Transmitter } from './transmitter.ts';

/** Whom a stream tells. */
export interface StreamUser {
  /** Which addresses may be sent to from which nothing has come yet. */
  trusts(address: string): boolean;
  digit(digit: string): void;
  closed(stream: AudioStream): void;
}

/** What a stream gets from its engine. */
export interface StreamSetting {
  readonly context: SipContext;
  readonly codecs: readonly AudioCodec[];
  readonly ports: PortPairs;
  readonly pacer: Pacer;
  /** Milliseconds of sound that are moved at a time. */
  readonly frameTime: number;
  readonly jitterBuffer: JitterBufferOptions;
  /** Whether silence is sent where there is no source. */
  readonly sendsSilence: boolean;
  /** What c= says. */
  readonly address: string;
  /** Suites to make keys for. */
  readonly cryptoSuites: readonly string[];
  /** What RTCP calls this side; the same for all streams of a call, and for no other call (RFC 7022). */
  readonly canonicalName: string;
  readonly user: StreamUser;
}

/** RTP was there when the last packet is not older than this, in milliseconds. */
const flowingTime = 200;

/** Milliseconds without RTP of this side after which a packet without sound goes, where RTCP has a port of its own (RFC 6263). */
const keepAliveTime = 15_000;

/** Sound between two ports of this side and two of the far end. */
export class AudioStream implements MediaStream, Paced {
  readonly crypto: readonly CryptoAttribute[];
  private readonly setting: StreamSetting;
  private readonly security = new StreamSecurity();
  private readonly transmitter: Transmitter;
  private readonly receiver: Receiver;
  private readonly rtcp: RtcpSession;
  private readonly intake: PacketIntake;
  private ports: PortPair | undefined = undefined;
  private closed = false;
  private agreement: StreamAgreement | undefined = undefined;
  /** False while there is nowhere to send to. */
  private isReachable = false;
  /** The agreement lets this side send, and there is somewhere to send to. */
  private maySend = false;
  private lastSent = -Infinity;
  /** When the binding of a NAT on the way was known to stand last. */
  private keptOpen = 0;
  private sentOctets = 0;

  constructor(setting: StreamSetting) {
    const { clock, random } = setting.context;
    this.setting = setting;
    this.crypto = createSdesKeys(random, setting.cryptoSuites);
    const sender = new RtpSender(random, (packet, length) => this.security.protectRtp(packet, length));
    this.transmitter = new Transmitter(sender, setting.frameTime, (packet) => this.send(packet));
    this.receiver = new Receiver(clock, setting.frameTime, setting.jitterBuffer, (digit) => setting.user.digit(digit));
    this.rtcp = new RtcpSession(
      clock,
      random,
      setting.canonicalName,
      new ReportedSound(this.transmitter, this.receiver, (packet, length) => this.sendControl(packet, length)),
    );
    this.intake = new PacketIntake(clock, {
      security: this.security,
      sender,
      receiver: this.receiver,
      rtcp: this.rtcp,
      trusts: (address) => setting.user.trusts(address),
    });
  }

  /** Opens the ports. False when there are none, or it was closed meanwhile. */
  async start(): Promise<boolean> {
    const ports = await this.setting.ports.take(
      (data, address, port) => this.receiveMedia(data, canonicalHost(address), port),
      (data, address, port) => this.intake.control(data, canonicalHost(address), port),
    );
    if (ports !== undefined && this.closed) this.setting.ports.release(ports);
    else this.ports = ports;
    return this.ports !== undefined;
  }

  get local(): MediaStream['local'] {
    const { media, control } = this.ports ?? {};
    return { address: this.setting.address, port: media?.port ?? 0, controlPort: control?.port ?? 0 };
  }

  /**
   * Where sound to send comes from: read every 20 ms while the agreement lets this side send, and not at all while it does
   * not. Silence is sent where there is none, unless the engine was told otherwise. It stays its owner's: nothing closes it here.
   */
  get source(): AudioSource | undefined {
    return this.transmitter.source;
  }

  set source(source: AudioSource | undefined) {
    this.transmitter.source = source;
    this.decideSending();
  }

  /**
   * Where sound that comes goes to: a frame every 20 ms while the agreement lets the far end send, silent where nothing
   * comes, and nothing at all while it does not. It stays its owner's, too.
   */
  get sink(): AudioSink | undefined {
    return this.receiver.sink;
  }

  set sink(sink: AudioSink | undefined) {
    this.receiver.sink = sink;
  }

  /** What was agreed on last; undefined before. */
  get agreed(): StreamAgreement | undefined {
    return this.agreement;
  }

  /** Samples a second that its codec has; undefined before one is agreed. Sources and sinks of that rate cost least. */
  get sampleRate(): number | undefined {
    return this.transmitter.sampleRate;
  }

  /** In which direction RTP really went within the last 200 ms, from this side's view. */
  get flowing(): MediaDirection {
    const since = this.setting.context.clock.now() - flowingTime;
    const sends = this.lastSent > since;
    if (this.intake.lastUsed > since) return sends ? 'sendrecv' : 'recvonly';
    return sends ? 'sendonly' : 'inactive';
  }

  /** A far end that suppresses silence, or is muted, is there all the same while its reports come. */
  get lastReceived(): number {
    return Math.max(this.intake.lastUsed, this.intake.lastReported);
  }

  apply(agreement: StreamAgreement): void {
    if (this.ports === undefined) return;
    const { direction, remote, send, receive, crypto, multiplexed } = agreement;
    const isFirst = this.agreement === undefined;
    this.agreement = agreement;
    this.security.apply(crypto);
    this.intake.expect(remote, multiplexed);
    const codec = this.codecOf(send.encoding, send.clockRate);
    if (codec !== undefined) {
      this.transmitter.use({
        codec,
        payloadType: send.payloadType,
        events: agreement.sendEvents,
        packetTime: packetTimeOf(codec, agreement.packetTime),
      });
    }
    this.receiver.use(this.receiveFormats(receive));
    this.receiver.listening = direction === 'sendrecv' || direction === 'recvonly';
    this.isReachable = isReachable(remote) && this.security.state !== 'unusable';
    const sends = direction === 'sendrecv' || direction === 'sendonly';
    this.maySend = codec !== undefined && sends && this.isReachable;
    this.decideSending();
    if (!this.transmitter.sending || agreement.sendEvents === undefined) this.transmitter.events.clear();
    if (!isFirst) return;
    this.keptOpen = this.setting.context.clock.now();
    this.setting.pacer.add(this);
    this.rtcp.start();
  }

  private decideSending(): void {
    const hasSound = this.setting.sendsSilence || this.source !== undefined;
    this.transmitter.sending = this.maySend && hasSound && this.intake.mediaTarget !== undefined;
  }

  tick(now: number, skipped: number): void {
    // Something may have come from where nothing is sent to before.
    if (this.maySend && !this.transmitter.sending) this.decideSending();
    this.transmitter.tick(now, skipped);
    if (now - this.keptOpen >= keepAliveTime) this.keepOpen();
    this.receiver.tick(skipped);
  }

  /** Whoever is held, or only listens, has to be reached once sound comes again. */
  private keepOpen(): void {
    this.keptOpen = this.setting.context.clock.now();
    if (this.isReachable && this.agreement?.multiplexed === false) this.transmitter.sendNothing();
  }

  get isSending(): boolean {
    return this.transmitter.sending;
  }

  /** Whether the far end has agreed to get digits. */
  get knowsDigits(): boolean {
    return this.agreement?.sendEvents !== undefined;
  }

  /** Digits that are not yet sent. */
  get waitingDigits(): number {
    return this.transmitter.events.waiting;
  }

  /** Sends a digit behind those that wait. Resolves with whether all of it was sent. */
  sendDigit(digit: string, duration: number): Promise<boolean> {
    return new Promise((resolve) => this.transmitter.events.add(digit, duration, resolve));
  }

  stats(): StreamStats {
    const { statistics, level, undecodable } = this.receiver;
    const { roundTrip, remoteReport, remoteLeft } = this.rtcp;
    const clockRate = this.agreement?.send.clockRate ?? 0;
    return {
      sent: {
        packets: this.transmitter.sender.totalPackets,
        octets: this.sentOctets,
        level: this.transmitter.level,
        lost: remoteReport?.fractionLost,
        jitter: remoteReport && (remoteReport.jitter * 1_000) / clockRate,
      },
      received: {
        packets: this.intake.packets,
        octets: this.intake.octets,
        lost: statistics?.lost ?? 0,
        jitter: statistics?.jitter ?? 0,
        level,
        undecodable,
        left: remoteLeft,
      },
      control: { sent: this.rtcp.sent, received: this.rtcp.received },
      roundTrip,
      jitterBuffer: this.receiver.bufferStats(),
      dropped: { ...this.intake.dropped },
    };
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.setting.pacer.remove(this);
    this.rtcp.stop();
    this.maySend = false;
    this.transmitter.close();
    this.receiver.close();
    if (this.ports !== undefined) this.setting.ports.release(this.ports);
    this.ports = undefined;
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

  private receiveMedia(data: Uint8Array, address: string, port: number): void {
    if (this.agreement?.multiplexed === true && isControl(data)) this.intake.control(data, address, port);
    else this.intake.media(data, address, port);
  }

  private send(packet: Uint8Array): void {
    const target = this.intake.mediaTarget;
    if (target === undefined) return;
    this.lastSent = this.setting.context.clock.now();
    this.keptOpen = this.lastSent;
    this.sentOctets += packet.length;
    this.ports?.media.send(packet, target.port, target.address);
  }

  /** RTCP goes on while a stream is on hold (RFC 3264 5.1). */
  private sendControl(packet: Uint8Array, length: number): void {
    const target = this.intake.controlTarget;
    if (!this.isReachable || target === undefined || target.port === 0) return;
    const port = this.agreement?.multiplexed === true ? this.ports?.media : this.ports?.control;
    port?.send(packet.subarray(0, this.security.protectRtcp(packet, length)), target.port, target.address);
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

/** What a stream's RTCP says of it. */
class ReportedSound implements ReportedStream {
  readonly sendControl: ReportedStream['sendControl'];
  readonly #transmitter: Transmitter;
  readonly #receiver: Receiver;

  constructor(transmitter: Transmitter, receiver: Receiver, sendControl: ReportedStream['sendControl']) {
    this.sendControl = sendControl;
    this.#transmitter = transmitter;
    this.#receiver = receiver;
  }

  get ssrc(): number {
    return this.#transmitter.sender.ssrc;
  }

  get packets(): number {
    return this.#transmitter.sender.packets;
  }

  get octets(): number {
    return this.#transmitter.sender.octets;
  }

  get totalPackets(): number {
    return this.#transmitter.sender.totalPackets;
  }

  get remote(): ReportedStream['remote'] {
    return this.#receiver.statistics;
  }

  timestampAt(now: number): number {
    return this.#transmitter.timestampAt(now);
  }
}
