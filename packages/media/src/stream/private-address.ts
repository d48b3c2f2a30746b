import { isIpv6Address } from '@switchhook/sip';

/**
 * True for an address that is only good within somebody's own network: RFC 1918, RFC 6598, RFC 3927, and of IPv6 the
 * unique local and link-local ones (RFC 4193, RFC 4291 2.5.6).
 */
export function isPrivateAddress(address: string): boolean {
  if (isIpv6Address(address)) return /^f[cd]|^fe[89ab]/i.test(address);
  const [first = 0, second = 0] = address.split('.', 2).map(Number);
  return (
    first === 10 ||
    (first === 172 && second >= 16 && second < 32) ||
    (first === 192 && second === 168) ||
    (first === 100 && second >= 64 && second < 128) ||
    (first === 169 && second === 254)
  );
}
