import type { SyntaxFault } from './fault.ts';
import type { SipRequest } from './sip-request.ts';
import type { SipResponse } from './sip-response.ts';

/** What arrived where a message should be. */
export class MalformedMessage {
  readonly fault: SyntaxFault;
  /**
   * The message as far as it could be indexed, enough to answer a request with `fault.status`; undefined when not even
   * the start line made sense. Nothing in it is sure: read it with `get`, `raw` and `rawAll`.
   */
  readonly message: SipRequest | SipResponse | undefined;

  constructor(fault: SyntaxFault, message: SipRequest | SipResponse | undefined) {
    this.fault = fault;
    this.message = message;
  }
}
