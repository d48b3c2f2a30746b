import { onAbort } from '@switchhook/sip';
import type { Call } from '../call.ts';
import { throwIfGivenUp } from '../failure.ts';

/** Calls `who`, and resolves with the call when it is answered; it is given up when `signal` aborts before. */
export async function answered(who: string, signal: AbortSignal | undefined, dial: () => Call): Promise<Call> {
  throwIfGivenUp(who, signal);
  const call = dial();
  const endAbort = onAbort(signal, () => void call.hangUp());
  try {
    await call.answered();
    return call;
  } catch (error) {
    throwIfGivenUp(call.remote.name, signal);
    throw error;
  } finally {
    endAbort();
  }
}
