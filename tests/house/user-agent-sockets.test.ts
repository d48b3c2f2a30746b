import { readFileSync } from 'node:fs';
import { DnsResolver, NodeDnsClient, systemContext, TcpTransport, TlsTransport, UdpTransport } from '@switchhook/node';
import { WebSocketTransport } from '@switchhook/node/web-socket';
import { NameAddr, UserAgent } from '@switchhook/sip';
import type { Registration, RegistrationState, SipContext, Transport, TransportProtocol } from '@switchhook/sip';
import { afterEach, describe, expect, test } from 'vitest';
import type { Configuration } from '../../packages/exchange/src/config/configuration.ts';
import type { Exchange } from '../../packages/exchange/src/exchange.ts';
import { startExchange, testConfiguration } from '../../packages/exchange/src/exchange.testing.ts';
import { silent } from '../../packages/exchange/src/phone.testing.ts';

/** The user agent on real sockets, registered with the real exchange, which goes away and comes back. */

const protocols = ['UDP', 'TCP', 'TLS', 'WS', 'WSS'] as const;
const address = '127.0.0.1';
let exchange: Exchange | undefined;
let agents: UserAgent[] = [];

afterEach(async () => {
  for (const agent of agents) {
    await agent.stop();
    expect(Object.values(agent.stats()).every((count) => count === 0)).toBe(true);
  }
  agents = [];
  await exchange?.stop();
});

function transportOf(context: SipContext, protocol: TransportProtocol, authorities: readonly string[]): Transport {
  switch (protocol) {
    case 'UDP':
      return new UdpTransport(context, { address, port: 0 });
    case 'TCP':
      return new TcpTransport(context, {});
    case 'TLS':
      return new TlsTransport(context, { tls: { authorities } });
    case 'WS':
      return new WebSocketTransport(context, {});
    case 'WSS':
      return new WebSocketTransport(context, { tls: { authorities } });
  }
}

async function phone(user: string, protocol: TransportProtocol): Promise<UserAgent> {
  const listener = exchange?.listeners.find((each) => each.protocol === protocol);
  const authority = exchange?.developmentCaFile;
  if (listener === undefined || authority === undefined) throw new Error('the exchange does not run');
  const context = systemContext(silent);
  const scheme = protocol === 'TLS' || protocol === 'WSS' ? 'sips' : 'sip';
  const transport = { UDP: 'udp', TCP: 'tcp', TLS: 'tcp', WS: 'ws', WSS: 'ws' }[protocol];
  const agent = new UserAgent(context, {
    address: `<${scheme}:${user}@${address}>`,
    transports: [transportOf(context, protocol, [readFileSync(authority, 'utf8')])],
    resolver: new DnsResolver(context, new NodeDnsClient()),
    route: [NameAddr.of({ uri: `${scheme}:${address}:${String(listener.port)};transport=${transport};lr` })],
    credentials: () => ({ username: user, password: `${user}-secret` }),
  });
  await agent.start();
  agents.push(agent);
  return agent;
}

/** Resolves once the registration is as it is wanted. */
function until(registration: Registration, kind: RegistrationState['kind']): Promise<void> {
  return new Promise((resolve) => {
    if (registration.state.kind === kind) resolve();
    registration.onChange((state) => {
      if (state.kind === kind) resolve();
    });
  });
}

/** The same exchange with its listeners where they were. */
function standing(configuration: Configuration, { listeners }: Exchange): Configuration {
  return {
    ...configuration,
    listeners: configuration.listeners.map((listener) => ({
      ...listener,
      port: listeners.find(({ protocol }) => protocol === listener.protocol)?.port ?? 0,
    })),
  };
}

describe.each(protocols)('over %s', (protocol) => {
  test('registers, survives a broken flow and the restart of the exchange, and says goodbye', async () => {
    const configuration = testConfiguration();
    exchange = (await startExchange(configuration)).exchange;
    const agent = await phone('alice', protocol);
    const recovery = { base: 100, baseAllFailed: 100, maximum: 200 };
    const registration = agent.register({ expires: 600, recovery });
    await until(registration, 'registered');
    expect(exchange.stats().bindings).toBe(1);
    const first = registration.flow;

    const broken = until(registration, 'registering');
    first?.close('closed');
    await broken;
    await until(registration, 'registered');
    expect(registration.flow).not.toBe(first);
    expect(exchange.stats().bindings).toBe(1);

    const again = standing(configuration, exchange);
    if (protocol === 'UDP') {
      await exchange.stop();
      agent.networkChanged();
    } else {
      const gone = until(registration, 'failed');
      await exchange.stop();
      await gone;
    }
    exchange = (await startExchange(again)).exchange;
    await until(registration, 'registered');
    expect(exchange.stats().bindings).toBe(1);
    const answered = await agent.options(agent.address.uri);
    expect(answered.status).toBe(200);
    await registration.end();
    expect(exchange.stats().bindings).toBe(0);
  });
});
