import type { HeaderType } from '../header.ts';
import type { NameAddr } from '../name-addr.ts';
import { addressHeader } from './address-header.ts';

/** RFC 3261 20.30. */
export type RecordRoute = NameAddr;
export const RecordRoute: HeaderType<RecordRoute> = addressHeader('Record-Route', true);
