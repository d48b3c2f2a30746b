import type { Clock, IncomingInvite } from '@switchhook/sip';
import { atRate, RecordingSource } from './recording.ts';
import type { Recording } from './recording.ts';
import { PlayedNegotiation } from './server-sound.ts';

/** Milliseconds that somebody may listen, who holds what plays perhaps instead. */
const longestCall = 600_000;
/** Milliseconds after the last sample was read: it is on its way, and in the listener's jitter buffer. */
const afterwards = 300;

/**
 * Answers a call, plays recordings one behind the other from their first word to their last, and hangs up. What plays is
 * chosen when the caller is there to hear it.
 */
export function playTo(invite: IncomingInvite, clock: Clock, choose: () => readonly Recording[]): void {
  const { session } = invite;
  const { media } = session;
  const hangUp = (): void => void session.hangUp();
  let timer = clock.after(longestCall, hangUp);
  const play = ([recording, ...others]: readonly Recording[]): void => {
    if (session.end !== undefined || !(media instanceof PlayedNegotiation)) return;
    if (recording === undefined) {
      timer.cancel();
      timer = clock.after(afterwards, hangUp);
    } else {
      const { sampleRate = recording.sampleRate } = media.session.streams[0] ?? {};
      media.session.source = new RecordingSource(atRate(recording, sampleRate), () => {
        play(others);
      });
    }
  };
  session.listen((event) => {
    if (event.kind === 'ended') timer.cancel();
    if (event.kind === 'confirmed') play(choose());
  });
  void invite.accept();
}
