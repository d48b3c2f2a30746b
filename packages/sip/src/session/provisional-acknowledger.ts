import type { Dialog } from '../dialog/dialog.ts';
import { SyntaxFault } from '../message/fault.ts';
import { headerField } from '../message/header.ts';
import { RAck } from '../message/headers/rack.ts';
import { RSeq } from '../message/headers/rseq.ts';
import type { SipResponse } from '../message/message.ts';
import { sessionDescriptionType } from './session-description-body.ts';
import { hasTag } from './session-timer.ts';

/** What a provisional response is: one that wants a PRACK, one that does not, one to pass over. */
export type ProvisionalKind = 'reliable' | 'unreliable' | 'ignored';

/** The client's side of reliable provisional responses, in one dialog (RFC 3262 4). */
export class ProvisionalAcknowledger {
  readonly #dialog: Dialog;
  /** The CSeq number of the INVITE, and the last RSeq that was in order. */
  #cseqNumber = 0;
  #last: number | undefined = undefined;

  constructor(dialog: Dialog) {
    this.#dialog = dialog;
  }

  /**
   * Looks at a response from 101 to 199. A reliable one that comes again, or before one that is missing, is passed over; the
   * one that is missing will come again, and then it will (RFC 3262 4).
   */
  take(response: SipResponse): ProvisionalKind {
    const sequence = response.get(RSeq);
    if (!hasTag(response, 'Require', '100rel') || sequence === undefined || sequence instanceof SyntaxFault) {
      return 'unreliable';
    }
    // A challenge that was answered has made another INVITE, whose responses are numbered anew.
    if (response.cseqNumber !== this.#cseqNumber) this.#last = undefined;
    if (this.#last !== undefined && sequence !== this.#last + 1) return 'ignored';
    this.#cseqNumber = response.cseqNumber;
    this.#last = sequence;
    return 'reliable';
  }

  /** Sends the PRACK to a reliable response, with the answer to an offer in it, and tells what comes of that. */
  acknowledge(response: SipResponse, answer?: string, answered?: (response: SipResponse) => void): void {
    const responseNumber = response.get(RSeq);
    if (responseNumber === undefined || responseNumber instanceof SyntaxFault) return;
    if (this.#dialog.state === 'terminated') return;
    const rack = headerField(RAck, { responseNumber, cseqNumber: response.cseqNumber, method: 'INVITE' });
    // What was not acknowledged after all comes again, and is to be acknowledged then.
    const forget = (): void => {
      if (this.#last === responseNumber) this.#last = responseNumber === 1 ? undefined : responseNumber - 1;
    };
    this.#dialog.send(
      'PRACK',
      {
        response: (each) => {
          if (each.status >= 200 && each.status < 300) answered?.(each);
        },
        failed: forget,
      },
      { headers: [rack], body: answer, contentType: answer === undefined ? undefined : sessionDescriptionType },
    );
  }
}
