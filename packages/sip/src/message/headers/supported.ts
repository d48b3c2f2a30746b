import { tokenListHeader } from './shapes/token-header.ts';

/** Supported (RFC 3261 20.37): the extensions that the sender supports, as option tags. */
export const Supported = tokenListHeader('Supported', 'k');
