import type { Call } from '../call.ts';
import { throwIfGivenUp } from '../failure.ts';

/** Calls `who`, and resolves with the call when it is answered; it is given up when `signal` aborts before. */
export async function answered(who: string, signal: AbortSignal | undefined, dial: () => Call): Promise<Call> {
  throwIfGivenUp(who, signal);
  const call = dial();
  const abort = (): void => void call.hangUp();
  signal?.addEventListener('abort', abort);
  try {
    await call.answered();
    return call;
  } catch (error) {
    throwIfGivenUp(call.remote.name, signal);
    throw error;
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}
