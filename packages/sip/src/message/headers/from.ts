import type { HeaderType } from '../header.ts';
import type { NameAddr } from '../name-addr.ts';
import { addressHeader } from './address-header.ts';

/** RFC 3261 20.20. */
export type From = NameAddr;
export const From: HeaderType<From> = addressHeader('From', false, 'f');
