import { tokenListHeader } from './shapes/token-header.ts';

/** Proxy-Require (RFC 3261 20.29): the option tags that every proxy must understand. */
export const ProxyRequire = tokenListHeader('Proxy-Require');
