import { once } from 'node:events';
import { connect } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { describe, expect, test } from 'vitest';
import type { Flow } from '@switchhook/sip';
import { TlsTransport } from './tls.ts';
import type { TlsTransportOptions } from './tls.ts';
import type { TlsSettings } from './tls-settings.ts';
import { TestAuthority } from './tls.testing.ts';
import { at, bareConnection, context, ending, heard, later, message, running } from './transport.testing.ts';

const authority = new TestAuthority();
const others = new TestAuthority();
const listen = { address: '127.0.0.1', port: 0 };

async function server(tls: Partial<TlsSettings> = {}, options: Partial<TlsTransportOptions> = {}) {
  const credentials = tls.credentials ?? [await authority.issue({ sipDomains: ['example.com'] })];
  return running(
    new TlsTransport(context, { listen, ...options, tls: { authorities: [authority.pem], ...tls, credentials } }),
  );
}

function client(tls: Partial<TlsSettings> = {}) {
  return running(new TlsTransport(context, { tls: { authorities: [authority.pem], ...tls } }));
}

/** A handshake without SIP, to look at what the server shows. */
async function handshake(port: number, servername = ''): Promise<TLSSocket> {
  const socket = connect({
    port,
    host: '127.0.0.1',
    servername,
    ca: authority.pem,
    checkServerIdentity: () => undefined,
  });
  later(() => socket.destroy());
  await once(socket, 'secureConnect');
  return socket;
}

function open(flow: Flow): Promise<string> {
  return ending(flow).then(({ code }) => code);
}

describe('handshakes', () => {
  test.each(['TLSv1.2', 'TLSv1.3'] as const)('a verified server, messages both ways: %s', async (version) => {
    const { port, inbox } = await server({ minimumVersion: version });
    const { transport, inbox: back } = await client({ minimumVersion: version });
    const flow = transport.connect(at('TLS', port, 'Example.com'));
    flow.send(message);
    const received = await inbox.next();
    expect(received.text).toBe(message);
    expect(received.flow).toMatchObject({ secure: true, peer: undefined, outgoing: false });
    received.flow.send(message);
    expect((await back.next()).text).toBe(message);
    expect(flow.peer).toEqual({ domains: ['example.com'], addresses: [] });
    expect(transport.connect(at('TLS', port, 'example.com'))).toBe(flow);
    expect(flow.local).toEqual(received.flow.remote);
  });

  test('versions before 1.2 are not spoken', async () => {
    const { port } = await server();
    const socket = connect({ port, host: '127.0.0.1', ca: authority.pem, minVersion: 'TLSv1', maxVersion: 'TLSv1.1' });
    await expect(once(socket, 'secureConnect')).rejects.toThrow();
  });

  test('one a connection: whoever asks for another is refused (TLS 1.2)', async () => {
    const { port } = await server();
    const socket = connect({
      port,
      host: '127.0.0.1',
      ca: authority.pem,
      maxVersion: 'TLSv1.2',
      servername: 'example.com',
    });
    later(() => socket.destroy());
    await once(socket, 'secureConnect');
    socket.renegotiate({}, () => undefined);
    await expect(once(socket, 'secure')).rejects.toThrow(/renegotiation/);
  });

  test('another name than that of the certificate ends it before anything is sent', async () => {
    const { port, transport: serving } = await server();
    const { transport } = await client();
    const flow = transport.connect(at('TLS', port, 'other.example'));
    const codes: string[] = [];
    flow.send(message, ({ code }) => codes.push(code));
    expect(await open(flow)).toBe('certificate');
    expect(codes).toEqual(['certificate']);
    expect(serving.stats().received).toBe(0);
  });

  test('an authority that is not trusted ends it; unless nothing is verified', async () => {
    const { port, inbox } = await server();
    const strict = await running(new TlsTransport(context, { tls: {} }));
    expect(await open(strict.transport.connect(at('TLS', port, 'example.com')))).toBe('certificate');
    const careless = await running(new TlsTransport(context, { tls: { verify: false } }));
    const flow = careless.transport.connect(at('TLS', port, 'other.example'));
    flow.send(message);
    expect((await inbox.next()).text).toBe(message);
    expect(flow.peer).toBe(undefined);
  });

  test('a far end that does not speak TLS, or does not speak, in both directions', async () => {
    const { port, transport: serving } = await server({}, { limits: { connectTimeout: 50 } });
    const plain = await bareConnection(port);
    plain.write(message, 'latin1');
    await heard(plain);
    await heard(await bareConnection(port));
    expect(serving.stats()).toMatchObject({ flows: 0, received: 0 });
  });
});

test('the last words arrive, though the end comes with them', async () => {
  const { port, inbox } = await server();
  const socket = await handshake(port);
  socket.end(message.repeat(200), 'latin1');
  for (let count = 0; count < 200; count += 1) expect((await inbox.next()).text).toBe(message);
});

describe('certificates of clients', () => {
  test('asked for and verified: known as the peer, and the connection may be used in return', async () => {
    const { port, inbox, transport: serving } = await server({ clientCertificates: 'ask' });
    const mine = await authority.issue({ sipDomains: ['client.example'] });
    const { transport } = await client({ credentials: [mine] });
    transport.connect(at('TLS', port, 'example.com')).send(message);
    const { flow } = await inbox.next();
    expect(flow.peer).toEqual({ domains: ['client.example'], addresses: [] });
    flow.acceptAlias(5061);
    expect(serving.connect(at('TLS', 5061, 'client.example'))).toBe(flow);
  });

  test('asked for and not shown, or of somebody unknown: not known', async () => {
    const { port, inbox } = await server({ clientCertificates: 'ask' });
    for (const credentials of [[], [await others.issue({ sipDomains: ['client.example'] })]]) {
      const { transport } = await client({ credentials });
      transport.connect(at('TLS', port, 'example.com')).send(message);
      expect((await inbox.next()).flow.peer).toBe(undefined);
    }
  });

  test('required and not shown: refused', async () => {
    const { port, transport: serving } = await server({ clientCertificates: 'require' });
    const { transport } = await client();
    const flow = transport.connect(at('TLS', port, 'example.com'));
    flow.send(message);
    expect(['certificate', 'closed']).toContain(await open(flow));
    await serving.stop();
    expect(serving.stats()).toMatchObject({ flows: 0, received: 0 });
  });
});

describe('which certificate is shown', () => {
  test('the one for the name that the client asks for, else the first', async () => {
    const first = await authority.issue({ names: ['first.example'] });
    const second = { ...(await authority.issue({ names: ['second.example'] })), serverNames: ['Second.example'] };
    const { port } = await server({ credentials: [first, second] });
    const shown = async (name: string): Promise<string | undefined> =>
      (await handshake(port, name)).getPeerX509Certificate()?.subjectAltName;
    expect(await shown('second.example')).toContain('second.example');
    expect(await shown('unknown.example')).toContain('first.example');
    expect(await shown('')).toContain('first.example');
  });

  test('a new one after reload, without losing connections; a bad one changes nothing', async () => {
    const { port, transport, inbox } = await server();
    const calling = await client();
    const flow = calling.transport.connect(at('TLS', port, 'example.com'));
    flow.send(message);
    await inbox.next();
    expect(() => transport.reload({ credentials: [{ key: 'no key', certificate: 'none' }] })).toThrow();
    expect((await handshake(port)).getPeerX509Certificate()?.subjectAltName).toContain('sip:example.com');
    transport.reload({ credentials: [await authority.issue({ sipDomains: ['renewed.example'] })] });
    for (const name of ['', 'some.example']) {
      expect((await handshake(port, name)).getPeerX509Certificate()?.subjectAltName).toContain('sip:renewed.example');
    }
    flow.send(message);
    expect((await inbox.next()).text).toBe(message);
  });
});

test('stop in the middle of handshakes leaves nothing', async () => {
  const { port, transport } = await server();
  const { transport: calling } = await client();
  const half = await bareConnection(port);
  const flow = calling.connect(at('TLS', port, 'example.com'));
  await Promise.all([calling.stop(), transport.stop(), heard(half)]);
  expect(flow.closed).toBe(true);
  expect([calling.stats().flows, transport.stats().flows]).toEqual([0, 0]);
});
