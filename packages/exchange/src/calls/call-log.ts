import type { Clock, Log, TransportProtocol } from '@switchhook/sip';
import type { CallStatus } from '../admin/status.ts';

/** How a call ended. */
export type CallOutcome =
  | 'completed'
  | 'busy'
  | 'cancelled'
  /** The caller was told to try elsewhere, and may do so by himself. */
  | 'redirected'
  | 'no answer'
  | 'unavailable'
  | 'unknown address'
  | 'declined'
  | 'refused'
  | 'failed'
  | 'cut off';

const callOutcomes: readonly CallOutcome[] = [
  'completed',
  'busy',
  'cancelled',
  'redirected',
  'no answer',
  'unavailable',
  'unknown address',
  'declined',
  'refused',
  'failed',
  'cut off',
];

interface Call {
  readonly callId: string;
  readonly from: string;
  readonly to: string;
  readonly transport: TransportProtocol;
  readonly peer?: string | undefined;
  readonly callerTag: string | undefined;
  readonly startedAt: number;
  answeredAt: number | undefined;
}

/** What is known of a call when its INVITE arrives. */
export interface CallStart {
  readonly callId: string;
  readonly from: string;
  readonly to: string;
  readonly transport: TransportProtocol;
  /** Whom the certificate on the caller's side names, if it showed one that verified. */
  readonly peer?: string | undefined;
  /** The From tag of the INVITE. */
  readonly callerTag: string | undefined;
}

/** Milliseconds after which a call counts no more: nobody is on the telephone for so long, and its BYE was lost. */
export const longestCall = 12 * 3_600_000;

/** Calls that are followed at a time. */
const mostCalls = 100_000;

/** Milliseconds after which a new call has the old ones looked at: to get to the first of many costs as much as the call. */
const lookEvery = 1_000;

/**
 * Follows calls by their INVITE, its final response and the BYE, and writes one line when a call ends. Bounded: when
 * too many are open at once, the oldest is given up and told as cut off, for its BYE may never come; so is one that has
 * been open for {@link longestCall}.
 */
export class CallLog {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #calls = new Map<string, Call>();
  readonly #counts = new Map<CallOutcome, number>(callOutcomes.map((outcome) => [outcome, 0]));

  readonly #onEnd: (callId: string) => void;
  #lookedAt = -Infinity;

  constructor(clock: Clock, log: Log, onEnd: (callId: string) => void) {
    this.#clock = clock;
    this.#log = log;
    this.#onEnd = onEnd;
  }

  /** An INVITE outside any dialog has been let in. The same call again (a forked one that merged) changes nothing. */
  started(start: CallStart): void {
    const now = this.#clock.now();
    if (now - this.#lookedAt >= lookEvery) this.#giveUpOld();
    if (this.#calls.has(start.callId)) return;
    this.#calls.set(start.callId, { ...start, startedAt: now, answeredAt: undefined });
    if (this.#calls.size <= mostCalls) return;
    for (const oldest of this.#calls.values()) {
      this.#end(oldest, 'cut off');
      return;
    }
  }

  /** The caller has got a final response; an INVITE of another caller's tag is none of this call. */
  responded({ callId, fromTag }: { callId: string; fromTag: string | undefined }, status: number): void {
    const call = this.#calls.get(callId);
    if (call === undefined || call.callerTag !== fromTag || call.answeredAt !== undefined) return;
    if (status < 300) call.answeredAt = this.#clock.now();
    else this.#end(call, outcomeOf(status), status);
  }

  /** A BYE came; the tag of the caller, on either side of it, tells a true one from a stranger's guess. */
  hungUp({ callId, fromTag, toTag }: { callId: string; fromTag: string | undefined; toTag: string | undefined }): void {
    const call = this.#calls.get(callId);
    if (call?.answeredAt === undefined) return;
    if (call.callerTag === fromTag || call.callerTag === toTag) this.#end(call, 'completed');
  }

  /** The exchange stops: what is still open is told as cut off. */
  close(): void {
    for (const call of this.#calls.values()) this.#end(call, 'cut off');
  }

  get active(): number {
    this.#giveUpOld();
    return this.#calls.size;
  }

  counts(): ReadonlyMap<CallOutcome, number> {
    return this.#counts;
  }

  status(): CallStatus[] {
    this.#giveUpOld();
    const now = this.#clock.now();
    return Array.from(this.#calls.values(), (call) => ({
      callId: call.callId,
      from: call.from,
      to: call.to,
      state: call.answeredAt === undefined ? 'ringing' : 'answered',
      since: Math.round((now - call.startedAt) / 1_000),
      transport: call.transport,
      ...(call.peer === undefined ? {} : { peer: call.peer }),
    }));
  }

  /** The oldest come first. */
  #giveUpOld(): void {
    this.#lookedAt = this.#clock.now();
    const since = this.#lookedAt - longestCall;
    for (const call of this.#calls.values()) {
      if (call.startedAt > since) return;
      this.#end(call, 'cut off');
    }
  }

  #end(call: Call, outcome: CallOutcome, status?: number): void {
    this.#calls.delete(call.callId);
    this.#onEnd(call.callId);
    this.#counts.set(outcome, (this.#counts.get(outcome) ?? 0) + 1);
    const now = this.#clock.now();
    this.#log.info('call', {
      from: call.from,
      to: call.to,
      outcome,
      status,
      ringing: seconds((call.answeredAt ?? now) - call.startedAt),
      duration: call.answeredAt === undefined ? 0 : seconds(now - call.answeredAt),
      transport: call.transport,
      peer: call.peer,
      callId: call.callId,
    });
  }
}

function seconds(milliseconds: number): number {
  return Math.round(milliseconds) / 1_000;
}

function outcomeOf(status: number): CallOutcome {
  if (status >= 300 && status < 400) return 'redirected';
  switch (status) {
    case 486:
    case 600:
      return 'busy';
    case 487:
      return 'cancelled';
    case 408:
      return 'no answer';
    case 480:
    case 430:
      return 'unavailable';
    case 404:
    case 484:
    case 604:
      return 'unknown address';
    case 603:
      return 'declined';
    case 401:
    case 403:
    case 407:
      return 'refused';
    default:
      return 'failed';
  }
}
