/** An `AbortSignal` as far as it is needed, which no platform is asked for. */
export interface AbortSignalLike {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** Calls `action` when it is aborted, now or later; returns what ends the waiting. */
export function onAbort(signal: AbortSignalLike | undefined, action: () => void): () => void {
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
