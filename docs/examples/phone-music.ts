import { PhoneError } from '@switchhook/phone';
import type { Call } from '@switchhook/phone';

/** Looks something up while the far end hears music (RFC 5359 2.3), and comes back; in silence where it wants no music. */
export async function lookUpMeanwhile<T>(call: Call, lookUp: () => Promise<T>): Promise<T> {
  try {
    await call.holdWithMusic();
  } catch (error) {
    // It is on hold all the same, unless it has gone.
    if (!(error instanceof PhoneError) || call.state === 'ended') throw error;
  }
  const found = await lookUp();
  await call.resume();
  return found;
}
