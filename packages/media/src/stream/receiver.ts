import type { Clock } from '@switchhook/sip';
import type { AudioCodec, AudioDecoder, AudioSink } from '../audio.ts';
import { resampledSink } from '../codec/resampled.ts';
import { levelOf, silenceLevel } from '../measure/level.ts';
import { ComfortNoise, comfortNoisePayloadType } from '../rtp/comfort-noise.ts';
import { JitterBuffer, type JitterBufferOptions, type JitterBufferStats } from '../rtp/jitter-buffer.ts';
import type { RtpPacket } from '../rtp/rtp-packet.ts';
import { SourceStatistics } from '../rtp/source-statistics.ts';
import { TelephoneEventReceiver } from '../rtp/telephone-event-receiver.ts';
import { sequenceDistance } from '../rtp/wrap-around.ts';

/** What a payload type stands for: a codec, or telephone-event at a clock rate. */
export interface ReceiveFormat {
  readonly codec: AudioCodec | undefined;
  readonly clockRate: number;
}

/** What a packet was, or why it was of no use. */
export type Reception = 'used' | 'unknown-format' | 'unproven-source' | 'out-of-sequence';

const noStats: JitterBufferStats = {
  held: 0,
  delay: 0,
  target: 0,
  played: 0,
  late: 0,
  duplicated: 0,
  reordered: 0,
  dropped: 0,
  concealed: 0,
  jumps: 0,
};

/** Milliseconds that one packet may hold: more would be heard long after its time. */
const longestPacket = 200;

/** Makes sound and digits of packets. */
export class Receiver {
  /** The source that is heard. */
  statistics: SourceStatistics | undefined = undefined;
  /** Payloads that the codec could not read. */
  undecodable = 0;
  private readonly clock: Clock;
  /** Milliseconds of a frame. */
  private readonly frameTime: number;
  private readonly jitterOptions: JitterBufferOptions;
  private readonly onDigit: (digit: string) => void;
  private readonly events = new TelephoneEventReceiver();
  private formats: ReadonlyMap<number, ReceiveFormat> = new Map();
  private readonly decoders = new Map<AudioCodec, AudioDecoder>();
  private buffer: JitterBuffer | undefined = undefined;
  private bufferClockRate = 0;
  /** The codec of what was played last. */
  private codec: AudioCodec | undefined = undefined;
  /** Samples that are decoded and not yet played. */
  private decoded = new Int16Array(0);
  private decodedLength = 0;
  /** What is heard while the far end says nothing, where it has said how loud that is. */
  private noise: ComfortNoise | undefined = undefined;
  private isListening = false;
  private chosen: AudioSink | undefined = undefined;
  /** The sink at the rate of what is heard. */
  private output: AudioSink | undefined = undefined;
  private silence = new Int16Array(0);
  /** The frame that was heard last. */
  private heard: Int16Array | undefined = undefined;
  /** The first packet of another source, which is listened to once a second one follows. */
  private newcomer: RtpPacket | undefined = undefined;

  constructor(clock: Clock, frameTime: number, jitterOptions: JitterBufferOptions, onDigit: (digit: string) => void) {
    this.clock = clock;
    this.frameTime = frameTime;
    this.jitterOptions = jitterOptions;
    this.onDigit = onDigit;
  }

  get sink(): AudioSink | undefined {
    return this.chosen;
  }

  set sink(sink: AudioSink | undefined) {
    this.chosen = sink;
    this.output = undefined;
  }

  /** Of the frame that was heard last, in dBov. */
  get level(): number {
    return this.heard === undefined ? silenceLevel : levelOf(this.heard);
  }

  /** Takes these payload types from now on. */
  use(formats: ReadonlyMap<number, ReceiveFormat>): void {
    this.formats = formats;
    const codecs = new Set([...formats.values()].map(({ codec }) => codec));
    for (const [codec, decoder] of this.decoders) {
      if (codecs.has(codec)) continue;
      decoder.close();
      this.decoders.delete(codec);
      if (this.codec === codec) this.codec = undefined;
    }
    // Some take a moment until they can decode: they are there before the first packet is.
    for (const codec of codecs) if (codec !== undefined) this.decoderOf(codec);
  }

  /** True for a payload type that was agreed, or needs no agreement. */
  knows(payloadType: number): boolean {
    return this.formats.has(payloadType) || payloadType === comfortNoisePayloadType;
  }

  /** Takes a packet of the sender that is listened to. */
  receive(packet: RtpPacket): Reception {
    const format = this.formats.get(packet.payloadType);
    if (format === undefined) return this.receiveNoise(packet);
    if (this.statistics?.ssrc !== packet.ssrc && !this.changeSource(packet, format)) return 'unproven-source';
    const { codec } = format;
    const isSound = codec !== undefined;
    const now = this.clock.now();
    if (this.statistics?.update(packet, packet.payload.length, now, isSound) !== true) return 'out-of-sequence';
    if (isSound) {
      this.bufferFor(codec).put(packet);
    } else {
      this.buffer?.pass(packet.sequenceNumber);
      const digit = this.events.receive(packet);
      if (digit !== undefined) this.onDigit(digit);
    }
    return 'used';
  }

  /** False while there is nothing to hear by the agreement: then the sink gets nothing. */
  get listening(): boolean {
    return this.isListening;
  }

  set listening(listening: boolean) {
    this.isListening = listening;
    if (listening) return;
    this.mute();
    this.heard = undefined;
  }

  /** Plays the next frame, before which `skipped` others were left out, be it silent. */
  tick(skipped: number): void {
    if (!this.isListening) return;
    const { buffer } = this;
    if (skipped > 0 && buffer !== undefined) buffer.skip((skipped * this.frameTime * this.bufferClockRate) / 1_000);
    const frame = this.nextFrame();
    this.heard = frame;
    if (this.chosen === undefined) return;
    if (this.output?.sampleRate !== this.rate) this.output = resampledSink(this.chosen, this.rate);
    this.output.write(frame);
  }

  /** Only a source that was heard can fall silent. */
  private receiveNoise(packet: RtpPacket): Reception {
    const noise = ComfortNoise.read(packet.payload, packet.sequenceNumber);
    const { statistics } = this;
    if (packet.payloadType !== comfortNoisePayloadType || noise === undefined) return 'unknown-format';
    if (statistics?.ssrc !== packet.ssrc) return 'unproven-source';
    if (!statistics.update(packet, packet.payload.length, this.clock.now(), false)) return 'out-of-sequence';
    this.buffer?.pass(packet.sequenceNumber);
    if (this.noise === undefined || sequenceDistance(this.noise.sequenceNumber, packet.sequenceNumber) > 0)
      this.noise = noise;
    return 'used';
  }

  /** Forgets what is not yet played. */
  private mute(): void {
    this.noise = undefined;
    this.buffer?.reset();
    this.decodedLength = 0;
  }

  bufferStats(): JitterBufferStats {
    return this.buffer?.stats() ?? noStats;
  }

  close(): void {
    for (const decoder of this.decoders.values()) decoder.close();
    this.decoders.clear();
    this.buffer = undefined;
    this.formats = new Map();
  }

  /** The first source is believed at once, for its sender is; another takes its place by two packets in sequence (A.1). */
  private changeSource(packet: RtpPacket, { codec, clockRate }: ReceiveFormat): boolean {
    const { newcomer } = this;
    this.newcomer = packet;
    const isProven =
      this.statistics === undefined ||
      (newcomer?.ssrc === packet.ssrc && sequenceDistance(newcomer.sequenceNumber, packet.sequenceNumber) === 1);
    if (!isProven) return false;
    this.newcomer = undefined;
    // Jitter is that of sound alone, and a digit may come first.
    this.statistics = new SourceStatistics(packet, codec === undefined ? this.soundClockRate : clockRate);
    this.events.reset();
    this.mute();
    return true;
  }

  private get soundClockRate(): number {
    for (const { codec } of this.formats.values()) if (codec !== undefined) return codec.clockRate;
    return 8_000;
  }

  private bufferFor(codec: AudioCodec): JitterBuffer {
    if (this.buffer === undefined || this.bufferClockRate !== codec.clockRate) {
      this.buffer = new JitterBuffer(this.clock, codec.clockRate, this.jitterOptions);
      this.bufferClockRate = codec.clockRate;
    }
    return this.buffer;
  }

  /** Samples a second of what is heard; where nothing has been, what the sink likes best. */
  private get rate(): number {
    return this.codec?.sampleRate ?? this.chosen?.sampleRate ?? 8_000;
  }

  private nextFrame(): Int16Array {
    for (;;) {
      const { rate } = this;
      const length = (rate * this.frameTime) / 1_000;
      if (this.decodedLength >= length) return this.consume(length);
      if (this.buffer === undefined) return this.silent(length);
      this.decodeMore(this.buffer, length - this.decodedLength, rate);
    }
  }

  private decodeMore(buffer: JitterBuffer, samples: number, rate: number): void {
    const unitsPerSample = this.bufferClockRate / rate;
    const playout = buffer.take(Math.round(samples * unitsPerSample));
    if (playout.kind === 'packet') {
      this.play(buffer, playout.packet);
      return;
    }
    const length = Math.max(1, Math.round(playout.units / unitsPerSample));
    const decoder = this.codec && this.decoders.get(this.codec);
    if (playout.kind === 'silence' && this.noise !== undefined) this.append(this.noise.fill(this.silentBuffer(length)));
    else if (playout.kind === 'silence' || decoder === undefined) this.append(this.silent(length));
    else this.append(decoder.conceal(length, playout.next?.payload));
  }

  private play(buffer: JitterBuffer, packet: RtpPacket): void {
    const codec = this.formats.get(packet.payloadType)?.codec;
    if (codec === undefined || codec.clockRate !== this.bufferClockRate) return;
    if (codec.sampleRate !== this.codec?.sampleRate) this.decodedLength = 0;
    this.codec = codec;
    if (this.noise !== undefined && sequenceDistance(this.noise.sequenceNumber, packet.sequenceNumber) > 0)
      this.noise = undefined;
    const samples = this.decoderOf(codec).decode(packet.payload);
    const isTooLong = samples !== undefined && samples.length > (codec.sampleRate * longestPacket) / 1_000;
    if (samples === undefined || samples.length === 0 || isTooLong) {
      this.undecodable += 1;
      buffer.unplayable(packet);
      return;
    }
    buffer.played(packet, Math.round((samples.length * codec.clockRate) / codec.sampleRate));
    this.append(samples);
  }

  private decoderOf(codec: AudioCodec): AudioDecoder {
    const known = this.decoders.get(codec);
    if (known !== undefined) return known;
    const decoder = codec.createDecoder();
    this.decoders.set(codec, decoder);
    return decoder;
  }

  private append(samples: Int16Array): void {
    const needed = this.decodedLength + samples.length;
    if (needed > this.decoded.length) {
      const larger = new Int16Array(needed);
      larger.set(this.decoded.subarray(0, this.decodedLength));
      this.decoded = larger;
    }
    this.decoded.set(samples, this.decodedLength);
    this.decodedLength = needed;
  }

  /** Takes samples from the front; they hold until the next call. */
  private consume(length: number): Int16Array {
    const frame = this.silentBuffer(length);
    frame.set(this.decoded.subarray(0, length));
    this.decoded.copyWithin(0, length, this.decodedLength);
    this.decodedLength -= length;
    return frame;
  }

  private silent(length: number): Int16Array {
    return this.silentBuffer(length).fill(0);
  }

  private silentBuffer(length: number): Int16Array {
    if (this.silence.length < length) this.silence = new Int16Array(length);
    return this.silence.subarray(0, length);
  }
}
