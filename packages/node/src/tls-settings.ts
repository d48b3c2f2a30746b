import { constants, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { createSecureContext } from 'node:tls';
import type {
  ConnectionOptions,
  PeerCertificate,
  SecureContext,
  SecureContextOptions,
  TlsOptions,
  TLSSocket,
} from 'node:tls';
import type { Destination, PeerIdentity } from '@switchhook/sip';
import { certificateIdentity, identityFault } from './tls-identity.ts';

/** A key and its certificate chain, as PEM text. */
export interface TlsCredentials {
  readonly key: string;
  readonly certificate: string;
  /** The names, as clients ask for them (SNI), for which these are used. The first credentials serve all others. */
  readonly serverNames?: readonly string[] | undefined;
}

/** Who this side is over TLS, and whom it believes (RFC 5922). */
export interface TlsSettings {
  /** Needed for listening; when connecting, the first are shown to servers that ask for a certificate. */
  readonly credentials?: readonly TlsCredentials[] | undefined;
  /** Certificates of the authorities to trust, as PEM text, instead of those that Node brings. */
  readonly authorities?: readonly string[] | undefined;
  /** Whether clients must, may or need not show a certificate. One that is shown and does not verify proves nothing. */
  readonly clientCertificates?: 'require' | 'ask' | 'ignore' | undefined;
  /** False to talk to servers that cannot prove who they are. */
  readonly verify?: boolean | undefined;
  readonly minimumVersion?: 'TLSv1.2' | 'TLSv1.3' | undefined;
}

/** The contexts made of {@link TlsSettings}; another such object takes its place when certificates change. */
export class TlsContexts {
  /** For clients that name no server, and for connecting. */
  readonly defaults: SecureContextOptions;
  private readonly verify: boolean;
  private readonly fallback: SecureContext;
  private readonly byName = new Map<string, SecureContext>();

  /** Throws when a key, a certificate or an authority cannot be read. */
  constructor(settings: TlsSettings) {
    const [first, ...others] = settings.credentials ?? [];
    this.verify = settings.verify ?? true;
    this.defaults = contextOptions(settings, first);
    this.fallback = createSecureContext(this.defaults);
    this.list(this.fallback, first);
    for (const credentials of others)
      this.list(createSecureContext(contextOptions(settings, credentials)), credentials);
  }

  forName(name: string): SecureContext {
    return this.byName.get(name.toLowerCase()) ?? this.fallback;
  }

  /** What to connect with, so that only a far end that proves the destination's name is talked to (RFC 5922 7.3). */
  connecting(destination: Destination): ConnectionOptions {
    const name = destination.serverName ?? destination.address;
    return {
      secureContext: this.fallback,
      servername: isIP(name) === 0 ? name : '',
      rejectUnauthorized: this.verify,
      checkServerIdentity: (_host: string, certificate: PeerCertificate) =>
        identityFault(name, new X509Certificate(certificate.raw)),
    };
  }

  private list(context: SecureContext, credentials: TlsCredentials | undefined): void {
    for (const name of credentials?.serverNames ?? []) this.byName.set(name.toLowerCase(), context);
  }
}

/** Options of a server that looks for its certificates at each handshake, so that they can change. */
export function tlsServerOptions(settings: TlsSettings, contexts: () => TlsContexts): TlsOptions {
  return {
    ...contexts().defaults,
    SNICallback: (name, callback) => {
      callback(null, contexts().forName(name));
    },
    requestCert: settings.clientCertificates === 'ask' || settings.clientCertificates === 'require',
    rejectUnauthorized: settings.clientCertificates === 'require',
  };
}

function contextOptions(settings: TlsSettings, credentials: TlsCredentials | undefined): SecureContextOptions {
  const { authorities, minimumVersion } = settings;
  return {
    ...(credentials && { key: credentials.key, cert: credentials.certificate }),
    ...(authorities && { ca: [...authorities] }),
    minVersion: minimumVersion ?? 'TLSv1.2',
    // A client that asks for one handshake after the other has this side do most of the work, and Node only tells of it.
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
  };
}

/** What the far end of a finished handshake has proven. */
export function peerOf(socket: TLSSocket): PeerIdentity | undefined {
  const certificate = socket.authorized ? socket.getPeerX509Certificate() : undefined;
  return certificate && certificateIdentity(certificate);
}
