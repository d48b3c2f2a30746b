import { sentenceOf } from './failure.ts';
import type { Failure } from './failure.ts';
import type { Party } from './party.ts';

/** How a call ended. */
export type CallEnd =
  /** It had been answered, and somebody hung up. */
  | { readonly kind: 'hung-up'; readonly by: 'local' | 'remote' }
  /** This side had it parked, and the far end has gone there (RFC 5359 2.15). */
  | { readonly kind: 'parked'; readonly at: Party }
  /** The caller gave up before it was answered. */
  | { readonly kind: 'cancelled'; readonly by: 'local' | 'remote' }
  /** Another phone took it (RFC 3326: SIP;cause=200). `by`: whose, where somebody has asked for it while it rang (RFC 5359 2.16). */
  | { readonly kind: 'answered-elsewhere'; readonly by?: Party | undefined }
  /** This side rejected it, by hand or because it was not to be disturbed. */
  | { readonly kind: 'rejected'; readonly status: number }
  /** It had been answered, and the far end is gone without a word: no session refresh, no answer, no such dialog. */
  | { readonly kind: 'lost'; readonly failure: Failure }
  /** It never came about. */
  | { readonly kind: 'failed'; readonly failure: Failure };

/** A sentence for a person, without a full stop: "Bob hung up". */
export function endSentenceOf(end: CallEnd, who: string): string {
  switch (end.kind) {
    case 'hung-up':
      return end.by === 'local' ? `you hung up on ${who}` : `${who} hung up`;
    case 'parked':
      return `you parked ${who} at ${end.at.name}`;
    case 'cancelled':
      return end.by === 'local' ? `you gave up calling ${who}` : `${who} gave up calling`;
    case 'answered-elsewhere':
      return end.by === undefined
        ? `the call of ${who} was answered elsewhere`
        : `${end.by.name} picked up the call of ${who}`;
    case 'rejected':
      return `you rejected the call of ${who} (${String(end.status)})`;
    case 'lost':
      return `the call with ${who} was lost: ${sentenceOf(end.failure, who)}`;
    case 'failed':
      return sentenceOf(end.failure, who);
  }
}
