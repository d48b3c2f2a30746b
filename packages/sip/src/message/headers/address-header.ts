import type { HeaderType } from '../header.ts';
import { NameAddr } from '../name-addr.ts';

/** A header field whose value, or each element of whose list, is a {@link NameAddr}. */
export function addressHeader(name: string, list: boolean, compact?: string): HeaderType<NameAddr> {
  const type = {
    name,
    list,
    parse: (text: string) => NameAddr.parse(text),
    print: (value: NameAddr) => value.toString(),
  };
  return compact === undefined ? type : { ...type, compact };
}
