/** Why a text is not what it should be. A value, not an exception: bad input is an everyday event and costs no stack. */
export class SyntaxFault {
  readonly reason: string;
  /** Where in the parsed text, in characters. */
  readonly offset: number;
  /** The status that answers a request with this fault. */
  readonly status: number;

  constructor(reason: string, offset = 0, status = 400) {
    this.reason = reason;
    this.offset = offset;
    this.status = status;
  }
}
