import type { HeaderType } from '../header.ts';
import type { Authentication } from './shapes/authentication.ts';
import { parseAuthentication, printChallenge } from './shapes/authentication.ts';

/** Proxy-Authenticate (RFC 3261 20.27): a challenge of a proxy; one a field. */
export const ProxyAuthenticate: HeaderType<Authentication> = {
  name: 'Proxy-Authenticate',
  list: false,
  parse: parseAuthentication,
  print: printChallenge,
};
