import type { HeaderType } from '../header.ts';
import { numberHeader } from './number-header.ts';

/** RFC 3261 20.22. */
export type MaxForwards = number;
export const MaxForwards: HeaderType<MaxForwards> = numberHeader('Max-Forwards', 255);
