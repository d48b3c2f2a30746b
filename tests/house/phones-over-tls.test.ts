/** Two phones with certificates call each other over TLS, and nobody is between them (RFC 5922). */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DevelopmentCertificateAuthority, systemContext } from '@switchhook/node';
import type { CertificateNames, TlsCredentials } from '@switchhook/node';
import { PhoneError } from '@switchhook/phone';
import type { Phone } from '@switchhook/phone';
import { startPhone } from '@switchhook/phone/node';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { silent } from '../../packages/exchange/src/phone.testing.ts';
import { freePort } from '../peers/support/ports.ts';

const folder = mkdtempSync(join(tmpdir(), 'switchhook-direct-'));
const address = '127.0.0.1';
let authority: DevelopmentCertificateAuthority;
let phones: Phone[] = [];

beforeAll(async () => {
  authority = await DevelopmentCertificateAuthority.open(folder, systemContext(silent));
});

afterEach(async () => {
  for (const phone of phones) await phone.stop();
  for (const phone of phones) expect(Object.values(phone.stats()).every((count) => count === 0)).toBe(true);
  phones = [];
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function credentialsOf(names: CertificateNames): Promise<TlsCredentials> {
  const { certificatePem, privateKeyPem } = await authority.issue(names);
  return { certificate: certificatePem, key: privateKeyPem };
}

interface Direct {
  readonly phone: Phone;
  /** Where it is called. */
  readonly uri: string;
}

/** A phone that registers nowhere; `names` are those of its certificate. */
async function direct(user: string, names: CertificateNames | undefined): Promise<Direct> {
  const port = await freePort();
  const phone = await startPhone({
    addressOfRecord: `sip:${user}@${address}`,
    transports: ['TLS'],
    address,
    port,
    authorities: [authority.caCertificatePem],
    credentials: names && (await credentialsOf(names)),
    sound: { security: 'required' },
  });
  phones.push(phone);
  return { phone, uri: `sip:${user}@${address}:${String(port + 1)};transport=tls` };
}

const ownNames = (user: string): CertificateNames => ({ addresses: [address], sipDomains: [`${user}@${address}`] });

async function failureOf(calling: Promise<unknown>): Promise<unknown> {
  const error: unknown = await calling.catch((reason: unknown) => reason);
  return error instanceof PhoneError ? error.failure : error;
}

const kindOf = (failure: unknown): unknown =>
  typeof failure === 'object' && failure !== null && 'kind' in failure ? { kind: failure.kind } : failure;

test('each calls the other, who has shown his certificate', async () => {
  const alice = await direct('alice', ownNames('alice'));
  const bob = await direct('bob', ownNames('bob'));
  for (const [caller, called] of [
    [alice, bob],
    [bob, alice],
  ] as const) {
    const unlisten = called.phone.onIncomingCall((call) => void call.answer());
    const call = await caller.phone.call(called.uri);
    expect(call.sound).toMatchObject({ encrypted: true });
    await call.hold();
    const [theirs] = called.phone.calls;
    expect(theirs?.remoteHold).toBe(true);
    await call.resume();
    await theirs?.hangUp();
    expect(call.end).toEqual({ kind: 'hung-up', by: 'remote' });
    unlisten();
  }
});

test('a far end that has no certificate for where it is called is not talked to', async () => {
  const alice = await direct('alice', ownNames('alice'));
  const elsewhere = await direct('bob', { addresses: ['192.0.2.1'] });
  let rang = false;
  elsewhere.phone.onIncomingCall(() => (rang = true));
  expect(await failureOf(alice.phone.call(elsewhere.uri))).toMatchObject({ kind: 'certificate' });
  expect(rang).toBe(false);
});

test('who calls without a certificate does not get through', async () => {
  const alice = await direct('alice', undefined);
  const bob = await direct('bob', ownNames('bob'));
  let rang = false;
  bob.phone.onIncomingCall(() => (rang = true));
  // What comes first is not certain: the alert, or the end of the connection.
  const failure = await failureOf(alice.phone.call(bob.uri));
  expect([{ kind: 'certificate' }, { kind: 'unreachable' }]).toContainEqual(kindOf(failure));
  expect(rang).toBe(false);
});
