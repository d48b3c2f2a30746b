import { productHeader } from './shapes/product-header.ts';

/** User-Agent (RFC 3261 20.41): the program that asks. */
export const UserAgent = productHeader('User-Agent');
