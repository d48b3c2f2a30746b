import { informationHeader } from './shapes/information-header.ts';

/** Call-Info (RFC 3261 20.9): more about caller or callee; `purpose` says what. */
export const CallInfo = informationHeader('Call-Info');
