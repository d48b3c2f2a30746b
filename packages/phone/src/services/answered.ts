import type { Call } from '../call.ts';

/** Resolves with a call when it is answered; it is given up when `signal` aborts before. */
export async function answered(call: Call, signal: AbortSignal | undefined): Promise<Call> {
  const abort = (): void => void call.hangUp();
  signal?.addEventListener('abort', abort);
  if (signal?.aborted === true) abort();
  try {
    await call.answered();
    return call;
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}
