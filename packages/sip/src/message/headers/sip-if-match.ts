import { tokenHeader } from './shapes/token-header.ts';

/** SIP-If-Match (RFC 3903 11.3.2): the entity tag of the state that a PUBLISH changes. */
export const SipIfMatch = tokenHeader('SIP-If-Match');
