import { SyntaxFault } from '../message/fault.ts';
import { unescape } from '../message/escape.ts';
import { parseAuthentication } from '../message/headers/shapes/authentication.ts';

/** The parameters of an Authorization or Proxy-Authorization header field that a server reads (RFC 7616 3.4). */
export interface DigestCredentials {
  readonly username: string;
  readonly realm: string;
  readonly nonce: string;
  readonly uri: string;
  /** Lower case hexadecimal. */
  readonly response: string;
  /** Upper case; MD5 when none was named. */
  readonly algorithm: string;
  readonly cnonce: string;
  /** As it came, for the digest. */
  readonly nonceCount: string;
}

/** Credentials for another realm or of another scheme are somebody else's, whatever they hold. */
export type OtherCredentials = 'other';

/** Reads one header field value as digest credentials for this realm. */
export function readCredentials(text: string, realm: string): DigestCredentials | OtherCredentials | SyntaxFault {
  if (!/^\s*digest\s/i.test(text)) return 'other';
  const authentication = parseAuthentication(text);
  if (authentication instanceof SyntaxFault) return authentication;
  const { parameters } = authentication;
  if (parameters.get('realm') !== realm) return 'other';
  const username = readUsername(parameters);
  if (username instanceof SyntaxFault) return username;
  const nonce = parameters.get('nonce');
  const uri = parameters.get('uri');
  const response = parameters.get('response');
  if (nonce === undefined || uri === undefined || response === undefined) {
    return new SyntaxFault('the credentials lack nonce, uri or response');
  }
  const count = readNonceCount(parameters);
  if (count instanceof SyntaxFault) return count;
  const algorithm = (parameters.get('algorithm') ?? 'MD5').toUpperCase();
  return { username, realm, nonce, uri, response: response.toLowerCase(), algorithm, ...count };
}

/**
 * Only qop `auth` is ever offered, and whoever names none means it (RFC 8760 2.6, item 8). It needs a count and a cnonce
 * (RFC 7616 3.4): those of RFC 2069 have neither and stop no replay.
 */
function readNonceCount(
  parameters: ReadonlyMap<string, string>,
): Pick<DigestCredentials, 'nonceCount' | 'cnonce'> | SyntaxFault {
  if ((parameters.get('qop') ?? 'auth').toLowerCase() !== 'auth')
    return new SyntaxFault('the qop of the credentials is not auth');
  const nonceCount = parameters.get('nc') ?? '';
  if (!/^[0-9a-f]{8}$/i.test(nonceCount)) return new SyntaxFault('the nonce count is not eight hexadecimal digits');
  // It counts the very request, too (RFC 7616 3.4).
  if (/^0+$/.test(nonceCount)) return new SyntaxFault('the nonce count begins with 1');
  const cnonce = parameters.get('cnonce') ?? '';
  if (cnonce === '') return new SyntaxFault('the credentials lack a cnonce');
  return { nonceCount, cnonce };
}

/** `username`, or `username*` in the notation of RFC 5987 (RFC 7616 3.4). Hashed names are never offered here. */
function readUsername(parameters: ReadonlyMap<string, string>): string | SyntaxFault {
  if (parameters.get('userhash')?.toLowerCase() === 'true') return new SyntaxFault('no userhash was offered');
  const plain = parameters.get('username');
  const extended = parameters.get('username*');
  if (extended === undefined) return plain ?? new SyntaxFault('the credentials lack a username');
  if (plain !== undefined) return new SyntaxFault('the credentials have both username and username*');
  const text = /^utf-8'[^']*'(.*)$/i.exec(extended)?.[1];
  return text === undefined ? new SyntaxFault('username* is not UTF-8 text of RFC 5987') : unescape(text);
}
