import type { Destination, Resolver } from '@switchhook/sip';

/** For a page, which can neither ask DNS nor choose a server: every request goes to its own (RFC 7118 7). */
export function oneServerResolver(destination: Destination): Resolver {
  return { resolve: () => [destination] };
}
