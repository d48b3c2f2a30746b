/** What a phone knows when another call comes. */
export interface Occupation {
  /** Whether further calls ring beside those that are. */
  readonly callWaiting: boolean;
  /** Calls that have not ended. */
  readonly calls: number;
  readonly maximumCalls: number;
}

/** What a further call is answered with; undefined where it rings, or waits beside another. */
export function callWaitingStatus({ callWaiting, calls, maximumCalls }: Occupation): number | undefined {
  return calls >= maximumCalls || (calls > 0 && !callWaiting) ? 486 : undefined;
}
