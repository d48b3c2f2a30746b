import { TcpTransport, TlsTransport, UdpTransport } from '@switchhook/node';
import type { DevelopmentCertificateAuthority } from '@switchhook/node';
import { defaultPort, UserAgent } from '@switchhook/sip';
import type { SipContext, Transport, TransportProtocol } from '@switchhook/sip';
import { hostOf } from './addresses.ts';
import { CastingError } from './outsiders.ts';
import type { Outsider } from './outsiders.ts';

/** Milliseconds in which somebody who is there answers. */
const patience = 5_000;

/**
 * Asks somebody for anything (OPTIONS): whatever comes back, he is there. Rejects with a {@link CastingError} that says what to do
 * when nothing does. It is asked from an address of its own, and is no part of the flow. Over TLS a certificate of the authority is
 * shown to one who asks for it, as those who call him have one.
 */
export async function reach(
  context: SipContext,
  what: string,
  { uri, address }: Outsider,
  from: string,
  protocol: TransportProtocol,
  authority: DevelopmentCertificateAuthority,
): Promise<void> {
  const transport = await transportFor(context, from, protocol, authority);
  const port = uri.port ?? defaultPort(protocol);
  const agent = new UserAgent(context, {
    address: `sip:switchhook@${hostOf(from)}`,
    transports: [transport],
    resolver: { resolve: () => [{ protocol, address, port, serverName: uri.host }] },
  });
  await agent.start();
  const late = Promise.withResolvers<undefined>();
  const timer = context.clock.after(patience, () => late.resolve(undefined));
  try {
    const answer = await Promise.race([agent.options(uri), late.promise]);
    if (answer !== undefined && 'status' in answer && !('code' in answer)) return;
    const reason = answer === undefined ? `nothing came back in ${patience / 1_000} s` : failureOf(answer);
    const place = `${address}, port ${port}, over ${protocol}`;
    throw new CastingError(
      `${what} does not answer at ${place} (${reason}): is it on, does it listen there, and does a firewall let it?`,
    );
  } finally {
    timer.cancel();
    await agent.stop();
  }
}

function failureOf(answer: object): string {
  return 'message' in answer && typeof answer.message === 'string' ? answer.message : 'no answer';
}

async function transportFor(
  context: SipContext,
  address: string,
  protocol: TransportProtocol,
  authority: DevelopmentCertificateAuthority,
): Promise<Transport> {
  if (protocol === 'UDP') return new UdpTransport(context, { address, port: 0 });
  const listen = { address, port: 0 };
  if (protocol === 'TCP') return new TcpTransport(context, { listen });
  const { certificatePem, privateKeyPem } = await authority.issue({ addresses: [address] });
  const credentials = [{ certificate: certificatePem, key: privateKeyPem }];
  return new TlsTransport(context, { tls: { verify: false, credentials } });
}
