import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { certificateIdentity } from '@switchhook/node';
import type { TlsCredentials } from '@switchhook/node';

/** The addresses of this machine, those first by which others reach it. */
function ownAddresses(): readonly string[] {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.sort((one, other) => Number(one.internal) - Number(other.internal)).map(({ address }) => address);
}

/**
 * What a phone calls itself in Via and Contact, so that whoever connects there finds that very name in its certificate
 * (RFC 5922 7.3): the address that it listens at, of several the best that is in it, else a host name that is.
 */
export function certifiedName(
  { certificate }: Pick<TlsCredentials, 'certificate'>,
  address: string,
  own: readonly string[] = ownAddresses(),
): string {
  const { domains } = certificateIdentity(new X509Certificate(certificate));
  const candidates = address === '0.0.0.0' ? own : [address];
  const [first = address] = candidates;
  return candidates.find((each) => domains.includes(each)) ?? domains.find((name) => isIP(name) === 0) ?? first;
}
