import { isIpv6Address, isUnspecified } from '@switchhook/sip';
import type { MediaCapability, MediaFormat, MediaSecurity, SipContext } from '@switchhook/sip';
import type { AudioCodec } from '../audio.ts';
import { defaultJitterBufferOptions, type JitterBufferOptions } from '../rtp/jitter-buffer.ts';
import { AudioSession } from './audio-session.ts';
import { AudioStream, type StreamSetting } from './audio-stream.ts';
import type { DatagramNetwork } from './datagram-network.ts';
import { defaultFrameTime, Pacer } from './pacer.ts';
import { defaultPortRange, PortPairs, type PortRange } from './port-pair.ts';
import { cryptoSuiteNames } from '../srtp/crypto-suite.ts';
import { UdpNetwork } from './udp-network.ts';

/** What all streams of an engine have in common: codecs, ports, addresses and clocks. */
export interface AudioEngineOptions {
  /** What is offered, best first. */
  readonly codecs: readonly AudioCodec[];
  /** The sockets of this machine by default. */
  readonly network?: DatagramNetwork | undefined;
  /** The address that ports are opened on; `0.0.0.0` by default, for all of IPv4. */
  readonly address?: string | undefined;
  /** What others are told to send to, where it is not the address of this machine: behind a NAT that maps the ports. */
  readonly advertisedAddress?: string | undefined;
  readonly ports?: PortRange | undefined;
  readonly jitterBuffer?: Partial<JitterBufferOptions> | undefined;
  /**
   * Milliseconds of sound that are moved at a time, 20 without it: sources are read and sinks are written so much at once, and
   * no packet is shorter. More costs less, and sound comes so much later.
   */
  readonly frameTime?: number | undefined;
  /**
   * Whether silence is sent where there is no source, as by a telephone; it is, without this. Who answers strangers should say
   * no, and set a source once they have acknowledged: until then nobody knows whether the address is theirs.
   */
  readonly sendsSilence?: boolean | undefined;
  /** How streams are protected where the session of a call does not say otherwise; `none` by default. */
  readonly security?: MediaSecurity | undefined;
}

/** What an engine holds; all zeros but `skippedFrames` once it is stopped. */
export interface AudioEngineStats {
  /** Streams that are open, each with its pair of ports. */
  readonly streams: number;
  /** Streams that are served every frame time. */
  readonly paced: number;
  /** Frames that were left out in all, because the machine stood still. */
  readonly skippedFrames: number;
}

/**
 * Sound over RTP for any number of calls: one engine a phone, one {@link AudioSession} a call. All streams share one
 * timer. Nothing is opened before a call asks for a stream; {@link stop} closes all that is open.
 */
export class AudioEngine {
  private readonly context: SipContext;
  private readonly options: AudioEngineOptions;
  private readonly network: DatagramNetwork;
  private readonly address: string;
  private readonly ports: PortPairs;
  private readonly frameTime: number;
  private readonly pacer: Pacer;
  private readonly streams = new Set<AudioStream>();
  private stopped = false;

  constructor(context: SipContext, options: AudioEngineOptions) {
    this.context = context;
    this.options = options;
    this.network = options.network ?? new UdpNetwork();
    this.address = options.address ?? '0.0.0.0';
    this.ports = new PortPairs(this.network, context.random, this.address, options.ports ?? defaultPortRange);
    this.frameTime = options.frameTime ?? defaultFrameTime;
    this.pacer = new Pacer(context.clock, this.frameTime);
  }

  /**
   * The media of one call, to be given to its session. `security` is that of the engine where it is not given: a call by
   * a sips URI may ask for more.
   */
  session(security: MediaSecurity = this.options.security ?? 'none'): AudioSession {
    const capability = this.capability(security);
    const { cryptoSuites } = capability;
    const canonicalName = this.context.random.token();
    return new AudioSession({
      capabilities: [capability],
      createStream: (remote, user) => this.createStream(remote, { cryptoSuites, canonicalName, user }),
    });
  }

  /** Closes every stream of every session, and opens no more. */
  stop(): void {
    this.stopped = true;
    for (const stream of this.streams) stream.close();
  }

  stats(): AudioEngineStats {
    return { streams: this.ports.open, paced: this.pacer.size, skippedFrames: this.pacer.skipped };
  }

  private capability(security: MediaSecurity): MediaCapability {
    return {
      kind: 'audio',
      formats: formatsOf(this.options.codecs),
      security,
      cryptoSuites: security === 'none' ? [] : cryptoSuiteNames,
      packetTime: this.frameTime,
    };
  }

  private async createStream(
    remote: string | undefined,
    { user, ...call }: Pick<StreamSetting, 'cryptoSuites' | 'canonicalName' | 'user'>,
  ): Promise<AudioStream | undefined> {
    const { context, frameTime, options, pacer, ports } = this;
    const setting: StreamSetting = {
      ...call,
      context,
      sendsSilence: options.sendsSilence ?? true,
      ports,
      pacer,
      frameTime,
      codecs: options.codecs,
      jitterBuffer: { ...defaultJitterBufferOptions, ...options.jitterBuffer },
      address: options.advertisedAddress ?? (await this.localAddress(remote)),
      user: {
        trusts: (other) => user.trusts(other),
        digit: (digit) => user.digit(digit),
        closed: (stream) => {
          this.streams.delete(stream);
          user.closed(stream);
        },
      },
    };
    const stream = new AudioStream(setting);
    this.streams.add(stream);
    if (!this.stopped && (await stream.start())) return stream;
    this.streams.delete(stream);
    return undefined;
  }

  private localAddress(remote: string | undefined): Promise<string> {
    if (!isUnspecified(this.address)) return Promise.resolve(this.address);
    return this.network.localAddress(remote, isIpv6Address(this.address));
  }
}

/** Payload types from here on are given out (RFC 3551 6). */
const firstDynamic = 96;

/** The clock rate that every phone with digits knows (RFC 4733 2.4), whatever its voice has. */
const usualEventRate = 8_000;

/** The codecs, then telephone-event once for each of their clock rates (RFC 4733 7.1.1), and for the usual one. */
function formatsOf(codecs: readonly AudioCodec[]): MediaFormat[] {
  let dynamic = firstDynamic;
  const formats: MediaFormat[] = codecs.map(({ encoding, payloadType, clockRate, channels, parameters }) => {
    const format = { payloadType: payloadType ?? dynamic, encoding, clockRate, channels };
    if (payloadType === undefined) dynamic += 1;
    return parameters === undefined ? format : { ...format, parameters };
  });
  for (const clockRate of new Set([...codecs.map((codec) => codec.clockRate), usualEventRate])) {
    formats.push({ payloadType: dynamic, encoding: 'telephone-event', clockRate, channels: 1, parameters: '0-15' });
    dynamic += 1;
  }
  return formats;
}
