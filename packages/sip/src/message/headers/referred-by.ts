import { addressHeader } from './address-header.ts';

/** Referred-By (RFC 3892 3): who asked for the request; its `cid` names the token body part. */
export const ReferredBy = addressHeader('Referred-By', false, 'b');
