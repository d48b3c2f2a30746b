import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SipContext } from '@switchhook/sip';
import { announcementTexts, isAnnouncementName } from './announcement-names.ts';
import { readRecording } from './recording.ts';
import type { Recording } from './recording.ts';
import { speak } from './speech.ts';

/** The recordings that come along; see `scripts/record.ts`. */
const ownFolder = fileURLToPath(new URL('../../recordings', import.meta.url));

/** Those that come along, which are the same for all servers of a process. */
const own = new Map<string, Promise<Recording>>();

function ownRecording(name: string): Promise<Recording> {
  const known = own.get(name);
  if (known !== undefined) return known;
  const reading = readRecording(join(ownFolder, `${name}.wav`));
  own.set(name, reading);
  // What cannot be read now may be there the next time.
  reading.catch(() => own.delete(name));
  return reading;
}

export interface RecordingsOptions {
  /** WAV files of the operator: one of a name that comes along takes its place. */
  readonly folder?: string | undefined;
  /** What is to be spoken, by name, where espeak-ng is installed. */
  readonly texts?: Readonly<Record<string, string>> | undefined;
  /** A voice of espeak-ng. */
  readonly voice?: string | undefined;
}

/** What an announcement server can play, by name, in memory. */
export class Recordings {
  readonly #options: RecordingsOptions;
  readonly #context: SipContext;
  readonly #recordings = new Map<string, Recording>();

  constructor(context: SipContext, options: RecordingsOptions = {}) {
    this.#context = context;
    this.#options = options;
  }

  /** Reads all of it. A recording that cannot be had is told in the log; the server starts all the same. */
  async start(): Promise<void> {
    const { folder, texts = {}, voice = 'en-gb' } = this.#options;
    for (const name of Object.keys(announcementTexts)) await this.#take(name, ownRecording(name));
    for (const [name, text] of Object.entries(texts)) await this.#speak(name, text, voice);
    if (folder !== undefined) await this.#takeFolder(folder);
  }

  stop(): void {
    this.#recordings.clear();
  }

  find(name: string): Recording | undefined {
    return this.#recordings.get(name);
  }

  async #takeFolder(folder: string): Promise<void> {
    const files = await readdir(folder).catch((error: unknown) => {
      this.#context.log.warn('no announcements of your own', { folder, error: String(error) });
      return [];
    });
    for (const file of files) {
      const name = file.replace(/\.wav$/i, '');
      if (name !== file && isAnnouncementName(name)) await this.#take(name, readRecording(join(folder, file)));
    }
  }

  async #take(name: string, reading: Promise<Recording>): Promise<void> {
    await reading.then(
      (recording) => this.#recordings.set(name, recording),
      (error: unknown) => {
        this.#context.log.warn('an announcement cannot be played', { name, error: String(error) });
      },
    );
  }

  async #speak(name: string, text: string, voice: string): Promise<void> {
    await speak(text, voice).then(
      (recording) => this.#recordings.set(name, recording),
      (error: unknown) => {
        this.#context.log.warn('an announcement cannot be spoken', { name, error: String(error) });
      },
    );
  }
}
