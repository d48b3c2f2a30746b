import { tone, ToneSource } from '@switchhook/media';
import type { AudioSource } from '@switchhook/media';

/** A C major chord up and down, then A minor, F and G: what a music box plays to those for whom there are no files. */
const notes = [
  [262, 330, 392, 523, 392, 330],
  [220, 262, 330, 440, 330, 262],
  [175, 220, 262, 349, 262, 220],
  [196, 247, 294, 392, 294, 247],
].flat();
const noteTime = 0.3;
/** In dBov: softer than people speak. */
const level = -22;

/** The music that comes along, again and again. */
export function tune(): AudioSource {
  return new ToneSource(tone(notes.join('/'), `${String(notes.length)}x${String(noteTime)}`), {
    sampleRate: 16_000,
    level,
  });
}
