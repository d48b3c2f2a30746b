import type { HeaderType } from '../header.ts';
import type { NameAddr } from '../name-addr.ts';
import { addressHeader } from './address-header.ts';

/** RFC 3261 20.39. */
export type To = NameAddr;
export const To: HeaderType<To> = addressHeader('To', false, 't');
