import { numberHeader } from './number-header.ts';
import { MAXIMUM_UINT32 } from './shapes/known-parameters.ts';

/** RSeq (RFC 3262 7.1): the sequence number of a reliable provisional response. */
export const RSeq = numberHeader('RSeq', MAXIMUM_UINT32);
