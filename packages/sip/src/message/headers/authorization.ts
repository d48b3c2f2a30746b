import type { HeaderType } from '../header.ts';
import type { Authentication } from './shapes/authentication.ts';
import { parseAuthentication, printCredentials } from './shapes/authentication.ts';

/** Authorization (RFC 3261 20.7): credentials for a user agent server or registrar; one a field. */
export const Authorization: HeaderType<Authentication> = {
  name: 'Authorization',
  list: false,
  parse: parseAuthentication,
  print: printCredentials,
};
