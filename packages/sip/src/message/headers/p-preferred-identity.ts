import { addressHeader } from './address-header.ts';

/** P-Preferred-Identity (RFC 3325 9.2): which of its identities a caller wants asserted. */
export const PPreferredIdentity = addressHeader('P-Preferred-Identity', true);
