import { addressHeader } from './address-header.ts';

/** P-Asserted-Identity (RFC 3325 9.1): who the caller is, as a trusted network says. */
export const PAssertedIdentity = addressHeader('P-Asserted-Identity', true);
