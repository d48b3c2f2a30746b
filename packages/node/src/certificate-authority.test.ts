import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer } from 'node:tls';
import type { ConnectionOptions } from 'node:tls';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DevelopmentCertificateAuthority } from './certificate-authority.ts';
import type { IssuedCertificate } from './certificate-authority.ts';
import { manualContext } from './manual-clock.testing.ts';
import type { ManualContext } from './manual-clock.testing.ts';

const run = promisify(execFile);
const day = 86_400_000;
const names = { names: ['localhost', 'pbx.example.com'], addresses: ['127.0.0.1', '::1'], sipDomains: ['example.com'] };

let parent: string;
let directory: string;
let context: ManualContext;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'authority-'));
  directory = join(parent, 'tls');
  context = manualContext();
});

afterEach(() => rm(parent, { recursive: true }));

const open = () => DevelopmentCertificateAuthority.open(directory, context);
const parsed = (issued: IssuedCertificate) => new X509Certificate(issued.certificatePem);

describe('the authority', () => {
  test('is made once and kept', async () => {
    const first = await open();
    const second = await open();
    expect(second.caCertificatePem).toBe(first.caCertificatePem);
    expect(await readFile(first.caCertificatePath, 'latin1')).toBe(first.caCertificatePem);
    const certificate = new X509Certificate(first.caCertificatePem);
    expect(certificate.ca).toBe(true);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
  });

  test('is for its owner only', async () => {
    const authority = await open();
    const { path } = await authority.serverCertificate(names);
    const mode = async (file: string) => ((await stat(file)).mode & 0o777).toString(8);
    expect(await mode(directory)).toBe('700');
    expect(await mode(join(directory, 'authority.pem'))).toBe('600');
    expect(await mode(path)).toBe('600');
    expect((await readdir(directory)).sort()).toEqual(['authority.pem', 'ca.pem', 'server.pem']);
  });

  test('is one, however many start at once', async () => {
    const contexts = [1, 2, 3, 4].map((seed) => manualContext(seed));
    const opened = await Promise.all(contexts.map((each) => DevelopmentCertificateAuthority.open(directory, each)));
    expect(new Set(opened.map(({ caCertificatePem }) => caCertificatePem)).size).toBe(1);
    expect((await readdir(directory)).sort()).toEqual(['authority.pem', 'ca.pem']);
  });

  test.each(['', 'garbage', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'])(
    'is replaced when its file is damaged: %j',
    async (text) => {
      const first = await open();
      await writeFile(join(directory, 'authority.pem'), text);
      const second = await open();
      expect(second.caCertificatePem).not.toBe(first.caCertificatePem);
      expect(await readFile(second.caCertificatePath, 'latin1')).toBe(second.caCertificatePem);
    },
  );

  test('is replaced when its key is that of another', async () => {
    const first = await open();
    const other = await DevelopmentCertificateAuthority.open(join(parent, 'other'), manualContext(2));
    const text = await readFile(join(parent, 'other', 'authority.pem'), 'latin1');
    const mixed = text.replace(other.caCertificatePem, first.caCertificatePem);
    await writeFile(join(directory, 'authority.pem'), mixed);
    expect((await open()).caCertificatePem).not.toBe(first.caCertificatePem);
  });

  test('is replaced while it still outlives every certificate it issued', async () => {
    const first = await open();
    context.clock.advance(2_800 * day);
    expect((await open()).caCertificatePem).toBe(first.caCertificatePem);
    context.clock.advance(100 * day);
    expect((await open()).caCertificatePem).not.toBe(first.caCertificatePem);
  });
});

describe('the server certificate', () => {
  test('holds the names, as DNS, IP and SIP (RFC 5922 7.1)', async () => {
    const certificate = parsed(await (await open()).serverCertificate(names));
    expect(certificate.subjectAltName?.split(', ').sort()).toEqual([
      'DNS:127.0.0.1',
      'DNS:localhost',
      'DNS:pbx.example.com',
      'IP Address:0:0:0:0:0:0:0:1',
      'IP Address:127.0.0.1',
      'URI:sip:example.com',
    ]);
    expect(certificate.ca).toBe(false);
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2', '1.3.6.1.5.5.7.3.20']);
    expect(certificate.publicKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
    const days = (certificate.validToDate.getTime() - certificate.validFromDate.getTime()) / day;
    expect(days).toBeLessThanOrEqual(825);
    expect(certificate.validFromDate.getTime()).toBeLessThan(context.clock.date());
  });

  test('is kept while the names are the same, in whatever order', async () => {
    const first = await (await open()).serverCertificate(names);
    const turned = { ...names, names: [...names.names].reverse() };
    expect((await (await open()).serverCertificate(turned)).certificatePem).toBe(first.certificatePem);
  });

  test.each([
    ['a name more', { ...names, names: [...names.names, 'new.example.com'] }],
    ['a name less', { ...names, addresses: ['127.0.0.1'] }],
    ['another SIP domain', { ...names, sipDomains: ['example.net'] }],
  ])('is made anew for %s', async (_, others) => {
    const authority = await open();
    const first = await authority.serverCertificate(names);
    expect((await authority.serverCertificate(others)).certificatePem).not.toBe(first.certificatePem);
  });

  test('is renewed before it runs out', async () => {
    const authority = await open();
    const first = await authority.serverCertificate(names);
    context.clock.advance(first.renewAt - context.clock.date() - 1);
    expect((await authority.serverCertificate(names)).certificatePem).toBe(first.certificatePem);
    context.clock.advance(1);
    const second = await authority.serverCertificate(names);
    expect(second.renewAt).toBeGreaterThan(context.clock.date() + 700 * day);
    expect(parsed(first).validToDate.getTime()).toBeGreaterThan(context.clock.date() + 29 * day);
  });

  test('is made anew when its authority is gone, or its file damaged', async () => {
    const first = await (await open()).serverCertificate(names);
    await rm(join(directory, 'authority.pem'));
    const second = await (await open()).serverCertificate(names);
    expect(second.certificatePem).not.toBe(first.certificatePem);
    await writeFile(second.path, second.certificatePem);
    expect((await (await open()).serverCertificate(names)).certificatePem).not.toBe(second.certificatePem);
  });
});

const openssl = await run('openssl', ['version']).then(
  () => true,
  () => false,
);

test.skipIf(!openssl)('openssl verifies the chain, the name and the address for server and client', async () => {
  const authority = await open();
  const { path } = await authority.serverCertificate(names);
  const at = String(Math.floor(context.clock.date() / 1000));
  const verify = async (...more: string[]) =>
    (
      await run('openssl', [
        'verify',
        '-x509_strict',
        '-attime',
        at,
        '-CAfile',
        authority.caCertificatePath,
        ...more,
        path,
      ])
    ).stdout;
  expect(await verify('-purpose', 'sslserver', '-verify_hostname', 'pbx.example.com')).toContain('OK');
  expect(await verify('-purpose', 'sslclient', '-verify_ip', '::1')).toContain('OK');
  await expect(verify('-verify_hostname', 'other.example.com')).rejects.toThrow();
});

describe('a TLS handshake', () => {
  /** Both sides verify; answers with the error of the connecting side, or the SIP domain that the server saw. */
  async function shakeHands(
    server: IssuedCertificate,
    client: IssuedCertificate,
    options: ConnectionOptions,
  ): Promise<string> {
    const listening = createServer({
      key: server.privateKeyPem,
      cert: server.certificatePem,
      ca: client.caCertificatePem,
      requestCert: true,
      rejectUnauthorized: true,
    });
    listening.on('secureConnection', (socket) => {
      socket.end(socket.getPeerX509Certificate()?.subjectAltName ?? '');
    });
    listening.listen(0, '127.0.0.1');
    await once(listening, 'listening');
    const address = listening.address();
    if (address === null || typeof address === 'string') throw new Error('not listening');
    try {
      const socket = connect({
        port: address.port,
        host: '127.0.0.1',
        ca: server.caCertificatePem,
        key: client.privateKeyPem,
        cert: client.certificatePem,
        ...options,
      });
      const chunks = await socket.setEncoding('latin1').toArray();
      return chunks.join('');
    } catch (error) {
      return error instanceof Error && 'code' in error ? String(error.code) : String(error);
    } finally {
      listening.close();
    }
  }

  test('proves address and name to the client, and the person to the server', async () => {
    context = { ...context, clock: Object.assign(context.clock, { date: () => Date.now() }) };
    const authority = await open();
    const server = await authority.serverCertificate(names);
    const client = await authority.issue({ sipDomains: ['alice@example.com'] });
    expect(await shakeHands(server, client, {})).toBe('URI:sip:alice@example.com');
    expect(await shakeHands(server, client, { servername: 'pbx.example.com' })).toBe('URI:sip:alice@example.com');
    expect(await shakeHands(server, client, { servername: 'other.example.com' })).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
  });
});
