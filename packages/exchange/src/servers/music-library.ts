import { Broadcast, Playlist } from '@switchhook/media';
import type { AudioCodec, AudioSource } from '@switchhook/media';
import type { SipContext } from '@switchhook/sip';
import type { PlayedNegotiation } from './server-sound.ts';
import { tune } from './tune.ts';

/** Samples a second of the tune that comes along, where listeners can hear as much. */
const tuneRate = 16_000;

/** What is played, and to whom: who is held by that subscriber, or by anybody of that domain. */
export interface Programme {
  readonly domain?: string | undefined;
  readonly user?: string | undefined;
  /** WAV files, one behind the other, again and again. */
  readonly files: readonly string[];
}

interface Playing {
  readonly programme: Programme;
  readonly source: AudioSource;
  readonly broadcast: Broadcast;
}

/** The music of all servers of an exchange: each programme is read and encoded once, however many hear it. */
export class MusicLibrary {
  readonly #context: SipContext;
  readonly #programmes: readonly Programme[];
  readonly #playing: Playing[] = [];

  /** A programme that names nobody is for all who have none of their own. */
  constructor(context: SipContext, programmes: readonly Programme[]) {
    this.#context = context;
    this.#programmes = programmes;
  }

  /** `codecs` are those that listeners may have. A list of which no file can be played is told in the log; the tune that comes along takes its place. */
  async start(codecs: readonly Pick<AudioCodec, 'sampleRate'>[]): Promise<void> {
    const sampleRate = Math.min(tuneRate, Math.max(...codecs.map((codec) => codec.sampleRate)));
    for (const programme of this.#programmes) {
      const source = await this.#open(programme.files, sampleRate);
      this.#playing.push({ programme, source, broadcast: new Broadcast(source) });
    }
  }

  stop(): void {
    for (const { source } of this.#playing.splice(0)) source.close();
  }

  /** Plays to a call what who holds it has chosen. To be ended by what it returns. */
  playTo({ session }: PlayedNegotiation, user: string | undefined, domain: string): () => void {
    const listener = this.#of(user, domain)?.broadcast.listen();
    session.source = listener;
    return () => {
      session.source = undefined;
      listener?.close();
    };
  }

  /** What is encoded for one hears all: one for each codec and packet time of each programme. */
  stats(): { readonly listeners: number; readonly encoders: number } {
    const stats = this.#playing.map(({ broadcast }) => broadcast.stats());
    return {
      listeners: stats.reduce((sum, { listeners }) => sum + listeners, 0),
      encoders: stats.reduce((sum, { encoders }) => sum + encoders, 0),
    };
  }

  #of(user: string | undefined, domain: string): Playing | undefined {
    const isFor = ({ programme }: Playing, ofUser: string | undefined, ofDomain: string | undefined): boolean =>
      programme.user === ofUser && (programme.domain === ofDomain || (ofUser !== undefined && !programme.domain));
    return (
      (user === undefined ? undefined : this.#playing.find((playing) => isFor(playing, user, domain))) ??
      this.#playing.find((playing) => isFor(playing, undefined, domain)) ??
      this.#playing.find((playing) => isFor(playing, undefined, undefined))
    );
  }

  async #open(files: readonly string[], tunedTo: number): Promise<AudioSource> {
    if (files.length === 0) return tune(tunedTo);
    return Playlist.open(files).catch((error: unknown) => {
      this.#context.log.warn('music cannot be played', { files: files.join(', '), error: String(error) });
      return tune(tunedTo);
    });
  }
}
