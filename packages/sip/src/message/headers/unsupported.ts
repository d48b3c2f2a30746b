import { tokenListHeader } from './shapes/token-header.ts';

/** Unsupported (RFC 3261 20.40): the option tags that made the server answer 420. */
export const Unsupported = tokenListHeader('Unsupported');
