import { join } from 'node:path';
import { WavSink, WavSource } from '@switchhook/media';
import { PhoneError } from '@switchhook/phone';
import type { Call, Phone } from '@switchhook/phone';
import { startPhone } from '@switchhook/phone/node';
import type { MachinePhoneOptions } from '@switchhook/phone/node';

export interface AnsweringMachine {
  /** A WAV file that each caller hears from its beginning. */
  readonly greeting: string;
  /** A folder in which each call has a WAV file of its own: `1.wav`, `2.wav`. */
  readonly folder: string;
  /** Milliseconds after which it hangs up. */
  readonly longest: number;
}

/** A phone that answers by itself and records what callers say, one at a time: meanwhile others hear busy. */
export async function answeringMachine(
  options: MachinePhoneOptions,
  { greeting, folder, longest }: AnsweringMachine,
): Promise<Phone> {
  let calls = 0;
  const phone = await startPhone({
    ...options,
    maximumCalls: 1,
    sound: {
      ...options.sound,
      // A function opens them at the beginning of a call, and they are closed at its end.
      microphone: () => WavSource.open(greeting),
      loudspeaker: () => WavSink.create(join(folder, `${String((calls += 1))}.wav`), 8_000),
    },
  });
  phone.onIncomingCall((call) => void take(call, longest));
  return phone;
}

async function take(call: Call, longest: number): Promise<void> {
  try {
    await call.answer();
  } catch (error) {
    // Whoever has hung up meanwhile says nothing.
    if (error instanceof PhoneError) return;
    throw error;
  }
  const timer = setTimeout(() => void call.hangUp(), longest);
  call.onEvent(({ kind }) => {
    if (kind === 'ended') clearTimeout(timer);
  });
}
