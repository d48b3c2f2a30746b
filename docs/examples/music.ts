import { Broadcast, Playlist } from '@switchhook/media';
import type { AudioSource } from '@switchhook/media';

/** What the sound of a call has: an `AudioSession` is one. */
interface CallSound {
  source: AudioSource | undefined;
}

/** Music for any number of calls: files, one behind the other, encoded once for all who hear them. */
export async function musicFrom(files: readonly string[]): Promise<{ playTo(call: CallSound): () => void }> {
  const broadcast = new Broadcast(await Playlist.open(files));
  return {
    playTo(call) {
      const listener = broadcast.listen();
      call.source = listener;
      return () => {
        call.source = undefined;
        listener.close();
      };
    },
  };
}
