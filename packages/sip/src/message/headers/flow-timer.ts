import { numberHeader } from './number-header.ts';
import { MAXIMUM_UINT32 } from './shapes/known-parameters.ts';

/** Flow-Timer (RFC 5626 10): seconds after which the server takes a silent flow for dead. */
export const FlowTimer = numberHeader('Flow-Timer', MAXIMUM_UINT32);
