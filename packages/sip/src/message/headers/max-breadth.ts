import { numberHeader } from './number-header.ts';
import { MAXIMUM_UINT32 } from './shapes/known-parameters.ts';

/** Max-Breadth (RFC 5393 5.8): how many branches in parallel the request may still have. */
export const MaxBreadth = numberHeader('Max-Breadth', MAXIMUM_UINT32);
