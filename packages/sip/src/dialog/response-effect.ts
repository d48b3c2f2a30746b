/** What a final response takes with it (RFC 5057 5.1): itself alone, the usage that the request was for, or all. */
export type ResponseEffect = 'transaction' | 'usage' | 'dialog';

const effects: Readonly<Record<number, ResponseEffect>> = {
  404: 'dialog',
  405: 'usage',
  408: 'usage',
  410: 'dialog',
  416: 'dialog',
  480: 'usage',
  481: 'usage',
  482: 'dialog',
  483: 'dialog',
  484: 'dialog',
  485: 'dialog',
  489: 'usage',
  501: 'usage',
  502: 'dialog',
  604: 'dialog',
};

/**
 * What a response to a request within a dialog does (RFC 5057, tables 1 and 2; a 408 counts as the timeout of 5.2).
 * A 405 or 501 speaks of the method: it ends the usage only where the usage cannot do without that method, and a 489
 * is about events alone.
 */
export function responseEffect(status: number): ResponseEffect {
  return effects[status] ?? 'transaction';
}
