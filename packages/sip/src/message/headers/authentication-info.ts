import type { HeaderType } from '../header.ts';
import type { AuthenticationParameters } from './shapes/authentication.ts';
import { parseAuthenticationParameters, printCredentialParameters } from './shapes/authentication.ts';

/** Authentication-Info (RFC 3261 20.6, RFC 7616 3.5): the next nonce, and that the server knows the secret too. */
export const AuthenticationInfo: HeaderType<AuthenticationParameters> = {
  name: 'Authentication-Info',
  list: false,
  parse: parseAuthenticationParameters,
  print: printCredentialParameters,
};
