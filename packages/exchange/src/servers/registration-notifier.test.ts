import { parseRegistrationInformation, registrationEvent, SyntaxFault } from '@switchhook/sip';
import type { RegisteredAddress, RegistrationInformation, Subscription } from '@switchhook/sip';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { nothingLeft, ServersStage } from './servers-stage.testing.ts';
import type { Telephone } from './servers-stage.testing.ts';

let stage: ServersStage;

beforeEach(async () => {
  stage = await ServersStage.set({}, { administrators: ['carol'] });
});

afterEach(async () => {
  expect(await stage.leftOvers()).toEqual(nothingLeft);
});

type Watching = Subscription<readonly RegisteredAddress[]>;

function watch(phone: Telephone, user: string, expires?: number): Watching {
  return phone.subscriber.subscribe({ package: registrationEvent, target: phone.uri(user), expires });
}

/** The documents that came to an address, in their order. */
function documentsTo(address: string): RegistrationInformation[] {
  const bodies = stage.network.trace.entries
    .filter(({ text, to }) => text.startsWith('NOTIFY') && to.address === address)
    .map(({ text }) => text.slice(text.indexOf('\r\n\r\n') + 4))
    .filter((body) => body !== '');
  return [...new Set(bodies)].map((body) => {
    const document = parseRegistrationInformation(body);
    if (document instanceof SyntaxFault) throw new Error(document.reason);
    return document;
  });
}

/** Contacts of the last state, as `host state event`. */
function told(watching: Watching): string[] {
  const [registration] = watching.latest ?? [];
  return (registration?.contacts ?? []).map(
    ({ uri, state, event }) => `${/@([^:;]*)/.exec(uri)?.[1] ?? ''} ${state} ${event}`,
  );
}

describe('a subscriber', () => {
  test('is told of all his telephones, and then of each change, once', async () => {
    const alice = await stage.phone('alice');
    const watching = watch(alice, 'alice');
    await stage.until(() => watching.latest !== undefined);
    expect(told(watching)).toEqual(['192.0.2.10 active registered']);
    const other = await stage.phone('alice');
    await stage.until(() => told(watching).length > 1);
    expect(told(watching)).toEqual(['192.0.2.10 active registered', '192.0.2.11 active registered']);
    await stage.of(other.agent.registration?.end() ?? Promise.resolve());
    await stage.until(() => told(watching).some((each) => each.includes('terminated')));
    expect(told(watching)).toEqual(['192.0.2.10 active registered', '192.0.2.11 terminated unregistered']);
    const documents = documentsTo('192.0.2.10');
    expect(documents.map(({ version, whole }) => [version, whole])).toEqual([
      [0, true],
      [1, false],
      [2, false],
    ]);
    expect(documents[2]?.registrations[0]?.contacts).toHaveLength(1);
  });

  test('learns Call-ID, CSeq, instance and GRUUs of each, by which it can be reached (RFC 5628)', async () => {
    const alice = await stage.phone('alice');
    const bob = await stage.phone('bob');
    const watching = watch(alice, 'alice');
    await stage.until(() => watching.latest !== undefined);
    const [registration] = watching.latest ?? [];
    expect(registration).toMatchObject({ addressOfRecord: 'sip:alice@example.com', state: 'active' });
    const [contact] = registration?.contacts ?? [];
    expect(contact).toMatchObject({
      callId: expect.any(String) as string,
      cseq: 2,
      publicGruu: 'sip:alice@example.com;gr=urn:uuid:alice',
      temporaryGruu: { firstCSeq: 2 },
    });
    expect(contact?.expires).toBeGreaterThan(3_590);
    expect(contact?.parameters).toContainEqual(['+sip.instance', '"<urn:uuid:alice>"']);
    const uri = contact?.temporaryGruu?.uri ?? '';
    const call = bob.call(uri);
    await stage.until(() => alice.arrived.length > 0);
    alice.arrived.pop()?.reject(486);
    expect(await stage.of(call.outcome)).toMatchObject({ kind: 'refused' });
  });

  test('still learns it after an hour, for his subscription is renewed', async () => {
    const alice = await stage.phone('alice');
    const watching = watch(alice, 'alice', 300);
    await stage.until(() => watching.latest !== undefined);
    await stage.pass(400_000);
    expect(watching.status).toBe('active');
    await stage.phone('alice');
    await stage.until(() => told(watching).length > 1);
    const subscribes = stage.network.trace.entries.filter(({ text }) => text.startsWith('SUBSCRIBE'));
    expect(new Set(subscribes.map(({ text }) => /^Call-ID: (.*)$/m.exec(text)?.[1])).size).toBe(1);
  });

  test('is told that nobody is registered, too, and when somebody has not come back', async () => {
    const bob = await stage.phone('bob', { expires: 120 });
    const carol = await stage.phone('carol');
    const watching = watch(carol, 'alice');
    await stage.until(() => watching.latest !== undefined);
    expect(watching.latest).toMatchObject([{ state: 'init', contacts: [] }]);
    const bobs = watch(carol, 'bob');
    await stage.until(() => bobs.latest !== undefined);
    await bob.agent.stop();
    await stage.until(() => bobs.latest?.[0]?.state === 'terminated');
    expect(told(bobs)).toEqual(['192.0.2.10 terminated expired']);
  });

  test('may fetch it once', async () => {
    const alice = await stage.phone('alice');
    const watching = watch(alice, 'alice', 0);
    expect(await stage.of(watching.ended)).toEqual({ kind: 'fetched' });
    expect(told(watching)).toEqual(['192.0.2.10 active registered']);
  });
});

describe('who may not', () => {
  test('is somebody else', async () => {
    const bob = await stage.phone('bob');
    expect(await stage.of(watch(bob, 'alice').ended)).toMatchObject({ kind: 'refused', status: 403 });
    expect(documentsTo('192.0.2.10')).toEqual([]);
  });

  test('is a stranger', async () => {
    const stranger = await stage.phone('alice', { stranger: true });
    const target = 'sip:alice@example.com';
    const watching = stranger.subscriber.subscribe({ package: registrationEvent, target });
    expect(await stage.of(watching.ended)).toMatchObject({ kind: 'refused', status: 403 });
  });
});

test('an administrator may, but for what calls telephones anonymously (RFC 5628 5)', async () => {
  await stage.phone('alice');
  const carol = await stage.phone('carol');
  const watching = watch(carol, 'alice');
  await stage.until(() => watching.latest !== undefined);
  expect(watching.latest?.[0]?.contacts).toMatchObject([
    { publicGruu: 'sip:alice@example.com;gr=urn:uuid:alice', temporaryGruu: undefined },
  ]);
});

test('what nobody watches is not kept', async () => {
  const alice = await stage.phone('alice');
  await stage.of(watch(alice, 'alice', 0).ended);
  await stage.pass(40_000);
  expect(stage.exchange.stats().servers).toBe(0);
  expect(await stage.exchange.metrics()).toContain('switchhook_registration_subscriptions 0');
});
