import { tokenListHeader } from './shapes/token-header.ts';

/** Content-Language (RFC 3261 20.13): the language tags of the body. */
export const ContentLanguage = tokenListHeader('Content-Language');
