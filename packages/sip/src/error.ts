/** What a caller of the library did wrong. The codes are stable; the message is for a person. */
export type ErrorCode =
  | 'already-installed'
  | 'dialog-terminated'
  | 'invalid-body'
  | 'invalid-digit'
  | 'invalid-header-name'
  | 'invalid-header-value'
  | 'invalid-host'
  | 'invalid-method'
  | 'invalid-pattern'
  | 'invalid-sample-rate'
  | 'invalid-status'
  | 'invalid-tone'
  | 'invalid-uri'
  | 'malformed-message'
  | 'not-a-request'
  | 'not-a-response'
  | 'not-running'
  | 'released'
  | 'unknown-media'
  | 'unknown-package';

/** Thrown for misuse of an API, never for what came from outside. */
export class SwitchhookError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string) {
    super(message);
    this.name = 'SwitchhookError';
    this.code = code;
  }
}
