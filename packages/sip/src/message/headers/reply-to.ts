import { addressHeader } from './address-header.ts';

/** Reply-To (RFC 3261 20.31): where to call back, when that is not From. */
export const ReplyTo = addressHeader('Reply-To', false);
