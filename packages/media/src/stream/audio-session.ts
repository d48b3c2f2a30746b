import { SwitchhookError } from '@switchhook/sip';
import type { MediaCapability, MediaEngine, MediaStream } from '@switchhook/sip';
import type { AudioSink, AudioSource } from '../audio.ts';
import { MediaError } from '../error.ts';
import { eventOfDigit } from '../rtp/telephone-event.ts';
import type { AudioStream, StreamUser } from './audio-stream.ts';

/** What became of digits that were to be sent. */
export type DigitsOutcome =
  | 'sent'
  /** There is no stream that may send, or too many digits wait. */
  | 'not-possible'
  /** The far end does not take events (RFC 4733). */
  | 'not-taken'
  /** The call was put on hold or ended before all were sent. */
  | 'interrupted';

/** Digits that may wait in one call; more are refused. */
const maximumDigits = 128;

/** What a session gets from its engine. */
export interface SessionSetting {
  readonly capabilities: readonly MediaCapability[];
  /** Opens a stream; undefined when there are no ports for it. */
  createStream(remote: string | undefined, user: StreamUser): Promise<AudioStream | undefined>;
}

/**
 * The sound of one call. To the session of a call it is its {@link MediaEngine}; to who made the call it is where sound
 * comes from and goes to. Set `source` and `sink` at any time, also before there is a stream: they hold for all
 * streams of the call, those to come included, and are nobody's to close but yours.
 */
export class AudioSession implements MediaEngine {
  readonly capabilities: readonly MediaCapability[];
  /** Hears each digit that the far end sends, once, when it begins: `0` to `9`, `*`, `#`, `A` to `D`. */
  onDigit: ((digit: string) => void) | undefined = undefined;
  /**
   * Which IP addresses may be sent to before anything has come from them; all without it. Whoever calls may name anybody's
   * address: to one that is not on this list nothing goes, RTP or RTCP, until a packet of either has come from there.
   */
  trusts: ((address: string) => boolean) | undefined = undefined;
  private readonly setting: SessionSetting;
  private readonly opened = new Set<AudioStream>();
  private currentSource: AudioSource | undefined = undefined;
  private currentSink: AudioSink | undefined = undefined;

  constructor(setting: SessionSetting) {
    this.setting = setting;
    this.capabilities = setting.capabilities;
  }

  get streams(): readonly AudioStream[] {
    return [...this.opened];
  }

  get source(): AudioSource | undefined {
    return this.currentSource;
  }

  set source(source: AudioSource | undefined) {
    this.currentSource = source;
    for (const stream of this.opened) stream.source = source;
  }

  get sink(): AudioSink | undefined {
    return this.currentSink;
  }

  set sink(sink: AudioSink | undefined) {
    this.currentSink = sink;
    for (const stream of this.opened) stream.sink = sink;
  }

  async open(kind: MediaCapability['kind'], remote?: string): Promise<MediaStream> {
    if (kind !== 'audio') throw new MediaError('media-ports', `there is no ${kind} here`);
    const stream = await this.setting.createStream(remote, {
      trusts: (address) => this.trusts?.(address) ?? true,
      digit: (digit) => this.onDigit?.(digit),
      closed: (closed) => this.opened.delete(closed),
    });
    if (stream === undefined) throw new MediaError('media-ports', 'no pair of ports is free for a call');
    stream.source = this.currentSource;
    stream.sink = this.currentSink;
    this.opened.add(stream);
    return stream;
  }

  /**
   * Sends digits one after the other as telephone events, each for `duration` milliseconds (40 to 60,000). Throws
   * `invalid-digit` for what is not on the keys of a telephone.
   */
  async sendDigits(digits: string, duration = 100): Promise<DigitsOutcome> {
    const keys = Array.from(digits);
    for (const digit of keys) {
      if (eventOfDigit(digit) < 0) throw new SwitchhookError('invalid-digit', `no key of a telephone: ${digit}`);
    }
    const sending = this.streams.filter((each) => each.isSending);
    const taking = sending.filter((each) => each.knowsDigits);
    if (sending.length > 0 && taking.length === 0) return 'not-taken';
    const stream = taking.find((each) => each.waitingDigits + keys.length <= maximumDigits);
    if (stream === undefined) return 'not-possible';
    const sent = await Promise.all(keys.map((digit) => stream.sendDigit(digit, duration)));
    return sent.every(Boolean) ? 'sent' : 'interrupted';
  }

  /** Closes all streams; others may be opened afterwards. */
  close(): void {
    for (const stream of this.opened) stream.close();
  }
}
