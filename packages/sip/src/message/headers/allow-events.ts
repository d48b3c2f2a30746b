import { tokenListHeader } from './shapes/token-header.ts';

/** Allow-Events (RFC 6665 8.2.2): the event packages that the sender supports. */
export const AllowEvents = tokenListHeader('Allow-Events', 'u');
