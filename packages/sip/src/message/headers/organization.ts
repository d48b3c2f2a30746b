import { textHeader } from './shapes/text-header.ts';

/** Organization (RFC 3261 20.25): to whom the sending element belongs. */
export const Organization = textHeader('Organization');
