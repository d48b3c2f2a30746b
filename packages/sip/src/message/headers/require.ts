import { tokenListHeader } from './shapes/token-header.ts';

/** Require (RFC 3261 20.32): the option tags that the user agent server must understand. */
export const Require = tokenListHeader('Require');
