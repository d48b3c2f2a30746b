import type { HeaderType } from '../header.ts';
import type { Authentication } from './shapes/authentication.ts';
import { parseAuthentication, printCredentials } from './shapes/authentication.ts';

/** Proxy-Authorization (RFC 3261 20.28): credentials for a proxy; one a field. */
export const ProxyAuthorization: HeaderType<Authentication> = {
  name: 'Proxy-Authorization',
  list: false,
  parse: parseAuthentication,
  print: printCredentials,
};
