import { numberHeader } from './number-header.ts';
import { MAXIMUM_UINT32 } from './shapes/known-parameters.ts';

/** Min-Expires (RFC 3261 20.23): the shortest expiry a 423 will accept, in seconds. */
export const MinExpires = numberHeader('Min-Expires', MAXIMUM_UINT32);
