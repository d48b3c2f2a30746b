import { pcma, pcmu } from '@switchhook/media';
import type { AudioCodec } from '@switchhook/media';

/** Milliseconds a packet. */
const packetTimes = [40];

/** A codec whose lost packets are silence, and of which few packets go. */
function coarse(codec: AudioCodec): AudioCodec {
  return {
    ...codec,
    packetTimes,
    createDecoder: () => ({ ...codec.createDecoder(), conceal: (length) => new Int16Array(length) }),
  };
}

/**
 * Sound by which it can be told who hears whom and no more, for stories of which thousands are played: a gap that is filled
 * well, and a packet every 20 ms, take longer than all that is said.
 */
export const coarseCodecs: readonly AudioCodec[] = [pcmu, pcma].map(coarse);
