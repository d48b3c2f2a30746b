import type { SyntaxFault } from './fault.ts';

/**
 * One kind of header field: how its value reads and prints. For a field that may hold a comma list (`list`), `T` is
 * one element, and `parse` and `print` are of one element.
 */
export interface HeaderType<T> {
  /** As RFC 3261 spells it: `Call-ID`. */
  readonly name: string;
  /** The one-letter form (RFC 3261 7.3.3), if there is one. */
  readonly compact?: string;
  readonly list: boolean;
  parse(text: string): T | SyntaxFault;
  print(value: T): string;
}

/** A header field to write: text goes out as it is, any other value through the `print` of its type. */
export type HeaderInit = readonly [name: string, value: string] | readonly [type: HeaderType<unknown>, value: unknown];

/** A typed {@link HeaderInit}: the compiler checks that the value is one of that header field. */
export function headerField<T>(type: HeaderType<T>, value: T | string): HeaderInit {
  return [type, value];
}
