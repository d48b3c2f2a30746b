import { AudioEngine, audioCodecs, LevelMeter, tone, ToneSource } from '@switchhook/media';
import type { AudioSession, DatagramNetwork } from '@switchhook/media';
import { StreamNegotiation } from '@switchhook/sip';
import type { MediaNegotiation, SipContext } from '@switchhook/sip';

/** The sound of one call: its offers and answers for the session, and what is played and heard. */
export interface ToneCall {
  readonly negotiation: MediaNegotiation;
  readonly session: AudioSession;
  readonly heard: LevelMeter;
}

/** An engine for all calls of a program. `network` is the sockets of the machine where it is not given. */
export async function startEngine(context: SipContext, network?: DatagramNetwork): Promise<AudioEngine> {
  return new AudioEngine(context, { codecs: await audioCodecs(), network, security: 'optional' });
}

/** A call that plays a tone, measures what the far end says, and answers each digit with a higher tone. */
export function playTone(context: SipContext, engine: AudioEngine): ToneCall {
  const session = engine.session();
  const heard = new LevelMeter(16_000);
  const play = (frequency: number): void => {
    session.source = new ToneSource(tone(String(frequency), 'continuous'), { sampleRate: 16_000 });
  };
  session.sink = heard;
  session.onDigit = (digit) => play(500 + 100 * Number.parseInt(digit, 16));
  play(440);
  return { negotiation: new StreamNegotiation(context, session), session, heard };
}
