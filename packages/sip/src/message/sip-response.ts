import { SwitchhookError } from '../error.ts';
import { equalsFolded, scanNumber } from './characters.ts';
import { MessageEdit } from './edit.ts';
import { SyntaxFault } from './fault.ts';
import { HeaderIndex, noLimits } from './header-index.ts';
import type { MessageLimits } from './header-index.ts';
import type { Via } from './headers/via.ts';
import { MalformedMessage } from './malformed-message.ts';
import { SipMessage, withoutRest } from './sip-message.ts';
import { startLineEnd } from './start-line.ts';

/** A response (RFC 3261 7.2). */
export class SipResponse extends SipMessage {
  readonly status: number;
  readonly reason: string;

  private constructor(
    text: string,
    index: HeaderIndex | undefined,
    status: number,
    reason: string,
    original?: SipResponse,
    topVia?: Via,
  ) {
    super(text, index, original, topVia);
    this.status = status;
    this.reason = reason;
  }

  /** Reads a text that starts with a status line. */
  static parse(text: string, limits: MessageLimits): SipResponse | MalformedMessage {
    const lineEnd = startLineEnd(text);
    const fault = lineEnd < 0 ? new SyntaxFault('the status line does not end') : statusLineFault(text, lineEnd);
    if (fault !== undefined) return new MalformedMessage(fault, undefined);
    const index = HeaderIndex.ofUsual(text, limits, true) ?? HeaderIndex.scan(text, lineEnd + 2, limits, true);
    const status = scanNumber(text, 8, 11, 699);
    const reason = text.slice(12, lineEnd);
    const response = new SipResponse(withoutRest(text, index), index, status, reason);
    return index.fault === undefined ? response : new MalformedMessage(index.fault, response);
  }

  /** Reads a text that this side made. Throws when it is no response. */
  static fromOwnText(text: string): SipResponse {
    const response = SipResponse.parse(text, noLimits);
    if (response instanceof SipResponse) return response;
    throw new SwitchhookError('malformed-message', `not a response: ${response.fault.reason}`);
  }

  /** A response that this side has put together of checked parts. It is indexed when somebody looks into it. */
  static ofCheckedParts(text: string, topVia?: Via): SipResponse {
    const reason = text.slice(12, text.indexOf('\r'));
    return new SipResponse(text, undefined, scanNumber(text, 8, 11, 699), reason, undefined, topVia);
  }

  /** As it goes on to `furtherVia`, which it has: without its top Via (RFC 3261 16.7 step 3). */
  withoutTopVia(furtherVia: Via): SipResponse {
    const text = this.textWithoutTopVia();
    if (text === undefined) return this.edit().removeFirstValue('Via').toMessage();
    return new SipResponse(text, undefined, this.status, this.reason, this, furtherVia);
  }

  override edit(): MessageEdit<SipResponse> {
    return new MessageEdit<SipResponse>(this, (text, isSound) =>
      isSound ? SipResponse.ofCheckedParts(text) : SipResponse.fromOwnText(text),
    );
  }
}

/** `SIP/2.0 SP 3DIGIT SP reason`, the reason possibly empty. */
function statusLineFault(text: string, lineEnd: number): SyntaxFault | undefined {
  if (!equalsFolded(text, 0, 7, 'sip/2.0') || text.charCodeAt(7) !== 0x20) {
    return new SyntaxFault('not a response of SIP/2.0', 0, 505);
  }
  if (scanNumber(text, 8, 11, 699) < 100) return new SyntaxFault('status is not from 100 to 699', 8);
  if (lineEnd < 12 || text.charCodeAt(11) !== 0x20) return new SyntaxFault('no space after the status', 11);
  return undefined;
}
