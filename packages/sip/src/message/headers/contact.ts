import type { SyntaxFault } from '../fault.ts';
import type { HeaderType } from '../header.ts';
import { NameAddr } from '../name-addr.ts';

/** One element of RFC 3261 20.10: an address, or the star with which a REGISTER removes all bindings. */
export type ContactValue = NameAddr | '*';

/** Contact: where somebody is reached; `*` in a REGISTER is all of that (RFC 3261 20.10, 10.2.2). */
export const Contact: HeaderType<ContactValue> = {
  name: 'Contact',
  compact: 'm',
  list: true,
  parse: (text): ContactValue | SyntaxFault => (text === '*' ? '*' : NameAddr.parse(text)),
  print: (value) => value.toString(),
};
