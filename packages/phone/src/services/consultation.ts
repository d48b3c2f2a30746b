import type { Clock } from '@switchhook/sip';
import type { Abortable } from '../abortable.ts';
import type { Call } from '../call.ts';
import { throwIfGivenUp } from '../failure.ts';
import type { ActiveCall } from './active-call.ts';

/**
 * Milliseconds that the next call waits for the far end of the last one to agree to be put on hold. Whoever does not
 * answer for so long is not heard any more, and does not keep others waiting.
 */
export const patience = 2_000;

/**
 * Puts the call in progress on hold, so that another can take its place (RFC 5359 2.2, call waiting). From the first
 * moment on it has no sound. A far end that does not want to be held does not keep the person from the other call.
 */
export async function makeRoom(active: ActiveCall, clock: Clock): Promise<void> {
  const { call } = active;
  if (call === undefined) return;
  active.give(undefined);
  if (call.localHold || call.state === 'ended' || (call.direction === 'incoming' && call.state !== 'connected')) return;
  const held = call.hold().catch(() => undefined);
  // Nobody is there yet who could be waited for.
  if (call.state !== 'connected') return;
  await new Promise<void>((resolve) => {
    const timer = clock.after(patience, resolve);
    void held.then(() => {
      timer.cancel();
      resolve();
    });
  });
}

/** Holds the call in progress and takes up another (RFC 5359 2.2: back and forth between two of them). */
export async function switchTo(call: Call, active: ActiveCall, clock: Clock, options: Abortable): Promise<void> {
  if (active.call === call && !call.localHold) return;
  await makeRoom(active, clock);
  throwIfGivenUp(call.remote.name, options.signal);
  if (call.localHold) await call.resume(options);
  else active.give(call);
}
