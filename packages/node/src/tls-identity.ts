import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { PeerIdentity } from '@switchhook/sip';

interface AlternativeNames {
  readonly dns: readonly string[];
  readonly uris: readonly string[];
  readonly addresses: readonly string[];
}

/**
 * Whom a certificate speaks for (RFC 5922 7.1): the hosts of its `sip:` URIs, else its DNS names, else, when it has no
 * subjectAltName at all, its common name. IP addresses in it count beside them; the RFC speaks of domains alone.
 */
export function certificateIdentity(certificate: X509Certificate): PeerIdentity {
  const names = certificate.subjectAltName === undefined ? undefined : alternativeNames(certificate.subjectAltName);
  const uris = (names?.uris ?? []).map(sipUri).filter((uri) => uri !== undefined);
  const sipDomains = uris.filter(({ user }) => user === undefined).map(({ host }) => host);
  const others = names === undefined ? commonNames(certificate.subject) : names.dns;
  const domains = (sipDomains.length > 0 ? sipDomains : others).map((domain) => domain.toLowerCase());
  const addresses = (names?.addresses ?? []).map((address) => address.toLowerCase());
  return {
    domains: [...new Set([...domains, ...addresses])],
    addresses: uris.filter(({ user }) => user !== undefined).map(({ text }) => text),
  };
}

/** Why the certificate does not speak for `name`, or undefined when it does. Whole names alone fit: RFC 5922 7.2. */
export function identityFault(name: string, certificate: X509Certificate): Error | undefined {
  const { domains } = certificateIdentity(certificate);
  if (isIP(name) === 0 ? domains.includes(name.toLowerCase()) : certificate.checkIP(name) !== undefined)
    return undefined;
  const fault = new Error(`the certificate is not for ${name} but for ${domains.join(', ') || 'nobody'}`);
  return Object.assign(fault, { code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
}

/** `sip:` and `sips:` URIs; a name with a user part is one person's. */
function sipUri(
  text: string,
): { readonly user: string | undefined; readonly host: string; readonly text: string } | undefined {
  const match = /^sips?:(?:([^@]*)@)?(\[[\d.:a-f]+\]|[^\s:;?@]+)/i.exec(text);
  const host = match?.[2];
  if (host === undefined) return undefined;
  const user = match?.[1];
  // A `sips:` URI is no domain identity: the RFC names the scheme sip alone.
  return user === undefined && /^sips:/i.test(text) ? undefined : { user, host, text };
}

/** Reads Node's print of a subjectAltName: `DNS:a, URI:sip:b`, in JSON quotes what would not be clear without. */
function alternativeNames(text: string): AlternativeNames {
  const names = { dns: [] as string[], uris: [] as string[], addresses: [] as string[] };
  for (const [, type, quoted, bare = ''] of text.matchAll(/([^:,]+):(?:("(?:[^"\\]|\\.)*")|([^,]*))(?:, |$)/g)) {
    const value = quoted === undefined ? bare : String(JSON.parse(quoted));
    if (type === 'DNS') names.dns.push(value);
    else if (type === 'URI') names.uris.push(value);
    else if (type === 'IP Address') names.addresses.push(value);
  }
  return names;
}

function commonNames(subject: string): string[] {
  const names = subject.split('\n').filter((line) => line.startsWith('CN='));
  return names.map((line) => line.slice(3)).filter((name) => /^[\w-]+(\.[\w-]+)*$/.test(name));
}
