import type { TransportError } from './contract.ts';

type CloseListener = (error: TransportError) => void;

/** The end of a flow: happens once, is told to everybody who asked, also to those who ask too late. */
export class FlowEnd {
  error: TransportError | undefined = undefined;
  private listeners: Set<{ readonly listener: CloseListener }> | undefined = undefined;

  get hasListeners(): boolean {
    return this.listeners !== undefined && this.listeners.size > 0;
  }

  listen(listener: CloseListener): () => void {
    if (this.error !== undefined) {
      listener(this.error);
      return () => undefined;
    }
    const entry = { listener };
    this.listeners ??= new Set();
    this.listeners.add(entry);
    return () => this.listeners?.delete(entry);
  }

  happen(error: TransportError): void {
    if (this.error !== undefined) return;
    this.error = error;
    const listeners = this.listeners;
    this.listeners = undefined;
    for (const { listener } of listeners ?? []) listener(error);
  }
}
