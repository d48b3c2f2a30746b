/** The limits of a message that a text can be over. */
export type MessageLimitName = 'message-size' | 'header-line' | 'header-fields';

/** Why a text is not what it should be. A value, not an exception: bad input is an everyday event and costs no stack. */
export class SyntaxFault {
  readonly reason: string;
  /** Where in the parsed text, in characters. */
  readonly offset: number;
  /** The status that answers a request with this fault. */
  readonly status: number;
  /** The limit that was passed, when that is what is wrong. */
  readonly limit: MessageLimitName | undefined;

  constructor(reason: string, offset = 0, status = 400, limit?: MessageLimitName) {
    this.reason = reason;
    this.offset = offset;
    this.status = status;
    this.limit = limit;
  }
}
