import type { RegistrationState } from '@switchhook/sip';
import type { Call } from './call.ts';
import type { CallEvent } from './call-contract.ts';
import type { Party } from './party.ts';

/** A text that somebody sent. */
export interface IncomingMessage {
  readonly from: Party;
  readonly text: string;
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
}

/** What happens to a phone. */
export type PhoneEvent =
  | { readonly kind: 'registration'; readonly registration: RegistrationState }
  /** Somebody calls. `waiting`: while there is another call. */
  | { readonly kind: 'incoming-call'; readonly call: Call; readonly waiting: boolean }
  /** This side calls somebody. */
  | { readonly kind: 'outgoing-call'; readonly call: Call }
  | { readonly kind: 'call'; readonly call: Call; readonly event: CallEvent }
  | { readonly kind: 'message'; readonly message: IncomingMessage }
  /** Somebody called and was not let through: do not disturb, no call waiting, too many calls. */
  | { readonly kind: 'turned-away'; readonly from: Party; readonly status: number }
  /** A microphone or a loudspeaker cannot be had; calls go on in silence. */
  | { readonly kind: 'no-sound'; readonly message: string };
