import { onAbort } from '@switchhook/sip';
import { givenUp, throwIfGivenUp } from './failure.ts';

/**
 * How something that takes its time is given up: it rejects at once with `cancelled`, and the signal's reason is the cause. What
 * has not begun by then does not begin. What was asked of a far end cannot be taken back and goes on: what becomes of it
 * is seen where it is seen otherwise, in the state and in the events of the call.
 */
export interface Abortable {
  readonly signal?: AbortSignal | undefined;
}

/** Does something, and waits for it until `signal` gives that up; `who` is whom it is asked of. */
export async function untilGivenUp<Value>(
  who: string,
  { signal }: Abortable,
  act: () => Promise<Value>,
): Promise<Value> {
  throwIfGivenUp(who, signal);
  if (signal === undefined) return act();
  const aborted = Promise.withResolvers<never>();
  const endAbort = onAbort(signal, () => aborted.reject(givenUp(who, signal)));
  try {
    return await Promise.race([aborted.promise, act()]);
  } finally {
    endAbort();
  }
}
