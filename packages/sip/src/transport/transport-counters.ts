import type { TransportStats } from './contract.ts';

/** The running numbers behind {@link TransportStats}. */
export class TransportCounters {
  received = 0;
  sent = 0;
  private readonly refusals = new Map<string, number>();

  refuse(limit: string): void {
    this.refusals.set(limit, (this.refusals.get(limit) ?? 0) + 1);
  }

  stats(flows: number): TransportStats {
    return { flows, received: this.received, sent: this.sent, refused: Object.fromEntries(this.refusals) };
  }
}
