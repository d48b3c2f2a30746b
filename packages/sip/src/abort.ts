import type { AbortSource } from './context.ts';

/** Calls `action` when it is aborted, now or later; returns what ends the waiting. */
export function onAbort(signal: AbortSource | undefined, action: () => void): () => void {
  if (signal === undefined) return () => undefined;
  if (signal.aborted) {
    action();
    return () => undefined;
  }
  signal.addEventListener('abort', action);
  return () => {
    signal.removeEventListener('abort', action);
  };
}
