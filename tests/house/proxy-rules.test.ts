import { NameAddr } from '@switchhook/sip';
import { afterEach, describe, expect, test } from 'vitest';
import {
  bobAddress,
  bobTarget,
  carolAddress,
  leave,
  lines,
  ringing,
  routesOf,
  village,
} from './simulated/village.testing.ts';

/** What RFC 3261 asks of a proxy, seen from outside: carol, a stranger, and bob's phones only send and read text. */

afterEach(async () => {
  expect(await leave()).toEqual([]);
});

describe('where a request goes (RFC 3261 16.4, 16.5)', () => {
  test('a maddr in the Request-URI makes it the only target', async () => {
    const here = await village();
    here.carol.send(lines('INVITE', { uri: `sip:bob@example.com;maddr=${bobAddress}` }));
    await here.clock.play(1_000);
    // Whoever is a stranger may not send it there; it is not looked up in the domain either.
    expect(here.carol.statuses).toEqual([403]);
  });

  test.each(['<sip:192.0.2.1;lr>', '<sip:somewhere.invalid;maddr=192.0.2.1;lr>', '<sip:example.com;lr>'])(
    'the Route %s is this proxy',
    async (route) => {
      const here = await village(ringing(bobTarget));
      here.carol.send(lines('OPTIONS', { more: [`Route: ${route}`] }));
      await here.clock.play(100);
      here.bob.answer(0, 200);
      await here.clock.play(100);
      expect(here.carol.statuses).toEqual([200]);
      expect(here.bob.requests[0]?.has('Route')).toBe(false);
    },
  );

  test('a Route whose maddr is another’s is not this proxy', async () => {
    const here = await village(ringing(bobTarget));
    here.carol.send(lines('OPTIONS', { more: ['Route: <sip:example.com;maddr=192.0.2.21;lr>'] }));
    await here.clock.play(100);
    expect([here.bob.methods, here.desk.methods]).toEqual([[], ['OPTIONS']]);
    here.desk.answer(0, 200);
    await here.clock.play(100);
  });

  test('within a dialog behind a strict router, and before one', async () => {
    const here = await village(ringing(bobTarget));
    here.carol.send(lines('INVITE'));
    await here.clock.play(100);
    here.bob.answer(0, 200);
    await here.clock.play(100);
    const [route = ''] = routesOf(here.carol.responses.at(-1));
    const recordRoute = NameAddr.parse(route);
    if (!(recordRoute instanceof NameAddr)) throw new Error(route);
    // RFC 3261 12.2.1.1: the strict router took the value out of Route and put the remote target last.
    const bent = { uri: recordRoute.uri.toString(), toTag: 'bob', more: [`Route: <sip:bob@${bobAddress}>`] };
    here.carol.send(lines('ACK', { ...bent, branch: 'c2' }));
    here.carol.send(lines('BYE', { ...bent, branch: 'c3', cseq: 2 }));
    await here.clock.play(100);
    expect(here.bob.requests.slice(1).map(({ method, requestUriText }) => `${method} ${requestUriText}`)).toEqual([
      `ACK sip:bob@${bobAddress}`,
      `BYE sip:bob@${bobAddress}`,
    ]);
    expect(here.bob.requests[2]?.has('Route')).toBe(false);
    here.bob.answer(2, 200);
    const before = { toTag: 'bob', uri: `sip:bob@${bobAddress}`, more: [`Route: ${route}, <sip:192.0.2.21>`] };
    here.carol.send(lines('INFO', { ...before, branch: 'c4', cseq: 3 }));
    await here.clock.play(100);
    const [info] = here.desk.requests;
    expect([info?.requestUriText, info?.raw('Route')]).toEqual(['sip:192.0.2.21', `<sip:bob@${bobAddress}>`]);
    here.desk.answer(0, 200);
    await here.clock.play(100);
    expect(here.carol.statuses).toEqual([100, 200, 200, 200]);
  });

  test('a telephone number that is nobody’s here is not found', async () => {
    const here = await village();
    here.carol.send(lines('OPTIONS', { uri: 'tel:+15551234' }));
    await here.clock.play(100);
    expect(here.carol.statuses).toEqual([403]);
  });
});

describe('what is forwarded (RFC 3261 7.3, 16.6)', () => {
  test('compact names, folds, unknown methods and bytes beyond ASCII go on as they came', async () => {
    const here = await village(ringing(bobTarget));
    const head = [
      'NEWMETHOD sip:bob@example.com SIP/2.0',
      `v: SIP/2.0/UDP ${carolAddress};branch=z9hG4bKcompact , SIP/2.0/TCP behind.invalid`,
      ' ;branch=z9hG4bKbehind',
      'f: "Carol \xc3\xa9" <sip:carol@elsewhere.example>',
      '\t;tag=carol',
      't:  Bob <sip:bob@example.com>',
      'i: compact@elsewhere.example',
      'CSeq:   7   NEWMETHOD',
      `m: <sip:carol@${carolAddress}>`,
      's: one',
      '   two  \t three',
      'k: path,gruu',
      'X-Unknown : , ,strange;;"',
      'c: application/octet-stream',
      'l: 5',
    ];
    here.carol.send(head, 'ab\x00\xff\n');
    await here.clock.play(100);
    const [text = ''] = here.bob.texts;
    const received = text.split('\r\n').filter((line) => !/^(Via|Record-Route|Max-Breadth|Max-Forwards):/.test(line));
    expect(received).toEqual([`NEWMETHOD sip:bob@${bobAddress} SIP/2.0`, ...head.slice(1), '', 'ab\x00\xff\n']);
    here.bob.answer(0, 200);
    await here.clock.play(100);
    expect(here.carol.statuses).toEqual([200]);
    expect(here.carol.responses[0]?.rawAll('Via')).toHaveLength(2);
  });

  test('a missing Max-Forwards becomes 70, the last hop is not passed on', async () => {
    const here = await village(ringing(bobTarget));
    here.carol.send(lines('OPTIONS', { maxForwards: '' }));
    here.carol.send(lines('OPTIONS', { maxForwards: '1', branch: 'c2', cseq: 2 }));
    here.carol.send(lines('OPTIONS', { maxForwards: '0', branch: 'c3', cseq: 3 }));
    await here.clock.play(100);
    expect(here.bob.requests.map((request) => request.raw('Max-Forwards'))).toEqual(['70', '0']);
    expect(here.carol.statuses).toEqual([483]);
    here.bob.answer(0, 200);
    here.bob.answer(1, 200);
    await here.clock.play(100);
  });

  test('a request without Content-Length in a datagram keeps its body', async () => {
    const here = await village(ringing(bobTarget));
    here.carol.send(lines('MESSAGE').slice(0, -1), 'hello');
    await here.clock.play(100);
    expect(here.bob.requests[0]?.body).toBe('hello');
    here.bob.answer(0, 200);
    await here.clock.play(100);
  });
});

describe('where responses go (RFC 3261 18.2, RFC 3581)', () => {
  test.each<[string, string, number]>([
    ['to the port of sent-by without rport', '192.0.2.10:5062', 5062],
    ['to the source with rport', '192.0.2.10:5062;rport', 5060],
    ['to the source address when sent-by is another', 'pc33.invalid', 5060],
  ])('%s', async (_name, sentBy, port) => {
    const here = await village(ringing(bobTarget));
    const via = [`SIP/2.0/UDP ${sentBy};branch=z9hG4bKc1`, 'SIP/2.0/TCP first.invalid;branch=z9hG4bKx'];
    here.carol.send(lines('OPTIONS', { via }));
    await here.clock.play(100);
    here.bob.answer(0, 200);
    await here.clock.play(100);
    const answer = here.network.trace.entries.at(-1);
    expect([answer?.to.address, answer?.to.port]).toEqual([carolAddress, port]);
    expect(answer?.text.match(/^Via: .*$/gm)).toHaveLength(2);
  });

  test('a 100 takes the Timestamp along, and no other answer is invented for what is under way', async () => {
    const here = await village(ringing(bobTarget));
    here.carol.send(lines('INVITE', { more: ['Timestamp: 54.5'] }));
    await here.clock.play(100);
    expect(here.carol.responses[0]?.raw('Timestamp')).toMatch(/^54\.5/);
    expect(here.carol.responses[0]?.toTag).toBeUndefined();
    here.carol.send(lines('INVITE', { more: ['Timestamp: 54.5'] }));
    await here.clock.play(100);
    expect([here.carol.statuses, here.bob.methods]).toEqual([[100, 100], ['INVITE']]);
    here.bob.answer(0, 486);
    await here.clock.play(100);
    here.carol.send(lines('ACK', { toTag: 'bob' }));
    await here.clock.play(100);
    expect([here.carol.statuses, here.bob.methods]).toEqual([
      [100, 100, 486],
      ['INVITE', 'ACK'],
    ]);
    // The ACK to a refusal is this hop's, the proxy made one of its own (17.1.1.3).
    expect(here.bob.requests[1]?.raw('To')).toBe('Bob <sip:bob@example.com>;tag=bob');
  });
});

describe('the UAS within (RFC 3261 8.2, 11.2)', () => {
  test.each([
    ['OPTIONS', '0', [], 200],
    ['OPTIONS', '70', ['Require: 100rel'], 420],
    ['OPTIONS', '70', ['Proxy-Require: foo'], 420],
    ['INVITE', '70', [], 405],
    ['NEWMETHOD', '70', [], 501],
  ] as const)('%s with Max-Forwards %s and %o', async (method, maxForwards, more, status) => {
    const here = await village();
    here.carol.send(lines(method, { uri: 'sip:example.com', maxForwards, more }));
    await here.clock.play(100);
    expect(here.carol.statuses.at(-1)).toBe(status);
    expect(here.carol.responses.at(-1)?.toTag).toBeDefined();
    if (method === 'INVITE') here.carol.send(lines('ACK', { toTag: here.carol.responses.at(-1)?.toTag ?? '' }));
  });
});
