import { informationHeader } from './shapes/information-header.ts';

/** Alert-Info (RFC 3261 20.4): an alternative ring tone or ringback tone. */
export const AlertInfo = informationHeader('Alert-Info');
