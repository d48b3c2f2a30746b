import { NameAddr, SipUri } from '@switchhook/sip';
import type { SipResponse } from '@switchhook/sip';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Exchange } from './exchange.ts';
import { startExchange, testConfiguration } from './exchange.testing.ts';
import { ScriptedPhone } from './phone.testing.ts';
import type { PhoneOptions } from './phone.testing.ts';

let exchange: Exchange;
let phones: ScriptedPhone[];

beforeEach(async () => {
  phones = [];
  const subscribers = [
    ...['alice', 'bob'].map((user) => ({ user, password: `${user}-secret` })),
    { user: 'alice', domain: 'second.example', password: 'alice-secret' },
  ];
  const domains = [
    { name: '127.0.0.1', aliases: ['localhost'] },
    { name: 'second.example', aliases: [] },
  ];
  ({ exchange } = await startExchange(testConfiguration({ domains, subscribers })));
});

afterEach(async () => {
  await Promise.all(phones.map((phone) => phone.stop()));
  await exchange.stop();
});

async function phone(user: string, options: Partial<PhoneOptions> = {}): Promise<ScriptedPhone> {
  const started = await ScriptedPhone.start(exchange, { user, ...options });
  phones.push(started);
  return started;
}

describe('the domain of a REGISTER (RFC 3261 10.3 steps 1 to 5)', () => {
  test.each([
    ['sip:127.0.0.1', 'sip:alice@127.0.0.1', 200],
    ['sip:localhost', 'sip:alice@127.0.0.1', 200],
    ['sip:127.0.0.1', 'sip:alice@localhost', 200],
    ['sip:second.example', 'sip:alice@second.example', 200],
    // Credentials are of the domain that the request is for, and say nothing about another.
    ['sip:127.0.0.1', 'sip:alice@second.example', 403],
    ['sip:second.example', 'sip:alice@127.0.0.1', 403],
    ['sip:127.0.0.1', 'sip:alice@elsewhere.example', 403],
    ['sip:127.0.0.1', 'sip:bob@127.0.0.1', 403],
    ['sip:127.0.0.1', 'sip:127.0.0.1', 403],
  ])('to %s for %s: %i', async (requestUri, to, status) => {
    const alice = await phone('alice');
    const response = await alice.send('REGISTER', requestUri, { to, headers: [['Contact', alice.contact]] });
    expect(response.status).toBe(status);
    expect(exchange.stats().bindings).toBe(status === 200 ? 1 : 0);
  });

  test('one that is for another domain is no business of ours: a stranger’s is not passed on', async () => {
    const eve = await phone('eve', { domain: 'elsewhere.example' });
    const to = 'sip:alice@127.0.0.1';
    const response = await eve.send('REGISTER', 'sip:elsewhere.example', { to, headers: [['Contact', eve.contact]] });
    expect(response.status).toBe(403);
    expect(exchange.stats().bindings).toBe(0);
  });
});

describe('GRUUs lead to the phone they were given to (RFC 5627)', () => {
  const instance = '+sip.instance="<urn:uuid:00000000-0000-1000-8000-000a95a0e128>"';

  function gruu(response: SipResponse, name: 'pub-gruu' | 'temp-gruu'): string {
    const contact = NameAddr.parse(response.rawAll('Contact').find((value) => value.includes(name)) ?? '');
    const uri = contact instanceof NameAddr ? SipUri.parse(contact.parameters.get(name) ?? '') : undefined;
    if (!(uri instanceof SipUri)) throw new Error(`no ${name}`);
    return uri.toString();
  }

  function register(bob: ScriptedPhone, callId: string, expires = 60): Promise<SipResponse> {
    return bob.send('REGISTER', 'sip:127.0.0.1', {
      to: 'sip:bob@127.0.0.1',
      callId,
      headers: [
        ['Contact', `${bob.contact};${instance}`],
        ['Expires', String(expires)],
        ['Supported', 'gruu'],
      ],
    });
  }

  /** The status of a request to the URI; bob answers whatever reaches him. */
  async function reach(alice: ScriptedPhone, bob: ScriptedPhone, uri: string): Promise<number> {
    const message = alice.send('MESSAGE', uri);
    void bob.next().then((arrived) => bob.answer(arrived, 202));
    return (await message).status;
  }

  test('through refreshes, until another Call-ID; the public one after that', async () => {
    const alice = await phone('alice');
    const bob = await phone('bob');
    const first = await register(bob, 'first');
    const [publicOne, temporary] = [gruu(first, 'pub-gruu'), gruu(first, 'temp-gruu')];
    const refreshed = gruu(await register(bob, 'first'), 'temp-gruu');
    expect(refreshed).not.toBe(temporary);
    for (const uri of [publicOne, temporary, refreshed]) expect(await reach(alice, bob, uri)).toBe(202);

    const rebooted = gruu(await register(bob, 'rebooted'), 'temp-gruu');
    const statuses = [];
    for (const uri of [temporary, refreshed]) statuses.push((await alice.send('MESSAGE', uri)).status);
    expect(statuses).toEqual([404, 404]);
    for (const uri of [publicOne, rebooted]) expect(await reach(alice, bob, uri)).toBe(202);

    expect((await register(bob, 'rebooted', 0)).status).toBe(200);
    expect((await alice.send('MESSAGE', rebooted)).status).toBe(404);
    expect((await alice.send('MESSAGE', publicOne)).status).toBe(480);
  });

  test('a phone cannot register its own GRUU as its contact', async () => {
    const bob = await phone('bob');
    const first = await register(bob, 'first');
    for (const name of ['pub-gruu', 'temp-gruu'] as const) {
      const response = await bob.send('REGISTER', 'sip:127.0.0.1', {
        to: 'sip:bob@127.0.0.1',
        headers: [['Contact', `<${gruu(first, name)}>`]],
      });
      expect(response.status).toBe(403);
    }
  });
});
