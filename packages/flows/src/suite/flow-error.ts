/** Why a flow was not played or checked; docs/errors.md says what to do about each. */
export type FlowErrorCode = 'invalid-option' | 'invalid-recording' | 'unknown-part' | 'unknown-section';

/** What a caller of {@link flow} or {@link check} did wrong. The codes are stable; the message is for a person. */
export class FlowError extends RangeError {
  override readonly name = 'FlowError';
  readonly code: FlowErrorCode;

  constructor(code: FlowErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
