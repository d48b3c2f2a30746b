import type { HeaderType } from '../header.ts';
import { CallId } from './call-id.ts';

/** In-Reply-To (RFC 3261 20.21): the Call-IDs of the calls that this call returns. */
export const InReplyTo: HeaderType<string> = {
  name: 'In-Reply-To',
  list: true,
  parse: (text) => CallId.parse(text),
  print: (value) => CallId.print(value),
};
