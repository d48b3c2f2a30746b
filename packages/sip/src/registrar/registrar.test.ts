import { beforeEach, describe, expect, test, vi } from 'vitest';

import type { LocationService } from './location-service.ts';
import { MemoryLocationService } from './memory-location-service.ts';
import { aliceRecord, RegistrarBench, TestFlow } from './registrar.testing.ts';

const one = '<sip:alice@10.0.0.1>';
const two = '<sip:alice@10.0.0.2>';

let bench: RegistrarBench;

beforeEach(() => {
  bench = new RegistrarBench();
});

describe('who and what (RFC 3261 10.3 steps 2 to 5)', () => {
  test('an unknown extension is refused, by name', () => {
    const response = bench.response({ headers: [['Require', 'path, teleport']], contact: [one] });
    expect(response.status).toBe(420);
    expect(response.raw('Unsupported')).toBe('teleport');
    expect(bench.contacts()).toEqual([]);
  });

  test('nobody registers for somebody else, nor learns who there is', () => {
    expect(bench.status({ contact: [one] }, 'bob')).toBe(403);
    expect(bench.status({ contact: [one], to: '<sip:nobody@example.com>' }, 'bob')).toBe(403);
    expect(bench.status({ contact: [one] }, 'alice')).toBe(200);
  });

  test.each(['<sip:nobody@example.com>', '<sip:alice@elsewhere.example>'])('%s: 404', (to) => {
    expect(bench.status({ to, contact: [one] })).toBe(404);
  });

  test('the address of record is canonical: no parameters, no escapes', () => {
    bench.register({ to: 'Alice <sip:%61lice@EXAMPLE.com;user=phone>', contact: [one] });
    expect(bench.contacts()).toEqual([`${one};expires=3600`]);
  });

  test('every response has a To tag and no Record-Route', () => {
    const response = bench.response({ contact: [one], headers: [['Record-Route', '<sip:proxy;lr>']] });
    expect(response.toTag).toBeDefined();
    expect(response.has('Record-Route')).toBe(false);
  });
});

describe('bindings (steps 6 to 8)', () => {
  test('are added, refreshed, listed with what is left of them, and removed', () => {
    expect(bench.response({ contact: [one] }).rawAll('Contact')).toEqual([`${one};expires=3600`]);
    bench.context.clock.advance(600_500);
    expect(bench.contacts()).toEqual([`${one};expires=3000`]);
    expect(bench.response({ contact: [one, two] }).rawAll('Contact')).toEqual([
      `${one};expires=3600`,
      `${two};expires=3600`,
    ]);
    expect(bench.response({ contact: [`${one};expires=0`] }).rawAll('Contact')).toEqual([`${two};expires=3600`]);
  });

  test('the contact parameters come back, with the q value', () => {
    const contact = `${one};q=0.5;audio;+sip.methods="INVITE,BYE";expires=100;pub-gruu="sip:mallory@example.com;gr=1"`;
    expect(bench.response({ contact: [contact] }).rawAll('Contact')).toEqual([
      `${one};expires=100;q=0.5;audio;+sip.methods="INVITE,BYE"`,
    ]);
  });

  test('contacts are compared as URIs', () => {
    bench.register({ contact: ['<sip:alice@Phone.example.org;transport=tcp>'] });
    bench.register({ contact: ['<sip:%61lice@phone.EXAMPLE.org;transport=TCP;lr>'] });
    expect(bench.contacts()).toEqual(['<sip:%61lice@phone.EXAMPLE.org;transport=TCP;lr>;expires=3600']);
  });

  test('the 200 has a Date', () => {
    expect(bench.response().raw('Date')).toBe('Thu, 01 Jan 1970 00:00:00 GMT');
  });

  test.each([
    ['parameter before header field', `${one};expires=100`, '200', 100],
    ['header field', one, '200', 200],
    ['default', one, undefined, 3600],
    ['at most the maximum', `${one};expires=99999`, undefined, 7200],
    ['over 32 bits', `${one};expires=99999999999`, undefined, 7200],
    ['malformed counts as an hour', `${one};expires=soon`, '200', 3600],
    ['a malformed header field, too', one, 'Thu, 01 Dec 1994 16:00:00 GMT', 3600],
    ['and one out of range', one, `1${'0'.repeat(100)}`, 3600],
    ['quoted by mistake', `${one};expires="100"`, undefined, 100],
  ])('expiry: %s', (_, contact, header, expected) => {
    const response = bench.response({ contact: [contact], headers: header === undefined ? [] : [['Expires', header]] });
    expect(response.rawAll('Contact')).toEqual([`${one};expires=${String(expected)}`]);
  });

  test('too brief: 423 with the minimum; at the minimum it is taken', () => {
    const response = bench.response({ contact: [two, `${one};expires=59`] });
    expect(response.status).toBe(423);
    expect(response.raw('Min-Expires')).toBe('60');
    expect(bench.contacts()).toEqual([]);
    expect(bench.status({ contact: [`${one};expires=60`] })).toBe(200);
  });

  test('a wish of an hour or more is never too brief', () => {
    const strict = new RegistrarBench({ limits: { minimumExpires: 7_000 } });
    expect(strict.status({ contact: [`${one};expires=3599`] })).toBe(423);
    expect(strict.status({ contact: [`${one};expires=3600`] })).toBe(200);
  });

  test('all are removed with * and an expiry of 0', () => {
    bench.register({ contact: [one, two] });
    const response = bench.response({ contact: ['*'], headers: [['Expires', '0']] });
    expect(response.status).toBe(200);
    expect(response.has('Contact')).toBe(false);
  });

  test.each([
    ['without Expires', ['*'], []],
    ['with another expiry', ['*'], [['Expires', '1']]],
    ['with a malformed expiry', ['*'], [['Expires', 'never']]],
    ['with another contact', ['*', two], [['Expires', '0']]],
    ['twice', ['*', '*'], [['Expires', '0']]],
  ] as const)('* %s: 400', (_, contact, headers) => {
    bench.register({ contact: [one] });
    expect(bench.status({ contact, headers })).toBe(400);
    expect(bench.contacts()).toHaveLength(1);
  });

  test('requests of one phone that come out of order fail', () => {
    bench.register({ contact: [one], cseq: 10 });
    expect(bench.status({ contact: [one], cseq: 10 })).toBe(500);
    expect(bench.status({ contact: [`${one};expires=0`], cseq: 9 })).toBe(500);
    expect(bench.status({ contact: ['*'], headers: [['Expires', '0']], cseq: 9 })).toBe(500);
    expect(bench.contacts()).toHaveLength(1);
    expect(bench.status({ contact: [`${one};expires=0`], cseq: 11 })).toBe(200);
  });

  test('another Call-ID has its own order', () => {
    bench.register({ contact: [one, two], cseq: 10 });
    expect(bench.status({ contact: [one], cseq: 1, callId: 'rebooted' })).toBe(200);
    expect(bench.status({ contact: ['*'], headers: [['Expires', '0']], cseq: 11 })).toBe(200);
    expect(bench.contacts()).toEqual([]);
  });

  test('all or nothing: one binding out of order undoes the others', () => {
    bench.register({ contact: [one], cseq: 10 });
    expect(bench.status({ contact: [two, `${one};expires=0`], cseq: 5 })).toBe(500);
    expect(bench.contacts()).toEqual([`${one};expires=3600`]);
  });

  test.each([
    ['a broken contact', ['<sip:alice@']],
    ['a broken q', [`${one};q=2`]],
    ['the same contact twice', [one, '<sip:%61lice@10.0.0.1>']],
    ['a reg-id of 0', [`${one};reg-id=0`]],
    ['a contact that is too long', [`<sip:${'a'.repeat(600)}@10.0.0.1>`]],
  ])('%s: 400', (_, contact) => {
    expect(bench.status({ contact })).toBe(400);
    expect(bench.contacts()).toEqual([]);
  });

  test.each([
    ['q', `${one};q=1.5`, 'q value'],
    ['reg-id', `${one};reg-id=0`, 'reg-id'],
  ])('the answer says what of the Contact is wrong: %s', (_, contact, text) => {
    expect(bench.response({ contact: [contact] }).reason).toMatch(`Invalid Contact: `);
    expect(bench.response({ contact: [contact] }).reason).toContain(text);
  });

  test('a Call-ID that is too long, and a To that is no SIP URI: 400', () => {
    expect(bench.status({ contact: [one], to: 'isbn:2983792873' })).toBe(400);
    expect(bench.status({ contact: [one], to: '<tel:+1>' })).toBe(400);
    expect(bench.status({ contact: [one], callId: 'a'.repeat(300) })).toBe(400);
  });

  test.each([
    '<mailto:alice@example.com>',
    '<tel:+1>',
    '<sip:alice@example.com>',
    '<sip:alice@example.com;gr=urn:uuid:1>',
    '<sip:elsewhere@192.0.2.9>',
    '<sip:alice@0.0.0.0>',
    '<sip:alice@[::ffff:224.0.0.1]>',
    '<sip:alice@[::ffff:0.0.0.0]>',
    '<sip:alice@[::]>',
    '<sip:alice@239.1.2.3>',
    '<sip:alice@[ff02::1]>',
    '<sip:alice@10.0.0.1:0>',
    '<sip:alice@10.0.0.1;maddr=239.1.2.3>',
    '<sip:alice@10.0.0.1;maddr=[FF02::1]>',
    '<sip:alice@10.0.0.1;maddr=0.0.0.0>',
    '<sip:alice@10.0.0.1:5060;maddr=192.0.2.9>',
    '<sip:alice@10.0.0.1;maddr=EXAMPLE.com>',
  ])('%s leads nowhere or back: 403', (contact) => {
    expect(bench.status({ contact: [contact] })).toBe(403);
  });

  test('a port of ours on another host, and another port on our host, are somebody else', () => {
    expect(bench.status({ contact: ['<sip:alice@192.0.2.9:5062>', '<sip:alice@10.0.0.1:5060>'] })).toBe(200);
  });

  test('a bounded number of contacts', () => {
    const small = new RegistrarBench({ limits: { maximumContacts: 2 } });
    expect(small.status({ contact: [one, two] })).toBe(200);
    expect(small.status({ contact: ['<sip:alice@10.0.0.3>'] })).toBe(403);
    expect(small.status({ contact: [`${one};expires=0`, '<sip:alice@10.0.0.3>'] })).toBe(200);
    expect(small.status({ contact: [two] })).toBe(200);
    expect(
      small.status({ contact: Array.from({ length: 5 }, (_, i) => `<sip:${String(i)}@10.0.0.3>;expires=0`) }),
    ).toBe(403);
  });

  test('a bound that was lowered since does not stop refreshes', () => {
    bench.register({ contact: [one, two, '<sip:alice@10.0.0.3>'] });
    const smaller = new RegistrarBench({ limits: { maximumContacts: 2 } }, bench.location);
    expect(smaller.status({ contact: [one], callId: 'other' })).toBe(200);
    expect(smaller.status({ contact: ['<sip:alice@10.0.0.4>'], callId: 'other' })).toBe(403);
  });

  test('what leads nowhere can be removed all the same', () => {
    expect(bench.status({ contact: ['<sip:alice@0.0.0.0>;expires=0', '<sip:alice@192.0.2.9>;expires=0'] })).toBe(200);
  });

  test('a long User-Agent is cut off', async () => {
    bench.register({ contact: [one], headers: [['User-Agent', 'x'.repeat(1_000)]] });
    const [binding] = await bench.location.bindings(aliceRecord);
    expect(binding?.userAgent).toHaveLength(128);
  });

  test('the source is kept, and the bindings are plain data', async () => {
    bench.register({ contact: [one], headers: [['User-Agent', 'Phone/1']] });
    const bindings = await bench.location.bindings(aliceRecord);
    expect(bindings).toEqual([
      {
        addressOfRecord: aliceRecord,
        contact: 'sip:alice@10.0.0.1',
        parameters: '',
        q: 1,
        callId: 'phone',
        cseq: 1,
        expiresAt: 3_600_000,
        updatedAt: 0,
        path: [],
        flow: bench.flow.id,
        received: { protocol: 'UDP', address: '198.51.100.7', port: 40_000 },
        userAgent: 'Phone/1',
      },
    ]);
    expect(JSON.parse(JSON.stringify(bindings))).toEqual(bindings);
  });

  test('counts what it answered', () => {
    bench.register({ contact: [one] });
    bench.register({ contact: ['<tel:+1>'] });
    expect(bench.registrar.stats()).toEqual({ accepted: 1, refused: 1, flows: 0 });
  });
});

describe('the location service', () => {
  function slow(inner: LocationService): LocationService & { settle: (error?: Error) => void } {
    let settle: (error?: Error) => void = () => undefined;
    return {
      bindings: (key) => inner.bindings(key),
      findGruu: (id) => inner.findGruu(id),
      onChange: (listener) => inner.onChange(listener),
      update: (key, change, cause) =>
        new Promise((resolve, reject) => {
          settle = (error) => (error === undefined ? resolve(inner.update(key, change, cause)) : reject(error));
        }),
      settle: (error) => settle(error),
    };
  }

  test('a REGISTER is answered when it is durable, not before', async () => {
    const location = slow(new MemoryLocationService(bench.context.clock));
    const waiting = new RegistrarBench({}, location);
    const responses = waiting.register({ contact: [one] });
    await Promise.resolve();
    expect(responses).toEqual([]);
    location.settle();
    await expect.poll(() => responses.map(({ status }) => status)).toEqual([200]);
  });

  test('its failure is a 500, later or at once', async () => {
    const location = slow(new MemoryLocationService(bench.context.clock));
    const waiting = new RegistrarBench({}, location);
    const responses = waiting.register({ contact: [one] });
    location.settle(new Error('disk full'));
    await expect.poll(() => responses.map(({ status }) => status)).toEqual([500]);
    const broken = new RegistrarBench(
      {},
      {
        ...location,
        update: () => {
          throw new Error('disk full');
        },
      },
    );
    expect(broken.status({ contact: [one] })).toBe(500);
  });

  test('its failure to drop the bindings of a connection is logged', async () => {
    const inner = new MemoryLocationService(bench.context.clock);
    let failure: (() => Promise<never>) | undefined;
    const failing = new RegistrarBench(
      {},
      {
        bindings: (key) => inner.bindings(key),
        findGruu: (id) => inner.findGruu(id),
        onChange: (listener) => inner.onChange(listener),
        update: (key, change, cause) => failure?.() ?? inner.update(key, change, cause),
      },
    );
    const flows = [new TestFlow('TCP'), new TestFlow('TCP')];
    for (const [index, flow] of flows.entries()) {
      failing.register({ contact: [`<sip:alice@10.0.0.${String(index)}>`], flow });
    }
    const errors = vi.spyOn(failing.context.log, 'error');
    failure = async () => Promise.reject(new Error('disk full'));
    flows[0]?.close();
    await expect.poll(() => errors.mock.calls.length).toBe(1);
    failure = () => {
      throw new Error('disk full');
    };
    flows[1]?.close();
    expect(errors).toHaveBeenCalledTimes(2);
  });
});
