import { getSystemErrorMessage } from 'node:util';

/** Whether an error carries a system error code like ENOENT. */
export function hasErrorCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

/** What the operating system said about a file, for people: `/var/lib/switchhook: permission denied`. */
export function fileErrorText(error: unknown): string | undefined {
  if (!(error instanceof Error && 'errno' in error && 'path' in error)) return undefined;
  return `${String(error.path)}: ${getSystemErrorMessage(Number(error.errno))}`;
}

/** Something a person has to mend before the exchange can run; the message says what to do. */
export class ExchangeError extends Error {
  readonly code: 'store' | 'in-use' | 'port-taken' | 'listener' | 'certificate' | 'capture';

  constructor(code: ExchangeError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ExchangeError';
    this.code = code;
  }
}
