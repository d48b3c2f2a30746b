import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DevelopmentCertificateAuthority, systemContext, TlsTransport } from '@switchhook/node';
import { SipUri, UserAgent } from '@switchhook/sip';
import { expect, test } from 'vitest';
import { CastingError } from './outsiders.ts';
import { reach } from './reachability.ts';

const ignore = (): void => undefined;
const context = systemContext({ debug: ignore, info: ignore, warn: ignore, error: ignore });
const address = '127.0.0.1';

test('a device that asks over TLS who is there is shown a certificate, and is there', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'switchhook-reach-'));
  const authority = await DevelopmentCertificateAuthority.open(folder, context);
  const { certificatePem, privateKeyPem } = await authority.issue({ addresses: [address] });
  const transport = new TlsTransport(context, {
    listen: { address, port: 0 },
    tls: {
      authorities: [authority.caCertificatePem],
      credentials: [{ certificate: certificatePem, key: privateKeyPem }],
      clientCertificates: 'require',
    },
  });
  const device = new UserAgent(context, {
    address: `sip:bob@${address}`,
    transports: [transport],
    resolver: { resolve: () => [] },
  });
  await device.start();
  const uri = SipUri.parse(`sip:bob@${address}:${String(transport.local?.port)};transport=tls`);
  if (!(uri instanceof SipUri)) throw new TypeError('no URI');
  const asked = reach(context, 'bob', { uri, address }, address, 'TLS', authority);
  await expect(asked).resolves.toBeUndefined();
  await device.stop();
  const inVain = reach(context, 'bob', { uri, address }, address, 'TLS', authority);
  await expect(inVain).rejects.toBeInstanceOf(CastingError);
  rmSync(folder, { recursive: true });
});
