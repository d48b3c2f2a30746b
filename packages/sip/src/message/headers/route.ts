import type { HeaderType } from '../header.ts';
import type { NameAddr } from '../name-addr.ts';
import { addressHeader } from './address-header.ts';

/** RFC 3261 20.34. */
export type Route = NameAddr;
export const Route: HeaderType<Route> = addressHeader('Route', true);
