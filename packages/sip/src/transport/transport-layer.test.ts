import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SipResponse } from '../message/message.ts';
import { rfc4475 } from '../message/torture.testing.ts';
import { congestionSafe } from './congestion.ts';
import type { Destination } from './contract.ts';
import { TransportLayer } from './transport-layer.ts';
import { BenchDatagramTransport, BenchStreamTransport, RecordingUser, testContext } from './transport-layer.testing.ts';

async function start() {
  const udp = new BenchDatagramTransport('192.0.2.9', 5060);
  const second = new BenchDatagramTransport('192.0.2.9', 5072);
  const loopback = new BenchDatagramTransport('127.0.0.1', 5060);
  const udp6 = new BenchDatagramTransport('2001:db8::9', 5060);
  const tcp = new BenchStreamTransport('TCP', '192.0.2.9', 5060);
  const tls = new BenchStreamTransport('TLS', '192.0.2.9', 5061);
  const ws = new BenchStreamTransport('WS', '192.0.2.9', 8080);
  const transports = [udp, second, loopback, udp6, tcp, tls, ws];
  const layer = new TransportLayer(testContext(), { transports });
  const user = new RecordingUser();
  await layer.start(user);
  return { layer, user, udp, second, loopback, udp6, tcp, tls, ws };
}

function request(via: string, lines = '', method = 'OPTIONS'): string {
  return (
    `${method} sip:sip.example.com SIP/2.0\r\nVia: ${via}\r\n${lines}From: <sip:a@example.com>;tag=1\r\n` +
    `To: <sip:b@example.com>\r\nCall-ID: c\r\nCSeq: 1 ${method}\r\nContent-Length: 0\r\n\r\n`
  );
}

function response(via: string): string {
  return request(via).replace('OPTIONS sip:sip.example.com SIP/2.0', 'SIP/2.0 200 OK');
}

describe('the source of a request (RFC 3261 18.2.1, RFC 3581 4)', () => {
  const branch = 'branch=z9hG4bK1';
  test.each([
    [`SIP/2.0/UDP 192.0.2.1:5060;${branch}`, undefined],
    [`SIP/2.0/UDP 192.0.2.1;${branch}`, undefined],
    [`SIP/2.0/UDP pc.example.com;${branch}`, `SIP/2.0/UDP pc.example.com;${branch};received=192.0.2.1`],
    [`SIP/2.0/UDP 10.0.0.1;${branch};rport`, `SIP/2.0/UDP 10.0.0.1;${branch};rport=4000;received=192.0.2.1`],
    [`SIP/2.0/UDP 192.0.2.1;rport;${branch}`, `SIP/2.0/UDP 192.0.2.1;rport=4000;${branch};received=192.0.2.1`],
    [`SIP/2.0/UDP 10.0.0.1;${branch} ; RPort`, `SIP/2.0/UDP 10.0.0.1;${branch};rport=4000;received=192.0.2.1`],
    [`SIP/2.0/UDP 10.0.0.1;rport=7;${branch}`, `SIP/2.0/UDP 10.0.0.1;rport=4000;${branch};received=192.0.2.1`],
    [`SIP/2.0/UDP 10.0.0.1;received=10.0.0.7;${branch}`, `SIP/2.0/UDP 10.0.0.1;received=192.0.2.1;${branch}`],
    [`SIP/2.0/UDP 192.0.2.1;received=10.0.0.7;${branch}`, `SIP/2.0/UDP 192.0.2.1;received=192.0.2.1;${branch}`],
    [
      `SIP/2.0/UDP 10.0.0.1;x=";rport";rport;${branch}`,
      `SIP/2.0/UDP 10.0.0.1;x=";rport";rport=4000;${branch};received=192.0.2.1`,
    ],
    [
      `SIP/2.0/UDP 10.0.0.1;x=";rport;";${branch};rport`,
      `SIP/2.0/UDP 10.0.0.1;x=";rport;";${branch};rport=4000;received=192.0.2.1`,
    ],
    [
      `SIP/2.0/UDP 10.0.0.1;${branch};rport;received=10.0.0.7`,
      `SIP/2.0/UDP 10.0.0.1;${branch};rport=4000;received=192.0.2.1`,
    ],
    [
      `SIP/2.0/UDP 10.0.0.1;rport\r\n ;${branch};received=10.0.0.7`,
      `SIP/2.0/UDP 10.0.0.1;rport=4000;${branch};received=192.0.2.1`,
    ],
    [`SIP/2.0/UDP 192.0.2.1,SIP/2.0/UDP 10.0.0.1;rport`, undefined],
    [`SIP/2.0/UDP 10.0.0.1;${branch};rporty`, `SIP/2.0/UDP 10.0.0.1;${branch};rporty;received=192.0.2.1`],
  ])('%s', async (via, expected) => {
    const { user, udp } = await start();
    const others = 'Via: SIP/2.0/UDP next;branch=z9hG4bK2\r\nX:  as it came \r\n';
    udp.endpoint.received(request(via, others), '192.0.2.1', 4000);
    expect(user.last.request.text).toBe(request(expected ?? via, others));
  });

  test('only the first of a comma list; IPv6 without brackets and zone', async () => {
    const { user, udp6 } = await start();
    udp6.endpoint.received(request('SIP/2.0/UDP [2001:db8::1];rport,SIP/2.0/UDP b'), 'fe80::1%eth0', 4000);
    expect(user.last.request.text).toBe(
      request('SIP/2.0/UDP [2001:db8::1];rport=4000;received=fe80::1, SIP/2.0/UDP b'),
    );
  });

  test('on TCP as on UDP, on WebSockets not at all', async () => {
    const { user, tcp, ws } = await start();
    tcp.bench.accept(4000).flow.received(request('SIP/2.0/TCP a.example.com;rport'));
    expect(user.last.request.text).toBe(request('SIP/2.0/TCP a.example.com;rport=4000;received=192.0.2.1'));
    ws.bench.accept(4001).flow.received(request('SIP/2.0/WS a.invalid;rport'));
    expect(user.last.request.text).toBe(request('SIP/2.0/WS a.invalid;rport'));
  });
});

describe('the way of a response (RFC 3261 18.2.2)', () => {
  function answer(user: RecordingUser): SipResponse {
    return user.last.request.createResponse(200, { toTag: 't' });
  }

  test.each([
    ['SIP/2.0/UDP 10.0.0.1:7000;rport', '192.0.2.1 4000'],
    ['SIP/2.0/UDP 10.0.0.1:7000', '192.0.2.1 7000'],
    ['SIP/2.0/UDP a.example.com', '192.0.2.1 5060'],
    ['SIP/2.0/UDP 192.0.2.1:4000', '192.0.2.1 4000'],
    ['SIP/2.0/UDP 10.0.0.1:7000;maddr=233.252.0.5', '233.252.0.5 7000'],
    ['SIP/2.0/UDP 10.0.0.1:7000;maddr=198.51.100.5', '192.0.2.1 7000'],
    ['SIP/2.0/UDP 10.0.0.1:7000;maddr=a.example.com', '192.0.2.1 7000'],
  ])('%s', async (via, to) => {
    const { layer, user, udp } = await start();
    udp.endpoint.received(request(via), '192.0.2.1', 4000);
    const made = answer(user);
    layer.sendResponse(made, user.last.flow);
    expect(udp.sent).toEqual([{ text: made.text, to }]);
  });

  test('leaves from the socket that the request came to', async () => {
    const { layer, user, udp, second } = await start();
    second.endpoint.received(request('SIP/2.0/UDP 192.0.2.1:7000'), '192.0.2.1', 4000);
    layer.sendResponse(answer(user), user.last.flow);
    expect(second.sent).toHaveLength(1);
    expect(udp.sent).toEqual([]);
  });

  test('goes over the connection, or a new one to the port of sent-by when it is gone', async () => {
    const { layer, user, tcp } = await start();
    const { flow, pipe } = tcp.bench.accept(4000);
    flow.received(request('SIP/2.0/TCP a.example.com:7000'));
    layer.sendResponse(answer(user), flow);
    expect(pipe.written).toEqual([answer(user).text]);
    flow.ended();
    layer.sendResponse(answer(user), flow);
    const [opened] = tcp.bench.outgoing;
    expect(opened?.destination).toMatchObject({ address: '192.0.2.1', port: 7000 });
    opened?.flow.opened();
    expect(opened?.pipe.written).toEqual([answer(user).text]);
  });

  test('over TLS the new connection must prove the name in sent-by; a WebSocket is never opened', async () => {
    const { layer, user, tls, ws } = await start();
    const secure = tls.bench.accept(4000).flow;
    secure.received(request('SIP/2.0/TLS a.example.com'));
    secure.ended();
    layer.sendResponse(answer(user), secure);
    expect(tls.bench.outgoing[0]?.destination).toMatchObject({ port: 5061, serverName: 'a.example.com' });
    const socket = ws.bench.accept(4001).flow;
    socket.received(request('SIP/2.0/WS a.invalid'));
    socket.ended();
    layer.sendResponse(answer(user), socket);
    expect(ws.bench.outgoing).toEqual([]);
    expect(layer.stats().undeliverable).toBe(1);
  });

  test('without a flow, where the top Via says', async () => {
    const { layer, user, udp } = await start();
    udp.endpoint.received(request('SIP/2.0/UDP a.example.com:7000;rport'), '192.0.2.1', 4000);
    layer.sendResponse(answer(user));
    expect(udp.sent[0]?.to).toBe('192.0.2.1 4000');
  });
});

describe('what is not in order', () => {
  test('a malformed request is answered, always with the same tag', async () => {
    const { user, udp, layer } = await start();
    const bad = request('SIP/2.0/UDP 10.0.0.1;rport').replace('CSeq: 1 OPTIONS', 'CSeq: one');
    udp.endpoint.received(bad, '192.0.2.1', 4000);
    udp.endpoint.received(bad, '192.0.2.1', 4000);
    const [first, second] = udp.sent;
    expect(first).toEqual(second);
    expect(first?.to).toBe('192.0.2.1 4000');
    expect(first?.text).toMatch(
      /^SIP\/2\.0 400 Bad Request \(.+\)\r\nVia: SIP\/2\.0\/UDP 10\.0\.0\.1;rport=4000;received=192/,
    );
    expect(first?.text).toMatch(/\r\nTo: <sip:b@example\.com>;tag=[\da-f]{32}\r\nCall-ID: c\r\nCSeq: one\r\n/);
    expect(user.requests).toEqual([]);
    expect(layer.stats().malformedRequests).toBe(2);
  });

  test.each([
    [505, request('SIP/2.0/UDP 192.0.2.1').replace('com SIP/2.0', 'com SIP/7.0'), {}],
    [513, request('SIP/2.0/UDP 192.0.2.1', `Subject: ${'x'.repeat(70_000)}\r\n`), { 'message-size': 1 }],
    [400, request('SIP/2.0/UDP 192.0.2.1', `Subject: ${'x'.repeat(9_000)}\r\n`), { 'header-line': 1 }],
    [400, request('SIP/2.0/UDP 192.0.2.1', 'Subject: x\r\n'.repeat(201)), { 'header-fields': 1 }],
    [400, request('SIP/2.0/UDP 192.0.2.1').replace('From', 'Form'), {}],
  ])('with %i, and counted where a limit was passed', async (status, text, refused) => {
    const { udp, layer } = await start();
    udp.endpoint.received(text, '192.0.2.1', 5060);
    expect(udp.sent[0]?.text.slice(0, 12)).toBe(`SIP/2.0 ${String(status)} `);
    expect(layer.stats().refused).toEqual(refused);
  });

  test('an ACK, a response, garbage, and a request without a way back are not', async () => {
    const { user, udp, layer } = await start();
    for (const text of [
      request('SIP/2.0/UDP 192.0.2.1', '', 'ACK').replace('Call-ID: c\r\n', ''),
      response('SIP/2.0/UDP sip.example.com').replace('CSeq: 1', 'CSeq: x'),
      request('SIP/2.0/UDP 192.0.2.1').replace('Via', 'Viva'),
      'GET / HTTP/1.1\r\n\r\n',
      'nonsense',
    ]) {
      udp.endpoint.received(text, '192.0.2.1', 5060);
    }
    expect(udp.sent).toEqual([]);
    expect(user.requests).toEqual([]);
    const { malformedRequests, malformedResponses, garbage } = layer.stats();
    expect(malformedRequests + malformedResponses + garbage).toBe(5);
    expect(malformedResponses).toBe(1);
  });

  test.each([
    [505, rfc4475('badvers.dat'), 'Via: SIP/7.0/UDP c.example.com;branch=z9hG4bKkdjuw'],
    [400, rfc4475('badinv01.dat'), 'Via: SIP/2.0/UDP 192.0.2.15;;,;,,'],
  ])('a Via that does not read goes back with %i to where it came from', async (status, text, via) => {
    const { udp, tcp } = await start();
    udp.endpoint.received(text, '192.0.2.1', 4000);
    expect(udp.sent[0]?.to).toBe('192.0.2.1 4000');
    expect(udp.sent[0]?.text.split('\r\n')[0]).toMatch(new RegExp(`^SIP/2\\.0 ${String(status)} `));
    expect(udp.sent[0]?.text.split('\r\n')[1]).toBe(via);
    const { flow, pipe } = tcp.bench.accept(4000);
    flow.received(text);
    expect(pipe.written).toHaveLength(1);
  });

  test('a stream without Content-Length is answered with 400 and closed', async () => {
    const { tcp } = await start();
    const { flow, pipe } = tcp.bench.accept(4000);
    flow.received(request('SIP/2.0/TCP 192.0.2.1').replace('Content-Length: 0\r\n', ''));
    expect(pipe.written[0]).toMatch(/^SIP\/2\.0 400 Bad Request \(Missing Content-Length\)\r\n/);
    expect(pipe.state).toBe('ending');
  });

  test('nothing that comes throws, whatever is wrong with it', async () => {
    const { udp, tcp, layer } = await start();
    const texts = fc.constantFrom(
      request('SIP/2.0/UDP 10.0.0.1:7000;rport;branch=z9hG4bK1', 'Via: SIP/2.0/TCP b;maddr=192.0.2.7\r\n'),
      request('SIP/2.0/UDP a.example.com;received=1.2.3.4;rport=5', 'Subject: a\r\n b\r\n', 'INVITE'),
      response('SIP/2.0/UDP sip.example.com;rport'),
    );
    const scraps = fc.oneof(
      fc.string({ unit: 'binary-ascii', maxLength: 10 }),
      fc.constantFrom('\r\n', '\r\n\r\n', ';', ',', '"', '<', ';rport', ';received', 'Via:', '\0', '\xff', ' '),
    );
    const edits = fc.array(fc.tuple(fc.nat({ max: 300 }), fc.nat({ max: 20 }), scraps), { minLength: 1, maxLength: 4 });
    let port = 0;
    fc.assert(
      fc.property(texts, edits, (whole, changes) => {
        let text = whole;
        for (const [at, cut, scrap] of changes) text = text.slice(0, at) + scrap + text.slice(at + cut);
        udp.endpoint.received(text, '192.0.2.1', 4000);
        port += 1;
        const { flow } = tcp.bench.accept(port);
        flow.received(text);
        flow.ended();
      }),
      { seed: 3_261, numRuns: 1_000 },
    );
    const { malformedRequests, malformedResponses, garbage } = layer.stats();
    expect(Math.min(malformedRequests, malformedResponses, garbage)).toBeGreaterThan(10);
  });

  test('a response to somebody else is dropped', async () => {
    const { user, udp, layer } = await start();
    for (const via of ['UDP other.example.com', 'UDP sip.example.com:5070', 'TLS sip.example.com:5060']) {
      udp.endpoint.received(response(`SIP/2.0/${via}`), '192.0.2.1', 5060);
    }
    expect(user.responses).toEqual([]);
    for (const via of ['UDP SIP.example.com', 'UDP 192.0.2.9:5060', 'TLS sip.example.com', 'UDP [2001:db8::9]']) {
      udp.endpoint.received(response(`SIP/2.0/${via}`), '192.0.2.1', 5060);
    }
    expect(user.responses).toHaveLength(4);
    udp.endpoint.received(response('SIP/2.0/UDP sip.example.com;rport'), '192.0.2.1', 5060);
    expect(user.responses[4]?.response.text).toBe(response('SIP/2.0/UDP sip.example.com;rport'));
    expect(layer.stats().foreignResponses).toBe(3);
  });
});

describe('the choice of a transport', () => {
  test('by protocol, family, and loopback', async () => {
    const { layer, udp, loopback, udp6 } = await start();
    const local = (destination: Destination): string => {
      const flow = layer.flowTo(destination);
      return 'code' in flow ? flow.code : flow.local.address;
    };
    expect(local({ protocol: 'UDP', address: '198.51.100.1', port: 1 })).toBe(udp.local.address);
    expect(local({ protocol: 'UDP', address: '127.0.0.2', port: 1 })).toBe(loopback.local.address);
    expect(local({ protocol: 'UDP', address: '2001:db8::1', port: 1 })).toBe(udp6.local.address);
    expect(local({ protocol: 'TCP', address: '2001:db8::1', port: 1 })).toBe('unreachable');
    expect(local({ protocol: 'WSS', address: '198.51.100.1', port: 1 })).toBe('unreachable');
  });

  test('a flow is found by its number, and knows its sent-by', async () => {
    const { layer } = await start();
    const flow = layer.flowTo({ protocol: 'UDP', address: '198.51.100.1', port: 1 });
    if ('code' in flow) throw new Error(flow.code);
    expect(layer.flow(flow.id)).toBe(flow);
    expect(layer.sentBy(flow)).toBe('sip.example.com:5060');
    expect(layer.flow(-1)).toBe(undefined);
  });

  test('isOurs knows hosts, ports, and default ports', async () => {
    const { layer } = await start();
    expect(layer.isOurs('sip.example.com', undefined)).toBe(true);
    expect(layer.isOurs('sip.example.com', undefined, 'WS')).toBe(false);
    expect(layer.isOurs('sip.example.com', 8080, 'WS')).toBe(true);
    expect(layer.isOurs('2001:db8::9', 5060, 'UDP')).toBe(true);
    expect(layer.isOurs('2001:db8::9', 5061)).toBe(false);
    expect(layer.isOurs('example.com', undefined)).toBe(false);
  });

  test('CX-18 a request over 1300 bytes tries TCP first, then UDP all the same', () => {
    const udp: Destination = { protocol: 'UDP', address: '192.0.2.1', port: 5060 };
    const tls: Destination = { protocol: 'TLS', address: '192.0.2.1', port: 5061 };
    expect(congestionSafe([udp, tls], 1_300)).toEqual([udp, tls]);
    expect(congestionSafe([udp, tls], 1_301)).toEqual([{ ...udp, protocol: 'TCP' }, udp, tls]);
    expect(congestionSafe([tls], 9_999)).toEqual([tls]);
  });
});

describe('RFC 5923 alias', () => {
  test('is taken from a proven far end, and from no other', async () => {
    const { layer, tls } = await start();
    const to: Destination = { protocol: 'TLS', address: '192.0.2.1', port: 7061, serverName: 'example.com' };
    const unproven = tls.bench.accept(4000).flow;
    unproven.received(request('SIP/2.0/TLS a.example.com:7061;alias'));
    expect(layer.flowTo(to)).not.toBe(unproven);
    const proven = tls.bench.tryAccept(4001)?.flow;
    proven?.opened({ domains: ['example.com'], addresses: [] });
    proven?.received(request('SIP/2.0/TLS a.example.com:7062;alias'));
    expect(layer.flowTo({ ...to, port: 7062 })).toBe(proven);
  });
});

describe('starting and stopping', () => {
  test('when one transport cannot start, none runs', async () => {
    const good = new BenchDatagramTransport('192.0.2.9', 5060);
    const bad = new BenchDatagramTransport('192.0.2.9', 5060);
    bad.failure = new Error('in use');
    const layer = new TransportLayer(testContext(), { transports: [good, bad] });
    await expect(layer.start(new RecordingUser())).rejects.toThrow('in use');
    expect(good.running).toBe(false);
  });

  test('after stop there is no flow and nothing is ours', async () => {
    const { layer, udp } = await start();
    udp.endpoint.received(request('SIP/2.0/UDP 192.0.2.1'), '192.0.2.1', 5060);
    expect(layer.stats()).toMatchObject({ flows: 1, received: 1 });
    await layer.stop();
    expect(layer.stats().flows).toBe(0);
    expect(layer.isOurs('sip.example.com', 5060)).toBe(false);
  });
});
