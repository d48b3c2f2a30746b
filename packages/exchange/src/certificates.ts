import { isIP } from 'node:net';
import { join } from 'node:path';
import { DevelopmentCertificateAuthority } from '@switchhook/node';
import type { SipContext } from '@switchhook/sip';
import { readCertificateFiles } from './certificate-files.ts';
import type { Configuration } from './config/configuration.ts';

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
  const { own, ca } = readCertificateFiles(configuration, context.clock.date());
  if (own !== undefined) return { ...own, ca, developmentCaFile: undefined };
  const authority = await DevelopmentCertificateAuthority.open(join(configuration.dataFolder, 'ca'), context);
  const made = await authority.serverCertificate(namesOf(configuration));
  return {
    certificate: made.certificatePem,
    key: made.privateKeyPem,
    ca: ca ?? made.caCertificatePem,
    developmentCaFile: authority.caCertificatePath,
  };
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
