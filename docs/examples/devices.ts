import { Loudspeaker, Microphone } from '@switchhook/media';
import type { SoundDeviceOptions } from '@switchhook/media';

/** The microphone and the loudspeaker of this machine. What a person has to mend is told; meanwhile there is silence. */
export function openDevices(
  tell: (message: string) => void,
  options: SoundDeviceOptions = {},
): { microphone: Microphone; loudspeaker: Loudspeaker; close(): Promise<void> } {
  const settings: SoundDeviceOptions = { sampleRate: 16_000, ...options, onError: ({ message }) => tell(message) };
  const microphone = new Microphone(settings);
  const loudspeaker = new Loudspeaker(settings);
  microphone.start();
  loudspeaker.start();
  return {
    microphone,
    loudspeaker,
    async close() {
      microphone.close();
      loudspeaker.close();
      await Promise.all([microphone.finished, loudspeaker.finished]);
    },
  };
}
