import type { AudioCodec, AudioEncoder, AudioSource, EncodedSource } from '../audio.ts';
import { resampled } from '../codec/resampled.ts';
import { levelOf } from '../measure/level.ts';
import { Reel } from './reel.ts';
import type { ReelReader } from './reel.ts';

/** Milliseconds of sound in a piece: what calls move at a time. */
const pieceTime = 20;

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
      const piece = new Int16Array((source.sampleRate * pieceTime) / 1_000);
      source.read(piece);
      return piece;
    });
  }

  /** One more who hears it, from where it is. To be closed by who asked for it. */
  listen(): AudioSource {
    this.#listeners += 1;
    let isClosed = false;
    return {
      ...this.#read(),
      encoded: (codec, packetTime) => this.#channel(codec, packetTime).listen(),
      close: () => {
        if (!isClosed) this.#listeners -= 1;
        isClosed = true;
      },
    };
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
    const source = this.#source;
    const reader = this.#sound.reader();
    let piece: Int16Array = new Int16Array(0);
    return {
      sampleRate: source.sampleRate,
      get ended() {
        return source.ended;
      },
      read(frame) {
        for (let filled = 0; filled < frame.length;) {
          if (piece.length === 0) piece = reader.next();
          const taken = piece.subarray(0, frame.length - filled);
          frame.set(taken, filled);
          filled += taken.length;
          piece = piece.subarray(taken.length);
        }
      },
      close: () => undefined,
    };
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
