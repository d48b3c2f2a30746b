import { afterEach, describe, expect, test } from 'vitest';
import { Peer } from './simulated/peer.testing.ts';
import {
  bobAddress,
  carolAddress,
  identity,
  bobTarget,
  deskTarget,
  leave,
  lines,
  ringing,
  routesOf,
  target,
  village,
} from './simulated/village.testing.ts';
import type { Village } from './simulated/village.testing.ts';

/** Calls with several phones, and with connections that break, seen from outside (RFC 3261 16.7 to 16.10). */

afterEach(async () => {
  expect(await leave()).toEqual([]);
});

describe('forked calls (RFC 3261 16.7, 16.10, RFC 6026)', () => {
  test('CX-09 every 2xx goes up, with the Via of the caller alone, and each ACK finds its phone', async () => {
    const here = await village(ringing(bobTarget, deskTarget));
    here.carol.send(lines('INVITE'));
    await here.clock.play(100);
    here.bob.answer(0, 200);
    here.desk.answer(0, 200);
    await here.clock.play(100);
    here.bob.answer(0, 200);
    await here.clock.play(100);
    expect(here.carol.responses.map(({ status, toTag }) => `${String(status)} ${String(toTag)}`)).toEqual([
      '100 undefined',
      '200 bob',
      '200 desk',
      '200 bob',
    ]);
    for (const [number, answer] of here.carol.responses.slice(1, 3).entries()) {
      const more = routesOf(answer).map((route) => `Route: ${route}`);
      const uri = number === 0 ? `sip:bob@${bobAddress}` : 'sip:desk@192.0.2.21';
      here.carol.send(lines('ACK', { uri, toTag: answer.toTag ?? '', branch: `ack${String(number)}`, more }));
    }
    await here.clock.play(100);
    expect([here.bob.methods, here.desk.methods]).toEqual([
      ['INVITE', 'ACK'],
      ['INVITE', 'ACK'],
    ]);
  });

  test('C2.9-06 a 2xx that crosses the CANCEL wins, and the CANCEL waits for a provisional of each branch', async () => {
    const here = await village(ringing(bobTarget, deskTarget));
    here.carol.send(lines('INVITE'));
    await here.clock.play(100);
    here.bob.answer(0, 180);
    await here.clock.play(100);
    here.carol.send(lines('CANCEL'));
    await here.clock.play(100);
    expect([here.bob.methods, here.desk.methods]).toEqual([['INVITE', 'CANCEL'], ['INVITE']]);
    here.bob.answer(0, 200);
    await here.clock.play(100);
    here.desk.answer(0, 180);
    await here.clock.play(100);
    expect(here.desk.methods.at(-1)).toBe('CANCEL');
    here.desk.answer(0, 487);
    await here.clock.play(100);
    expect(here.carol.responses.map(({ status, cseqMethod }) => `${String(status)} ${cseqMethod}`)).toEqual([
      '100 INVITE',
      '180 INVITE',
      '200 CANCEL',
      '200 INVITE',
    ]);
  });

  test('a phone that does not answer the CANCEL is waited for as long as a transaction lasts (9.1)', async () => {
    const here = await village(ringing(bobTarget));
    here.carol.send(lines('INVITE'));
    await here.clock.play(100);
    here.bob.answer(0, 180);
    here.carol.send(lines('CANCEL'));
    await here.clock.play(31_000);
    expect(here.carol.statuses).toEqual([100, 180, 200]);
    await here.clock.play(2_000);
    expect(here.carol.statuses.slice(0, 4)).toEqual([100, 180, 200, 487]);
  });

  test('a 6xx ends the others, and a 2xx of theirs still comes through', async () => {
    const here = await village(ringing(bobTarget, deskTarget));
    here.carol.send(lines('INVITE'));
    await here.clock.play(100);
    here.desk.answer(0, 180);
    here.bob.answer(0, 603);
    await here.clock.play(100);
    expect(here.desk.methods).toEqual(['INVITE', 'CANCEL']);
    expect(here.carol.statuses).toEqual([100, 180]);
    here.desk.answer(0, 200);
    await here.clock.play(100);
    expect(here.carol.statuses).toEqual([100, 180, 200]);
  });

  test('challenges of all branches go up together', async () => {
    const here = await village(ringing(bobTarget, deskTarget));
    here.carol.send(lines('INVITE'));
    await here.clock.play(100);
    here.bob.answer(0, 401, [['WWW-Authenticate', 'Digest realm="bob", nonce="1"']]);
    here.desk.answer(0, 407, [['Proxy-Authenticate', 'Digest realm="desk", nonce="2"']]);
    await here.clock.play(100);
    const answer = here.carol.responses[1];
    expect([answer?.status, answer?.raw('WWW-Authenticate'), answer?.raw('Proxy-Authenticate')]).toEqual([
      401,
      'Digest realm="bob", nonce="1"',
      'Digest realm="desk", nonce="2"',
    ]);
  });

  test('the same request by two paths is two transactions (8.2.2.2 is the phone’s business)', async () => {
    const here = await village(ringing(bobTarget));
    here.carol.send(lines('INVITE'));
    here.carol.send(lines('INVITE', { branch: 'c2' }));
    await here.clock.play(100);
    here.bob.answer(0, 200);
    here.bob.answer(1, 482);
    await here.clock.play(100);
    expect(here.carol.statuses.filter((status) => status > 100).toSorted()).toEqual([200, 482]);
  });
});

describe('a connection that ends while a call is set up', () => {
  async function proxied(): Promise<{ here: Village; server: Peer }> {
    const here = await village(ringing(target('sip:bob@192.0.2.30;transport=tcp')));
    const server = await here.moveIn(new Peer(here, 'server', '192.0.2.30', 'TCP'));
    here.carol.send(lines('INVITE'));
    await here.clock.play(100);
    server.answer(0, 180);
    await here.clock.play(100);
    server.breakConnection();
    await here.clock.play(100);
    return { here, server };
  }

  test('the CANCEL goes to the same place by another one', async () => {
    const { here, server } = await proxied();
    here.carol.send(lines('CANCEL'));
    await here.clock.play(100);
    expect(server.methods).toEqual(['INVITE', 'CANCEL']);
    server.answer(1, 200);
    server.answer(0, 487);
    await here.clock.play(100);
    expect(server.methods).toEqual(['INVITE', 'CANCEL', 'ACK']);
    expect(here.carol.statuses).toEqual([100, 180, 200, 487]);
  });

  test('a final response by another one is taken, and acknowledged where the INVITE went', async () => {
    const { here, server } = await proxied();
    server.answer(0, 486);
    await here.clock.play(100);
    expect(here.carol.statuses).toEqual([100, 180, 486]);
    expect(server.methods).toEqual(['INVITE', 'ACK']);
  });
});

describe('a request that comes back (RFC 5393 4)', () => {
  test('changed is a spiral: it passes twice, and so do the requests within its dialog', async () => {
    const here = await village(({ requestUriText }) =>
      requestUriText === 'sip:bob@example.com' ? ringing(target('sip:desk@192.0.2.1'))() : ringing(bobTarget)(),
    );
    here.carol.send(lines('INVITE'));
    await here.clock.play(100);
    expect(here.bob.requests[0]?.rawAll('Via')).toHaveLength(3);
    here.bob.answer(0, 200);
    await here.clock.play(100);
    const answer = here.carol.responses.at(-1);
    expect([answer?.status, answer?.rawAll('Record-Route').length]).toEqual([200, 2]);
    const more = routesOf(answer).map((route) => `Route: ${route}`);
    const within = { uri: `sip:bob@${bobAddress}`, toTag: 'bob', more };
    here.carol.send(lines('ACK', { ...within, branch: 'ack' }));
    here.carol.send(lines('BYE', { ...within, branch: 'bye', cseq: 2 }));
    await here.clock.play(100);
    expect(here.bob.methods).toEqual(['INVITE', 'ACK', 'BYE']);
    here.bob.answer(2, 200);
    await here.clock.play(100);
    expect(here.carol.statuses).toEqual([100, 200, 200]);
  });

  test('C2.12-09 unchanged is a loop', async () => {
    const here = await village(ringing(target('sip:bob@192.0.2.1')));
    here.carol.send(lines('INVITE'));
    await here.clock.play(100);
    expect(here.carol.statuses).toEqual([100, 482]);
  });
});

describe('several servers behind one name (RFC 3263 4.3)', () => {
  test('the next one is asked when one says 503, and hears nothing of the first', async () => {
    const here = await village(ringing(target('sip:bob@pbx.example.net')));
    here.names.set('pbx.example.net', [bobAddress, '192.0.2.21']);
    here.carol.send(lines('INVITE'));
    await here.clock.play(100);
    here.bob.answer(0, 503, [['Retry-After', '60']]);
    await here.clock.play(100);
    here.desk.answer(0, 503);
    await here.clock.play(100);
    expect([here.bob.methods, here.desk.methods]).toEqual([
      ['INVITE', 'ACK'],
      ['INVITE', 'ACK'],
    ]);
    expect(here.desk.requests[0]?.topVia.branch).not.toBe(here.bob.requests[0]?.topVia.branch);
    // A 503 would say that everything here is out of order (16.7 step 6).
    expect(here.carol.statuses).toEqual([100, 500]);
    expect(here.failed.map(({ address }) => address)).toEqual([bobAddress, '192.0.2.21']);
  });
});

describe('other methods', () => {
  test('nobody answers: nothing is said (RFC 4320 4.2)', async () => {
    const here = await village(ringing(bobTarget, deskTarget));
    here.carol.send(lines('MESSAGE'));
    await here.clock.play(40_000);
    expect(here.carol.statuses.filter((status) => status > 100)).toEqual([]);
  });

  test('one of several phones takes it, and the late ones are not heard', async () => {
    const here = await village(ringing(bobTarget, deskTarget));
    here.carol.send(lines('MESSAGE'));
    await here.clock.play(100);
    here.bob.answer(0, 200);
    here.desk.answer(0, 200);
    await here.clock.play(100);
    expect([here.carol.statuses, here.desk.methods]).toEqual([[200], ['MESSAGE']]);
  });

  test('a NOTIFY that overtakes the answer to its SUBSCRIBE finds the way back (RFC 6665 4.4.1)', async () => {
    const here = await village(ringing(bobTarget));
    here.carol.send(lines('SUBSCRIBE', { more: ['Event: presence', 'Expires: 600'] }));
    await here.clock.play(100);
    const [subscribe] = here.bob.requests;
    const routes = subscribe?.rawAll('Record-Route').map((route) => `Route: ${route}`) ?? [];
    const [start, ...rest] = lines('NOTIFY', {
      uri: `sip:carol@${carolAddress}`,
      via: [`SIP/2.0/UDP ${bobAddress};branch=z9hG4bKnotify`],
      more: [...routes, 'Event: presence', 'Subscription-State: active'],
    });
    const turned = rest.map((line) => {
      if (line.startsWith('From:')) return 'From: Bob <sip:bob@example.com>;tag=bob';
      return line.startsWith('To:') ? 'To: Carol <sip:carol@elsewhere.example>;tag=carol' : line;
    });
    here.bob.send([start ?? '', ...turned]);
    await here.clock.play(100);
    expect(here.carol.methods).toEqual(['NOTIFY']);
    here.carol.answer(0, 200);
    here.bob.answer(0, 200);
    await here.clock.play(100);
    expect([here.carol.statuses, here.bob.statuses]).toEqual([[200], [200]]);
  });

  test('a REGISTER for another domain is relayed without a Record-Route', async () => {
    const here = await village(ringing(target(`sip:${bobAddress}`)));
    here.carol.send(lines('REGISTER', { uri: 'sip:elsewhere.example' }));
    await here.clock.play(100);
    expect(here.bob.requests[0]?.has('Record-Route')).toBe(false);
    here.bob.answer(0, 200);
    await here.clock.play(100);
    expect(here.carol.statuses).toEqual([200]);
  });
});

describe('a client on a connection', () => {
  test('learns where an answer ends, although the phone did not say (RFC 3261 18.3)', async () => {
    const here = await village(ringing(bobTarget));
    const dave = await here.moveIn(new Peer(here, 'dave', '192.0.2.30', 'TCP'));
    dave.send(lines('OPTIONS', { via: ['SIP/2.0/TCP dave.invalid;branch=z9hG4bKd1'] }));
    await here.clock.play(100);
    here.bob.answerAs(0, 200, (text) => `${text.replace(/Content-Length: 0\r\n/, '')}hello`);
    await here.clock.play(100);
    expect(dave.texts.at(-1)).toMatch(/\r\nContent-Length: 5\r\n\r\nhello$/);
  });

  test('that ended before the answer gets it by a new one, where its Via says (RFC 3261 18.2.2)', async () => {
    const here = await village(ringing(bobTarget));
    const dave = await here.moveIn(new Peer(here, 'dave', '192.0.2.30', 'TCP'));
    dave.send(lines('INVITE', { via: ['SIP/2.0/TCP dave.invalid;branch=z9hG4bKd1'] }));
    await here.clock.play(100);
    dave.breakConnection();
    here.bob.answer(0, 486);
    await here.clock.play(100);
    expect(dave.statuses).toEqual([100, 486]);
  });
});

describe('sips (RFC 5630)', () => {
  test('is TLS on every hop, Record-Route included', async () => {
    const here = await village(ringing(target('sips:bob@192.0.2.31')));
    const dave = await here.moveIn(new Peer(here, 'dave', '192.0.2.30', 'TLS', identity));
    const erin = await here.moveIn(new Peer(here, 'erin', '192.0.2.31', 'TLS', identity));
    const via = ['SIP/2.0/TLS 192.0.2.30:5061;branch=z9hG4bKd1'];
    dave.send(lines('INVITE', { uri: 'sips:bob@example.com', via }), '', '192.0.2.1', 5061);
    await here.clock.play(100);
    const [invite] = erin.requests;
    expect(invite?.requestUriText).toBe('sips:bob@192.0.2.31');
    expect(invite?.rawAll('Record-Route').every((route) => /^<sips:[^@]+@192\.0\.2\.1:5061;lr>$/.test(route))).toBe(
      true,
    );
    expect(invite?.topVia.protocol).toBe('TLS');
    erin.answer(0, 486);
    await here.clock.play(100);
    expect(dave.statuses).toEqual([100, 486]);
  });

  test('is not carried over less, and the answer says why', async () => {
    const here = await village(ringing(bobTarget));
    const dave = await here.moveIn(new Peer(here, 'dave', '192.0.2.30', 'TLS', identity));
    const via = ['SIP/2.0/TLS 192.0.2.30:5061;branch=z9hG4bKd1'];
    dave.send(lines('INVITE', { uri: 'sips:bob@example.com', via }), '', '192.0.2.1', 5061);
    await here.clock.play(100);
    expect([dave.statuses.at(-1), dave.responses.at(-1)?.raw('Warning')?.slice(0, 3)]).toEqual([480, '380']);
    expect(here.bob.methods).toEqual([]);
  });
});
