import { productHeader } from './shapes/product-header.ts';

/** Server (RFC 3261 20.35): the program that answers. */
export const Server = productHeader('Server');
