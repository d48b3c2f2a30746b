import type { HeaderType } from '../header.ts';
import type { AuthenticationParameters } from './shapes/authentication.ts';
import { parseAuthenticationParameters, printCredentialParameters } from './shapes/authentication.ts';

/** Proxy-Authentication-Info (RFC 7616 3.8): what Authentication-Info is, from a proxy. */
export const ProxyAuthenticationInfo: HeaderType<AuthenticationParameters> = {
  name: 'Proxy-Authentication-Info',
  list: false,
  parse: parseAuthenticationParameters,
  print: printCredentialParameters,
};
