import { numberHeader } from './number-header.ts';
import { MAXIMUM_UINT32 } from './shapes/known-parameters.ts';

/** Expires (RFC 3261 20.19): how long the message or its content stays valid, in seconds. */
export const Expires = numberHeader('Expires', MAXIMUM_UINT32);
