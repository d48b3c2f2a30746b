import type { MediaFormat } from '@switchhook/sip';
import type { AudioCodec, AudioEncoder, AudioSource, EncodedSource } from '../audio.ts';
import { resampled } from '../codec/resampled.ts';
import { levelOf, silenceLevel } from '../measure/level.ts';
import { Seam } from '../mixer/seam.ts';
import { TelephoneEventSender } from '../rtp/telephone-event-sender.ts';
import type { RtpSender } from './rtp-sender.ts';

/** What is sent, by what is agreed. */
export interface TransmitFormat {
  readonly codec: AudioCodec;
  readonly payloadType: number;
  /** Of telephone-event, where the far end takes it; its clock rate is not always that of the codec. */
  readonly events: Pick<MediaFormat, 'payloadType' | 'clockRate'> | undefined;
  /** Milliseconds a packet, one of those of the codec. */
  readonly packetTime: number;
}

/** A payload type that RFC 3551 leaves unassigned and nobody negotiates: whoever does not know it passes it over. */
export const unknownPayloadType = 20;
const noPayload = new Uint8Array(0);

/** Milliseconds beyond the last frame that timestamps are told for. */
const longestReach = 1_000;

/** Makes packets of sound and of digits, a frame at a time. */
export class Transmitter {
  readonly sender: RtpSender;
  readonly events = new TelephoneEventSender();
  /** False while nothing at all may be sent. Time passes all the same. */
  sending = false;
  /** Of the frame that was sent last, in dBov. */
  level = silenceLevel;
  /** Milliseconds of a frame. */
  private readonly frameTime: number;
  private readonly send: (packet: Uint8Array) => void;
  private format: TransmitFormat | undefined = undefined;
  private encoder: AudioEncoder | undefined = undefined;
  private chosen: AudioSource | undefined = undefined;
  /** The source at the rate of the codec, where it is encoded here. */
  private input: AudioSource | undefined = undefined;
  /** The source where it comes encoded. */
  private encoded: EncodedSource | undefined = undefined;
  /** Between one source and the next. */
  private seam: Seam | undefined = undefined;
  /** Samples that wait until a packet is full. */
  private pending = new Int16Array(0);
  private filled = 0;
  /** True where the next packet of sound is the first after a pause (RFC 3551 4.1). */
  private begins = true;
  private lastTick = 0;

  constructor(sender: RtpSender, frameTime: number, send: (packet: Uint8Array) => void) {
    this.sender = sender;
    this.frameTime = frameTime;
    this.send = send;
  }

  /** Samples a second of what is sent; undefined before that is agreed. */
  get sampleRate(): number | undefined {
    return this.format?.codec.sampleRate;
  }

  get source(): AudioSource | undefined {
    return this.chosen;
  }

  set source(source: AudioSource | undefined) {
    this.chosen = source;
    this.tune();
  }

  /** The timestamp of that moment: the next packet's begins where the sound ends that was read last. */
  timestampAt(now: number): number {
    const rate = this.format?.codec.clockRate ?? 0;
    const sinceFrame = Math.min(now - this.lastTick, longestReach);
    return (this.sender.timestamp + this.units(this.filled) + Math.round((sinceFrame * rate) / 1_000)) >>> 0;
  }

  /** Sends by another format from the next frame on. */
  use(format: TransmitFormat): void {
    const before = this.format;
    this.format = format;
    if (before?.codec === format.codec && before.packetTime === format.packetTime) return;
    if (before !== undefined && before.codec.clockRate !== format.codec.clockRate) this.sender.renew();
    this.pending = new Int16Array(this.samples(format.packetTime + this.frameTime));
    this.filled = 0;
    if (before?.codec !== format.codec) {
      this.encoder?.close();
      this.encoder = undefined;
      this.seam = undefined;
    }
    this.tune();
  }

  /** The next frame, before which `skipped` others were left out. */
  tick(now: number, skipped: number): void {
    this.lastTick = now;
    const { format, sender } = this;
    if (format === undefined) return;
    if (skipped > 0) this.pass(skipped * this.frameTime);
    if (!this.sending) {
      this.level = silenceLevel;
      this.pass(this.frameTime);
      return;
    }
    const start = sender.timestamp + this.units(this.filled);
    const event =
      format.events && this.events.next(start, this.frameTime, format.codec.clockRate, format.events.clockRate);
    this.read();
    if (format.events !== undefined && event !== undefined) {
      this.pass(this.frameTime);
      this.emit(format.events.payloadType, event.timestamp >>> 0, event.marker, event.payload);
    } else {
      this.filled += this.samples(this.frameTime);
      this.drain(format);
    }
  }

  /** Sends a packet that means nothing, and shows those on the way that this side is there (RFC 6263). */
  sendNothing(): void {
    this.emit(unknownPayloadType, this.sender.timestamp, false, noPayload);
  }

  close(): void {
    this.encoder?.close();
    this.encoder = undefined;
    this.format = undefined;
    this.tune();
    this.events.clear();
    this.sending = false;
  }

  /** Takes the source as it suits the format. */
  private tune(): void {
    const { chosen, format } = this;
    this.encoded?.close();
    this.encoded = format && chosen?.encoded?.(format.codec, format.packetTime);
    this.input = undefined;
    this.seam?.cut();
    if (format === undefined || this.encoded !== undefined) return;
    this.encoder ??= format.codec.createEncoder();
    this.input = chosen && resampled(chosen, format.codec.sampleRate);
  }

  private samples(milliseconds: number): number {
    return ((this.format?.codec.sampleRate ?? 0) * milliseconds) / 1_000;
  }

  private units(samples: number): number {
    const codec = this.format?.codec;
    return codec === undefined ? 0 : (samples * codec.clockRate) / codec.sampleRate;
  }

  /** Time passes without a packet of sound. */
  private pass(milliseconds: number): void {
    this.sender.advance(this.units(this.filled + this.samples(milliseconds)));
    this.filled = 0;
    this.begins = true;
  }

  /** Reads a frame behind what waits. */
  private read(): void {
    if (this.encoded !== undefined) return;
    const frame = this.pending.subarray(this.filled, this.filled + this.samples(this.frameTime));
    if (this.input === undefined) frame.fill(0);
    else this.input.read(frame);
    this.seam ??= new Seam(this.samples(1_000));
    this.seam.smooth(frame);
    this.level = levelOf(frame);
  }

  /** Sends what makes whole packets. */
  private drain({ codec, payloadType, packetTime }: TransmitFormat): void {
    const length = this.samples(packetTime);
    while (this.filled >= length) {
      const payload = this.encoded?.next() ?? this.encoder?.encode(this.pending.subarray(0, length));
      // Whoever was told of the packet before may have closed the stream.
      if (payload === undefined) return;
      if (this.encoded !== undefined) this.level = this.encoded.level;
      const { timestamp } = this.sender;
      this.pending.copyWithin(0, length, this.filled);
      this.filled -= length;
      this.sender.advance((length * codec.clockRate) / codec.sampleRate);
      this.emit(payloadType, timestamp, this.begins, payload);
      this.begins = false;
    }
  }

  private emit(payloadType: number, timestamp: number, marker: boolean, payload: Uint8Array): void {
    const packet = this.sender.packet(payloadType, timestamp, marker, payload);
    if (packet !== undefined) this.send(packet);
  }
}
