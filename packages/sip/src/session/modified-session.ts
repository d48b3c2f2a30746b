import type { Dialog } from '../dialog/dialog.ts';
import type { HeaderInit } from '../message/header.ts';
import type { SipMessage, SipResponse } from '../message/message.ts';
import type { MediaNegotiation } from './media.ts';
import type { SessionEnd } from './session-contract.ts';
import type { SessionState } from './session-machine.ts';
import type { SessionTimer } from './session-timer.ts';

/** What modifications need of their session. */
export interface ModifiedSession {
  readonly dialog: Dialog;
  readonly media: MediaNegotiation;
  readonly role: 'caller' | 'callee';
  readonly state: SessionState;
  /** Whether an offer of this side may go, if none is open: in an early dialog to those who know UPDATE. */
  readonly mayOffer: boolean;
  /** Hears when no offer is open any more. */
  readonly settled: (() => void) | undefined;
  readonly end: SessionEnd | undefined;
  readonly timer: SessionTimer;
  readonly mayTakeOffers: boolean;
  learn(message: SipMessage): void;
  answered(response: SipResponse): void;
  acknowledged(): void;
  tellMedia(): void;
  fail(end: SessionEnd, headers?: readonly HeaderInit[]): void;
}
