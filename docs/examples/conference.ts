import { Mixer } from '@switchhook/media';
import type { AudioSink, AudioSource, MixerMember } from '@switchhook/media';

/** What the sound of a call has: where it comes from and where it goes. An `AudioSession` is one. */
interface CallSound {
  source: AudioSource | undefined;
  sink: AudioSink | undefined;
}

/** Joins calls, and the person at the microphone, into a conference. The person's part says who is muted and leaves. */
export function confer(calls: readonly CallSound[], microphone: AudioSource, loudspeaker: AudioSink): MixerMember {
  const mixer = new Mixer({ sampleRate: 16_000 });
  for (const call of calls) {
    const party = mixer.join();
    call.sink = party.input;
    call.source = party.output;
  }
  return mixer.serve({ source: microphone, sink: loudspeaker });
}
