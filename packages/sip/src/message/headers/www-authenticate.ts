import type { HeaderType } from '../header.ts';
import type { Authentication } from './shapes/authentication.ts';
import { parseAuthentication, printChallenge } from './shapes/authentication.ts';

/** WWW-Authenticate (RFC 3261 20.44): a challenge of a user agent server or registrar; one a field. */
export const WwwAuthenticate: HeaderType<Authentication> = {
  name: 'WWW-Authenticate',
  list: false,
  parse: parseAuthentication,
  print: printChallenge,
};
