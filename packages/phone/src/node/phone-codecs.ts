import { g722, opus, pcma, pcmu } from '@switchhook/media';
import type { AudioCodec } from '@switchhook/media';

/** What a phone offers, best first. */
export const phoneCodecs: readonly AudioCodec[] = [opus, g722, pcmu, pcma];
