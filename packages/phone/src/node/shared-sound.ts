import type { AudioSink, AudioSource } from '@switchhook/media';

/**
 * Where sound comes from or goes to. A function opens a device when there is something to say or to hear, and it is closed
 * after the last call; what is given open, a file perhaps, is closed when the phone stops.
 */
export type SoundEnd<End extends AudioSource | AudioSink> = End | OpenSound<End>;

/** Opens a device. A fault that shows only later is told to `onFault`, for a person. */
export type OpenSound<End> = (onFault: (message: string) => void) => End | Promise<End>;

/** One end of the sound, a microphone or a loudspeaker, that the calls of a phone share: one after the other. */
export class SharedSound<End extends AudioSource | AudioSink> {
  readonly #end: SoundEnd<End> | undefined;
  readonly #onFault: (message: string) => void;
  #opened: End | undefined = undefined;
  #opening: Promise<End | undefined> | undefined = undefined;
  /** Counts how often it was let go of: what was being opened then is not wanted any more. */
  #rests = 0;
  #stopped = false;

  constructor(end: SoundEnd<End> | undefined, onFault: (message: string) => void) {
    this.#end = end;
    this.#onFault = onFault;
  }

  /** 1 while it is open. */
  get open(): number {
    return this.#opened === undefined ? 0 : 1;
  }

  /** What is open, opened if need be; undefined where there is none, or it cannot be had. */
  async take(): Promise<End | undefined> {
    const end = this.#end;
    if (this.#stopped || end === undefined) return undefined;
    if (typeof end !== 'function') this.#opened ??= end;
    else if (this.#opened === undefined) return (this.#opening ??= this.#openDevice(end));
    return this.#opened;
  }

  /** Closes a device until it is taken again. */
  rest(): void {
    if (typeof this.#end !== 'function') return;
    this.#rests += 1;
    this.#opened?.close();
    this.#opened = undefined;
    this.#opening = undefined;
  }

  stop(): void {
    this.#stopped = true;
    if (typeof this.#end === 'function') this.rest();
    else this.#end?.close();
    this.#opened = undefined;
  }

  async #openDevice(open: OpenSound<End>): Promise<End | undefined> {
    const rests = this.#rests;
    try {
      const end = await open(this.#onFault);
      if (this.#rests !== rests) {
        end.close();
        return undefined;
      }
      this.#opened = end;
      this.#opening = undefined;
      return end;
    } catch (error) {
      if (this.#rests === rests) this.#opening = undefined;
      this.#onFault(error instanceof Error ? error.message : String(error));
      return undefined;
    }
  }
}
