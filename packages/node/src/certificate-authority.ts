import { createPrivateKey, X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import type { SipContext } from '@switchhook/sip';
// The library that makes certificates is large, and most processes never make one: it is loaded by those that do.
import type { CertificateNames, KeyAndCertificate, Validity } from './certificate-authority-certificates.ts';
import { createFile, makePrivateDirectory, readIfPresent, replaceFile } from './certificate-authority-files.ts';

type AuthorityContext = Pick<SipContext, 'clock' | 'random' | 'log'>;

/** A certificate with its key, as PEM text. */
export interface IssuedCertificate extends KeyAndCertificate {
  readonly caCertificatePem: string;
  /** When it is time for the next one, in milliseconds since 1970. */
  readonly renewAt: number;
}

/** A certificate that is kept in a file. */
export interface KeptCertificate extends IssuedCertificate {
  /** Holds key and certificate, both as PEM. */
  readonly path: string;
}

const hour = 3_600_000;
const day = 24 * hour;
const authorityDays = 3_650;
/** Phones refuse certificates that are valid for more than 825 days. */
const endDays = 820;
/** An end certificate is replaced this long before it runs out, the authority before it could not outlive one. */
const renewalDays = 30;

/** Phones whose clocks are a little slow shall believe it too. */
function validityFrom(now: number, days: number): Validity {
  return { from: now - hour, to: now - hour + days * day };
}

function readKeyAndCertificate(text: string): KeyAndCertificate | undefined {
  const pem = (label: string): string | undefined =>
    new RegExp(`-----BEGIN ${label}-----[^-]+-----END ${label}-----\\n`).exec(text)?.[0];
  const certificatePem = pem('CERTIFICATE');
  const privateKeyPem = pem('PRIVATE KEY');
  if (certificatePem === undefined || privateKeyPem === undefined) return undefined;
  try {
    const fits = new X509Certificate(certificatePem).checkPrivateKey(createPrivateKey(privateKeyPem));
    return fits ? { certificatePem, privateKeyPem } : undefined;
  } catch {
    return undefined;
  }
}

function textOf({ privateKeyPem, certificatePem }: KeyAndCertificate): string {
  return privateKeyPem + certificatePem;
}

/**
 * A certificate authority for trying things out, in a directory of its own: phones that trust its one certificate trust
 * every server certificate it issues. Whoever reads its files can pose as the exchange.
 */
export class DevelopmentCertificateAuthority {
  /** What phones are given to trust. */
  readonly caCertificatePath: string;
  readonly caCertificatePem: string;
  readonly #directory: string;
  readonly #context: AuthorityContext;
  readonly #authority: KeyAndCertificate;

  private constructor(directory: string, context: AuthorityContext, authority: KeyAndCertificate) {
    this.caCertificatePath = join(directory, 'ca.pem');
    this.caCertificatePem = authority.certificatePem;
    this.#directory = directory;
    this.#context = context;
    this.#authority = authority;
  }

  /** The authority of this directory; made when there is none yet, or when the one there is soon runs out. */
  static async open(directory: string, context: AuthorityContext): Promise<DevelopmentCertificateAuthority> {
    await makePrivateDirectory(directory);
    const authority = await loadOrMakeAuthority(join(directory, 'authority.pem'), context);
    const opened = new DevelopmentCertificateAuthority(directory, context, authority);
    if ((await readIfPresent(opened.caCertificatePath)) !== authority.certificatePem) {
      await replaceFile(opened.caCertificatePath, authority.certificatePem, context.random.token(), 0o644);
    }
    return opened;
  }

  /** A new certificate, for server and client alike, that is kept nowhere. */
  async issue(names: CertificateNames): Promise<IssuedCertificate> {
    const validity = validityFrom(this.#context.clock.date(), endDays);
    const { makeEndCertificate } = await import('./certificate-authority-certificates.ts');
    const made = await makeEndCertificate(this.#authority, names, newSerial(this.#context), validity);
    return this.#issued(made);
  }

  /**
   * The certificate of the server, kept in a file: the same one as long as the names are the same and it is not time
   * to renew it, so that this may be called as often as one likes.
   */
  async serverCertificate(names: CertificateNames): Promise<KeptCertificate> {
    const path = join(this.#directory, 'server.pem');
    const text = await readIfPresent(path);
    const kept = text === undefined ? undefined : readKeyAndCertificate(text);
    if (kept !== undefined && (await this.#isGood(kept, names))) return { ...this.#issued(kept), path };
    const issued = await this.issue(names);
    await replaceFile(path, textOf(issued), this.#context.random.token());
    this.#context.log.info('server certificate made', { path });
    return { ...issued, path };
  }

  async #isGood(kept: KeyAndCertificate, names: CertificateNames): Promise<boolean> {
    const { hasNames } = await import('./certificate-authority-certificates.ts');
    const authority = new X509Certificate(this.#authority.certificatePem);
    return (
      new X509Certificate(kept.certificatePem).verify(authority.publicKey) &&
      !isDue(kept.certificatePem, renewalDays, this.#context) &&
      hasNames(kept.certificatePem, names)
    );
  }

  #issued({ certificatePem, privateKeyPem }: KeyAndCertificate): IssuedCertificate {
    const renewAt = new X509Certificate(certificatePem).validToDate.getTime() - renewalDays * day;
    return { certificatePem, privateKeyPem, caCertificatePem: this.caCertificatePem, renewAt };
  }
}

/** Fewer than so many days left, or not valid yet because the machine's clock went back. */
function isDue(certificatePem: string, days: number, { clock }: AuthorityContext): boolean {
  const { validFromDate, validToDate } = new X509Certificate(certificatePem);
  const now = clock.date();
  return now < validFromDate.getTime() || now >= validToDate.getTime() - days * day;
}

/** Sixteen bytes of chance, positive in DER (RFC 5280 4.1.2.2). */
function newSerial({ random }: AuthorityContext): string {
  const [first = 0, ...rest] = random.bytes(16);
  return Buffer.from([(first & 0x3f) | 0x40, ...rest]).toString('hex');
}

async function loadOrMakeAuthority(path: string, context: AuthorityContext): Promise<KeyAndCertificate> {
  const text = await readIfPresent(path);
  const kept = text === undefined ? undefined : readKeyAndCertificate(text);
  if (kept !== undefined && !isDue(kept.certificatePem, endDays, context)) return kept;

  const serial = newSerial(context);
  const validity = validityFrom(context.clock.date(), authorityDays);
  const { makeAuthority } = await import('./certificate-authority-certificates.ts');
  const made = await makeAuthority(`Switchhook development CA ${serial.slice(0, 8)}`, serial, validity);
  if (text !== undefined) {
    context.log.warn('the development CA is replaced: damaged or too old; phones have to trust the new one', { path });
    await replaceFile(path, textOf(made), context.random.token());
    return made;
  }
  if (await createFile(path, textOf(made), context.random.token())) {
    context.log.info('development CA made', { path });
    return made;
  }
  // Another process was quicker: its authority is the one.
  return loadOrMakeAuthority(path, context);
}
