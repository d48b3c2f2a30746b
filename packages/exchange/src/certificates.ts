import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { DevelopmentCertificateAuthority } from '@switchhook/node';
import type { SipContext } from '@switchhook/sip';
import type { Configuration } from './config/configuration.ts';
import { ExchangeError } from './errors.ts';

/** What the secure listeners present, as PEM text. */
export interface ServerCertificate {
  readonly certificate: string;
  readonly key: string;
  /** What far ends are checked against; the machine's own authorities when absent. */
  readonly ca: string | undefined;
  /** What phones have to trust, when the development CA made the certificate. */
  readonly developmentCaFile: string | undefined;
}

/** Reads the configured certificate, or has the development CA of the data folder make one. */
export async function loadCertificate(configuration: Configuration, context: SipContext): Promise<ServerCertificate> {
  const { certificate, key, ca } = configuration.tls;
  if (certificate !== undefined && key !== undefined) {
    const loaded = { certificate: read(certificate), key: read(key), ca: ca === undefined ? undefined : read(ca) };
    try {
      createSecureContext({ cert: loaded.certificate, key: loaded.key });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new ExchangeError('certificate', `${certificate} and ${key} cannot be used together: ${reason}`);
    }
    return { ...loaded, developmentCaFile: undefined };
  }
  const authority = await DevelopmentCertificateAuthority.open(join(configuration.dataFolder, 'ca'), context);
  const made = await authority.serverCertificate(namesOf(configuration));
  return {
    certificate: made.certificatePem,
    key: made.privateKeyPem,
    ca: ca === undefined ? made.caCertificatePem : read(ca),
    developmentCaFile: authority.caCertificatePath,
  };
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ExchangeError('certificate', `${file} cannot be read (${reason}); check the tls section`);
  }
}

/** Everything by which a phone may know this exchange (RFC 5922 7.1: a SIP URI for each domain). */
function namesOf({ domains, listeners }: Configuration): {
  names: string[];
  addresses: string[];
  sipDomains: string[];
} {
  const hosts = new Set(domains.flatMap(({ name, aliases }) => [name, ...aliases]));
  for (const { address, publicName } of listeners) {
    if (address !== '0.0.0.0' && address !== '::') hosts.add(address);
    if (publicName !== undefined) hosts.add(publicName);
  }
  const all = [...hosts];
  return {
    names: all.filter((host) => isIP(host) === 0),
    addresses: all.filter((host) => isIP(host) !== 0),
    sipDomains: domains.map(({ name }) => name).filter((name) => isIP(name) === 0),
  };
}
