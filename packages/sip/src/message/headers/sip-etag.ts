import { tokenHeader } from './shapes/token-header.ts';

/** SIP-ETag (RFC 3903 11.3.1): the entity tag of published state. */
export const SipETag = tokenHeader('SIP-ETag');
