import { addressHeader } from './address-header.ts';

/** Refer-To (RFC 3515 2.1): what the recipient of a REFER shall contact. */
export const ReferTo = addressHeader('Refer-To', false, 'r');
