// The certificate library finds its parts through metadata that this adds to Reflect; it has to come first.
import 'reflect-metadata';
import { isIPv4 } from 'node:net';
import { webcrypto } from 'node:crypto';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import type { Extension, JsonGeneralNames, PublicKey } from '@peculiar/x509';

/** Whom a certificate speaks for. */
export interface CertificateNames {
  /** DNS names. */
  readonly names?: readonly string[];
  /** IP addresses, without brackets. */
  readonly addresses?: readonly string[];
  /** SIP domains, written as `sip:` URIs (RFC 5922 7.1); with a user part (`alice@example.com`) one person's. */
  readonly sipDomains?: readonly string[];
}

/** A key and what vouches for it. */
export interface KeyAndCertificate {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

/** Milliseconds since 1970. */
export interface Validity {
  readonly from: number;
  readonly to: number;
}

const keyAlgorithm = { name: 'ECDSA', namedCurve: 'P-256' };
const signingAlgorithm = { name: 'ECDSA', hash: 'SHA-256' };

/** id-kp-sipDomain (RFC 5924): without it a certificate with extended key usages must not speak for a SIP domain. */
const sipDomainUsage = '1.3.6.1.5.5.7.3.20';

function sorted(values: readonly string[] | undefined): string[] {
  return [...new Set(values)].sort();
}

/** The names in one order whatever order they were given in, so that the same names give the same bytes. */
function alternativeNames(names: CertificateNames): SubjectAlternativeNameExtension {
  const entries: JsonGeneralNames = [
    ...sorted(names.names).map((value) => ({ type: 'dns' as const, value })),
    ...sorted(names.addresses).map((value) => ({ type: 'ip' as const, value })),
    // Once more as a name: mbedTLS, and so linphone, looks for the address it was told among the DNS names alone.
    ...sorted(names.addresses)
      .filter((address) => isIPv4(address))
      .map((value) => ({ type: 'dns' as const, value })),
    ...sorted(names.sipDomains).map((domain) => ({ type: 'url' as const, value: `sip:${domain}` })),
  ];
  return new SubjectAlternativeNameExtension(entries);
}

async function makeKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(keyAlgorithm, true, ['sign', 'verify']);
}

async function privateKeyPem(key: webcrypto.CryptoKey): Promise<string> {
  return `${PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')}\n`;
}

/** A certificate authority that signs end certificates only. */
export async function makeAuthority(name: string, serial: string, validity: Validity): Promise<KeyAndCertificate> {
  const keys = await makeKeys();
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      name: [{ CN: [name] }],
      serialNumber: serial,
      notBefore: new Date(validity.from),
      notAfter: new Date(validity.to),
      keys,
      signingAlgorithm,
      extensions: [
        new BasicConstraintsExtension(true, 0, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
        await SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  );
  return { certificatePem: `${certificate.toString('pem')}\n`, privateKeyPem: await privateKeyPem(keys.privateKey) };
}

async function endExtensions(
  names: CertificateNames,
  key: webcrypto.CryptoKey,
  authorityKey: PublicKey,
): Promise<Extension[]> {
  return [
    new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
    new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth, sipDomainUsage]),
    alternativeNames(names),
    await SubjectKeyIdentifierExtension.create(key, false, webcrypto),
    await AuthorityKeyIdentifierExtension.create(authorityKey, false, webcrypto),
  ];
}

/** A new key, certified by `authority` for server and client alike: a SIP element is both. */
export async function makeEndCertificate(
  authority: KeyAndCertificate,
  names: CertificateNames,
  serial: string,
  validity: Validity,
): Promise<KeyAndCertificate> {
  const issuer = new X509Certificate(authority.certificatePem);
  const signingKey = await webcrypto.subtle.importKey(
    'pkcs8',
    PemConverter.decodeFirst(authority.privateKeyPem),
    keyAlgorithm,
    false,
    ['sign'],
  );
  const keys = await makeKeys();
  const [name = 'Switchhook'] = [...(names.names ?? []), ...(names.sipDomains ?? []), ...(names.addresses ?? [])];
  const certificate = await X509CertificateGenerator.create(
    {
      subject: [{ CN: [name] }],
      issuer: issuer.subjectName,
      serialNumber: serial,
      notBefore: new Date(validity.from),
      notAfter: new Date(validity.to),
      publicKey: keys.publicKey,
      signingKey,
      signingAlgorithm,
      extensions: await endExtensions(names, keys.publicKey, issuer.publicKey),
    },
    webcrypto,
  );
  return { certificatePem: `${certificate.toString('pem')}\n`, privateKeyPem: await privateKeyPem(keys.privateKey) };
}

/** True when the certificate speaks for these names and no others. */
export function hasNames(certificatePem: string, names: CertificateNames): boolean {
  const found = new X509Certificate(certificatePem).getExtension(SubjectAlternativeNameExtension);
  return found !== null && Buffer.from(found.rawData).equals(Buffer.from(alternativeNames(names).rawData));
}
