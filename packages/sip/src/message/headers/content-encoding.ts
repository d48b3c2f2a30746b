import { tokenListHeader } from './shapes/token-header.ts';

/** Content-Encoding (RFC 3261 20.12): what was done to the body, innermost first. */
export const ContentEncoding = tokenListHeader('Content-Encoding', 'e');
