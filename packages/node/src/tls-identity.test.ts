import { X509Certificate } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { CertificateNames } from './certificate-authority-certificates.ts';
import { certificateIdentity, identityFault } from './tls-identity.ts';
import { TestAuthority } from './tls.testing.ts';

const authority = new TestAuthority();

async function certificate(names: CertificateNames): Promise<X509Certificate> {
  return new X509Certificate((await authority.issue(names)).certificate);
}

/** A certificate with names that the authority does not issue, as Node prints them. */
function printed(subjectAltName: string | undefined, subject = ''): X509Certificate {
  const like: Partial<X509Certificate> = { subjectAltName, subject };
  return like as X509Certificate;
}

describe('identities (RFC 5922 7.1)', () => {
  test('sip: URIs come before DNS names; addresses stay', async () => {
    const both = await certificate({
      names: ['Host.example.com'],
      addresses: ['127.0.0.1', '::1'],
      sipDomains: ['Example.com'],
    });
    expect(certificateIdentity(both).domains[0]).toBe('example.com');
    expect(certificateIdentity(both).domains).toContain('127.0.0.1');
    expect(certificateIdentity(both).domains).not.toContain('host.example.com');
    expect(certificateIdentity(await certificate({ names: ['Host.example.com'] })).domains).toEqual([
      'host.example.com',
    ]);
  });

  test('a URI with a user part is a person, not a domain', () => {
    expect(
      certificateIdentity(printed('URI:sip:alice@example.com, URI:sips:bob@example.com, DNS:host.example.com')),
    ).toEqual({
      domains: ['host.example.com'],
      addresses: ['sip:alice@example.com', 'sips:bob@example.com'],
    });
  });

  test('schemes in any case, parameters and ports aside; other schemes and sips do not count', () => {
    const { domains } = certificateIdentity(
      printed('URI:SIP:a.example:5061;transport=tls, URI:sips:b.example, URI:https://c.example, DNS:d.example'),
    );
    expect(domains).toEqual(['a.example']);
  });

  test('a quoted name cannot smuggle in another', () => {
    const { domains } = certificateIdentity(printed('DNS:"a.example, DNS:victim.example", DNS:b.example'));
    expect(domains).toEqual(['a.example, dns:victim.example', 'b.example']);
  });

  test('the common name counts only when there is no subjectAltName', () => {
    expect(certificateIdentity(printed(undefined, 'O=X\nCN=host.example.com')).domains).toEqual(['host.example.com']);
    expect(certificateIdentity(printed('email:a@b', 'CN=host.example.com')).domains).toEqual([]);
    expect(certificateIdentity(printed(undefined, 'CN=not a name')).domains).toEqual([]);
  });
});

describe('comparison (RFC 5922 7.2)', () => {
  test.each([
    ['EXAMPLE.com', true],
    ['foo.example.com', false],
    ['example.com.evil.example', false],
    ['com', false],
  ])('%s against example.com: %s', async (name, fits) => {
    expect(identityFault(name, await certificate({ sipDomains: ['example.com'] })) === undefined).toBe(fits);
  });

  test('no wildcard fits but itself', () => {
    expect(identityFault('a.example.com', printed('DNS:*.example.com'))).toBeInstanceOf(Error);
    expect(identityFault('*.example.com', printed('DNS:*.example.com'))).toBe(undefined);
  });

  test('an address must be there as an address', async () => {
    const issued = await certificate({ addresses: ['127.0.0.1', '::1'], names: ['127.0.0.2'] });
    expect(identityFault('127.0.0.1', issued)).toBe(undefined);
    expect(identityFault('::1', issued)).toBe(undefined);
    expect(identityFault('127.0.0.2', issued)).toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
  });
});
