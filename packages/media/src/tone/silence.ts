import type { AudioSource } from '../audio.ts';

/** A source of nothing, for as long as it is read. */
export function silence(sampleRate: number): AudioSource {
  return {
    sampleRate,
    ended: false,
    read: (frame) => void frame.fill(0),
    close: () => undefined,
  };
}
