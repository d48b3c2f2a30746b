import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { Configuration } from './config/configuration.ts';
import { placed } from './config/fault.ts';
import { ExchangeError, hasErrorCode } from './errors.ts';

/** The files of the tls section, read and found to be usable, as PEM text. */
export interface CertificateFiles {
  /** Undefined when the development CA is to make them. */
  readonly own: CertificatePair | undefined;
  readonly ca: string | undefined;
}

/** A certificate, with those that lead up to its authority, and the key to it; as PEM text, or the names of files. */
export interface CertificatePair {
  readonly certificate: string;
  readonly key: string;
}

/** Where a person has said which file it is. */
interface Setting {
  /** As `tls.certificate`. */
  readonly name: string;
  /** What stands before a fault of it, where a configuration file says it: see {@link placed}. */
  readonly where?: string;
}

/** Those of a certificate and its key. */
interface Settings {
  readonly certificate: Setting;
  readonly key: Setting;
}

/** Reads what the tls section names. Throws an `ExchangeError` that names its place, the file and the remedy. */
export function readCertificateFiles(
  { tls, placeOf }: Pick<Configuration, 'tls' | 'placeOf'>,
  now: number,
): CertificateFiles {
  const { certificate, key, ca } = tls;
  const setting = (name: 'certificate' | 'key' | 'ca'): Setting => ({
    name: `tls.${name}`,
    where: placed(placeOf, ['tls', name]),
  });
  const settings = { certificate: setting('certificate'), key: setting('key') };
  return {
    own:
      certificate === undefined || key === undefined
        ? undefined
        : readCertificatePair({ certificate, key }, settings, now),
    ca: ca === undefined ? undefined : readAuthorities(ca, setting('ca')),
  };
}

/** When a certificate runs out, in milliseconds since 1970. */
export function endOf(certificatePem: string): number {
  return new X509Certificate(certificatePem).validToDate.getTime();
}

/**
 * Reads the files of a certificate and its key, which `settings` have named. Throws an `ExchangeError` that names the file
 * and the remedy.
 */
export function readCertificatePair(files: CertificatePair, settings: Settings, now: number): CertificatePair {
  const { certificate: certificateFile, key: keyFile } = files;
  const certificate = read(certificateFile, settings.certificate);
  const [first] = certificatesIn(certificate, certificateFile, settings.certificate);
  const { validFromDate, validToDate } = first;
  if (now > validToDate.getTime()) {
    const remedy = 'have it renewed, then start again or send HUP';
    throw fault(certificateFile, settings.certificate, `ran out on ${validToDate.toISOString()}; ${remedy}`);
  }
  if (now < validFromDate.getTime()) {
    throw fault(
      certificateFile,
      settings.certificate,
      `is valid from ${validFromDate.toISOString()} on; is the clock of this machine right?`,
    );
  }
  const key = read(keyFile, settings.key);
  if (!first.checkPrivateKey(privateKeyIn(key, keyFile, settings.key))) {
    const remedy = `name the two that were made together under ${settings.certificate.name} and ${settings.key.name}`;
    throw fault(keyFile, settings.key, `is not the key of the certificate in ${certificateFile}; ${remedy}`);
  }
  try {
    createSecureContext({ cert: certificate, key });
  } catch (error) {
    throw fault(
      certificateFile,
      settings.certificate,
      `is refused by OpenSSL (${reasonOf(error)}); have another one made`,
    );
  }
  return { certificate, key };
}

function readAuthorities(file: string, setting: Setting): string {
  const text = read(file, setting);
  certificatesIn(text, file, setting);
  return text;
}

function read(file: string, setting: Setting): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) throw fault(file, setting, `does not exist; correct ${setting.name}`);
    if (hasErrorCode(error, 'EACCES'))
      throw fault(file, setting, 'may not be read by this user; change its owner or mode');
    if (hasErrorCode(error, 'EISDIR'))
      throw fault(file, setting, `is a folder; name the PEM file under ${setting.name}`);
    throw fault(file, setting, `cannot be read (${reasonOf(error)}); check ${setting.name}`);
  }
}

/** Every certificate of a PEM file; a server's own comes first. */
function certificatesIn(text: string, file: string, setting: Setting): [X509Certificate, ...X509Certificate[]] {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  try {
    const [first, ...others] = blocks.map((block) => new X509Certificate(block));
    if (first !== undefined) return [first, ...others];
  } catch (error) {
    throw fault(file, setting, `is damaged (${reasonOf(error)}); name another file under ${setting.name}`);
  }
  throw fault(
    file,
    setting,
    `holds no certificate in PEM form ("-----BEGIN CERTIFICATE-----"); correct ${setting.name}`,
  );
}

function privateKeyIn(text: string, file: string, setting: Setting): KeyObject {
  if (text.includes('ENCRYPTED')) {
    throw fault(
      file,
      setting,
      'is encrypted; take the passphrase off with `openssl pkey` and protect the file by its mode',
    );
  }
  try {
    return createPrivateKey(text);
  } catch (error) {
    throw fault(file, setting, `holds no private key in PEM form (${reasonOf(error)}); correct ${setting.name}`);
  }
}

function fault(file: string, { where = '' }: Setting, what: string): ExchangeError {
  return new ExchangeError('certificate', `${where}${file} ${what}`);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
