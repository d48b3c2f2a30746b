import { textHeader } from './shapes/text-header.ts';

/** Subject (RFC 3261 20.36): what the call is about. */
export const Subject = textHeader('Subject', 's');
