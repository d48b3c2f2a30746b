import { informationHeader } from './shapes/information-header.ts';

/** Error-Info (RFC 3261 20.18): more about why the request failed. */
export const ErrorInfo = informationHeader('Error-Info');
