import type { AudioCodec } from '../audio.ts';
import { g722 } from './g722.ts';
import { loadOpus } from './opus.ts';
import { pcma, pcmu } from './pcm.ts';

/** Every codec of this package, the best first: Opus, G.722, PCMU, PCMA. Resolves when all of them are loaded. */
export async function audioCodecs(): Promise<readonly AudioCodec[]> {
  return [await loadOpus(), g722, pcmu, pcma];
}
