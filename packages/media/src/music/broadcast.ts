import type { AudioCodec, AudioEncoder, AudioSource, EncodedSource } from '../audio.ts';
import { resampled } from '../codec/resampled.ts';
import { levelOf } from '../measure/level.ts';
import { Reel } from './reel.ts';
import type { ReelReader } from './reel.ts';

/** Milliseconds of sound in a piece: what calls move at a time. */
const pieceTime = 20;
/** Where that is few, a piece has so many samples. */
const shortestPiece = 80;

/** What holds of the packets of one codec at the moment. */
export interface BroadcastStats {
  /** Listeners that are not closed. */
  readonly listeners: number;
  /** Encoders: one for each codec and packet time that is listened to. */
  readonly encoders: number;
}

interface Packet {
  readonly payload: Uint8Array;
  readonly level: number;
}

/**
 * One sound for any number of listeners: music on hold, an announcement that goes round. It is read once and encoded once
 * for each codec and packet time, however many calls hear it; each call has its own RTP all the same. Give each call a
 * listener of its own as its `source`. It has no clock: whoever is served first makes the next piece, and it stands still
 * while nobody listens. The source stays its owner's.
 */
export class Broadcast {
  readonly #source: AudioSource;
  readonly #sound: Reel<Int16Array>;
  readonly #channels = new Map<string, Channel>();
  #listeners = 0;

  constructor(source: AudioSource) {
    this.#source = source;
    this.#sound = new Reel(() => {
      const piece = new Int16Array(Math.max(shortestPiece, (source.sampleRate * pieceTime) / 1_000));
      source.read(piece);
      return piece;
    });
  }

  /** One more who hears it, from where it is. To be closed by who asked for it. */
  listen(): AudioSource {
    this.#listeners += 1;
    let isClosed = false;
    return Object.assign(this.#read(), {
      encoded: (codec: AudioCodec, packetTime: number) => this.#channel(codec, packetTime).listen(),
      close: () => {
        if (!isClosed) this.#listeners -= 1;
        isClosed = true;
      },
    });
  }

  stats(): BroadcastStats {
    return { listeners: this.#listeners, encoders: this.#channels.size };
  }

  #channel(codec: AudioCodec, packetTime: number): Channel {
    const key = `${codec.encoding}/${String(codec.clockRate)}/${String(packetTime)}`;
    const known = this.#channels.get(key);
    if (known !== undefined) return known;
    const channel = new Channel(this.#read(), codec, packetTime, () => this.#channels.delete(key));
    this.#channels.set(key, channel);
    return channel;
  }

  /** The sound itself, for one who reads it. */
  #read(): AudioSource {
    return new BroadcastReader(this.#source, this.#sound.reader());
  }
}

class BroadcastReader implements AudioSource {
  readonly sampleRate: number;
  readonly #source: AudioSource;
  readonly #reader: ReelReader<Int16Array>;
  #piece: Int16Array = new Int16Array(0);

  constructor(source: AudioSource, reader: ReelReader<Int16Array>) {
    this.sampleRate = source.sampleRate;
    this.#source = source;
    this.#reader = reader;
  }

  get ended(): boolean {
    return this.#source.ended;
  }

  read(frame: Int16Array): void {
    for (let filled = 0; filled < frame.length;) {
      if (this.#piece.length === 0) this.#piece = this.#reader.next();
      const taken = this.#piece.subarray(0, frame.length - filled);
      frame.set(taken, filled);
      filled += taken.length;
      this.#piece = this.#piece.subarray(taken.length);
    }
  }

  close(): void {
    // The broadcast goes on for others.
  }
}

/** The packets of one codec. */
class Channel {
  readonly #encoder: AudioEncoder;
  readonly #packets: Reel<Packet>;
  readonly #unused: () => void;
  #listeners = 0;

  constructor(source: AudioSource, codec: AudioCodec, packetTime: number, unused: () => void) {
    const encoder = codec.createEncoder();
    const input = resampled(source, codec.sampleRate);
    const frame = new Int16Array((codec.sampleRate * packetTime) / 1_000);
    this.#encoder = encoder;
    this.#unused = unused;
    this.#packets = new Reel(() => {
      input.read(frame);
      // An encoder may give the same bytes again, and packets are kept.
      return { payload: encoder.encode(frame).slice(), level: levelOf(frame) };
    });
  }

  listen(): EncodedSource {
    this.#listeners += 1;
    return new ChannelListener(this.#packets.reader(), () => {
      this.#listeners -= 1;
      if (this.#listeners > 0) return;
      this.#encoder.close();
      this.#unused();
    });
  }
}

class ChannelListener implements EncodedSource {
  level = -127;
  readonly #packets: ReelReader<Packet>;
  #left: (() => void) | undefined;

  constructor(packets: ReelReader<Packet>, left: () => void) {
    this.#packets = packets;
    this.#left = left;
  }

  next(): Uint8Array {
    const { payload, level } = this.#packets.next();
    this.level = level;
    return payload;
  }

  close(): void {
    this.#left?.();
    this.#left = undefined;
  }
}
