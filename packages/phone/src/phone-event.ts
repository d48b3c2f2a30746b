import type { RegistrationState } from '@switchhook/sip';
import type { Call } from './call.ts';
import type { CallEvent } from './call-contract.ts';
import type { Party } from './party.ts';
import type { CallLink } from './services/call-link.ts';
import type { Redial } from './services/redial.ts';
import type { RedialState } from './services/redial-machine.ts';
import type { Referral, ReferralState } from './services/referral.ts';
import type { TransferProgress } from './services/transfer.ts';
import type { CallClaim } from './services/claims.ts';
import type { Conference, ConferenceEvent } from './services/conference.ts';

/** A text that somebody sent. */
export interface IncomingMessage {
  readonly from: Party;
  readonly text: string;
  /** Somebody to call, whom the text names by his address. */
  readonly link: CallLink | undefined;
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
  /** Somebody asks this phone to call somebody. `asked`: the person has to decide; later how it goes, with the call that it made. */
  | {
      readonly kind: 'referral';
      readonly referral: Referral;
      readonly state: ReferralState;
      readonly call: Call | undefined;
    }
  /** How it goes with a call that this side hands on, to `to`. */
  | { readonly kind: 'transfer'; readonly call: Call; readonly to: Party; readonly progress: TransferProgress }
  /** An automatic redial has come further. `asking`: the person says by `redial.call()` that it shall call now. */
  | { readonly kind: 'redial'; readonly redial: Redial; readonly state: RedialState }
  | { readonly kind: 'conference'; readonly conference: Conference; readonly event: ConferenceEvent }
  /** Somebody wants to take over a call, or to join it, and the person is to decide. */
  | { readonly kind: 'claim'; readonly claim: CallClaim }
  /** Somebody called and was not let through: do not disturb, no call waiting, too many calls. */
  | { readonly kind: 'turned-away'; readonly from: Party; readonly status: number }
  /** A microphone or a loudspeaker cannot be had; calls go on in silence. */
  | { readonly kind: 'no-sound'; readonly message: string }
  /** The call log cannot be read, or kept: it goes on in memory. */
  | { readonly kind: 'no-log'; readonly message: string };
