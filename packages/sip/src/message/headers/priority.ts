import { tokenHeader } from './shapes/token-header.ts';

/** Priority (RFC 3261 20.26): how urgent the request is for the person called. */
export const Priority = tokenHeader('Priority');
