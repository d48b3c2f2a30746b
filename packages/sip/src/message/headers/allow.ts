import { tokenListHeader } from './shapes/token-header.ts';

/** Allow (RFC 3261 20.5): the methods that the sender supports. */
export const Allow = tokenListHeader('Allow');
