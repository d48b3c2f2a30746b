import type { Flow, TransportReceiver } from './contract.ts';

/** Keeps what a transport hands up. */
export class RecordingReceiver implements TransportReceiver {
  readonly messages: { readonly text: string; readonly flow: Flow }[] = [];
  readonly failures: { readonly text: string; readonly status: number; readonly flow: Flow }[] = [];
  /** Called with every message and every failure. */
  onEvent: (flow: Flow) => void = () => undefined;
  private flows = 0;

  nextFlowId(): number {
    this.flows += 1;
    return this.flows;
  }

  message(text: string, flow: Flow): void {
    this.messages.push({ text, flow });
    this.onEvent(flow);
  }

  broken(text: string, status: number, _reason: string, flow: Flow): void {
    this.failures.push({ text, status, flow });
    this.onEvent(flow);
  }
}
