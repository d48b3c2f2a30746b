import { addressHeader } from './address-header.ts';

/** Path (RFC 3327 4): the proxies between the registrar and the registered contact. */
export const Path = addressHeader('Path', true);
