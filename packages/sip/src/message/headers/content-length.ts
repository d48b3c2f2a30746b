import type { HeaderType } from '../header.ts';
import { numberHeader } from './number-header.ts';

/** RFC 3261 20.14: the length of the body in bytes. */
export type ContentLength = number;
export const ContentLength: HeaderType<ContentLength> = numberHeader('Content-Length', 0xffff_ffff, 'l');
