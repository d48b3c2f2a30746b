import { describe, expect, test } from 'vitest';
import { parseMessage, SipResponse } from '../message/message.ts';
import { NameAddr } from '../message/name-addr.ts';
import type { Attempt, CallPlan, RingPlan, Target } from './call-plan.ts';
import { benchWith, FakeFlow, requestText, ring, sip, to } from './proxy.testing.ts';

const bob = 'sip:bob@198.51.100.2';
const desk = 'sip:bob@198.51.100.3';
const mobile = 'sip:bob@198.51.100.4';

describe('responses', () => {
  test('go up without this proxy’s Via, 100 not at all, and end the context', () => {
    const proxy = benchWith(ring([[bob]]));
    const call = proxy.receive(requestText());
    proxy.at(0).answer(100);
    proxy.at(0).answer(180);
    proxy.at(0).answer(200, [['X-Kept', 'a,b']], 'bobs-tag');
    expect(call.statuses).toEqual([100, 180, 200]);
    expect(call.finals[0]?.rawAll('Via')).toEqual(['SIP/2.0/UDP 192.0.2.100:5060;branch=z9hG4bKalice1']);
    expect(call.finals[0]?.toTag).toBe('bobs-tag');
    expect(call.finals[0]?.raw('X-Kept')).toBe('a,b');
    expect(proxy.proxy.stats().requests).toBe(0);
    expect(proxy.end()).toBe(0);
  });

  test('that have no other Via than this proxy’s are not passed on', () => {
    const proxy = benchWith(ring([[bob]]));
    const call = proxy.receive(requestText());
    const response = proxy.at(0).request.createResponse(180);
    const via = response.rawAll('Via')[0] ?? '';
    proxy.at(0).deliver(response.edit().set('Via', via).toMessage());
    expect(call.statuses).toEqual([100]);
    proxy.at(0).answer(486);
    expect(call.statuses).toEqual([100, 486]);
  });

  test.each([200, 486])('a final %i of that kind is as good as none, and the caller is told so', (status) => {
    const proxy = benchWith(ring([[bob]]));
    const call = proxy.receive(requestText());
    const response = proxy.at(0).request.createResponse(status, { toTag: 'b' });
    proxy.at(0).deliver(
      response
        .edit()
        .set('Via', response.rawAll('Via')[0] ?? '')
        .toMessage(),
    );
    expect(call.statuses).toEqual([100, 502]);
    expect(proxy.proxy.stats().requests).toBe(0);
    expect(proxy.end()).toBe(0);
  });

  describe('with other Via values beneath than the request had', () => {
    const caller = 'SIP/2.0/UDP 192.0.2.100:5060;branch=z9hG4bKalice1;rport=40000;received=203.0.113.7';
    const first = 'SIP/2.0/TLS 192.0.2.99;branch=z9hG4bKfirst';

    function withVias(response: SipResponse, lines: string): SipResponse {
      const rest = response.edit().remove('Via').toText();
      const lineEnd = rest.indexOf('\r\n');
      const message = parseMessage(`${rest.slice(0, lineEnd)}\r\nVia: ${lines}${rest.slice(lineEnd)}`);
      if (!(message instanceof SipResponse)) throw new Error('not a response');
      return message;
    }

    test.each([
      ['another branch', (own: string) => `${own}\r\nVia: ${caller.replace('alice1', 'other')}\r\nVia: ${first}`],
      ['another host', (own: string) => `${own}, ${caller.replace('2.100', '2.250')}, ${first}`],
      ['another rport', (own: string) => `${own}\r\nVia: ${caller.replace('40000', '4')}, ${first}`],
      ['no rport', (own: string) => `${own}\r\nVia: ${caller.replace(/;rport.*/, '')}, ${first}`],
      ['a maddr', (own: string) => `${own}, ${caller};maddr=192.0.2.9\r\nVia: ${first}`],
      ['another one further down', (own: string) => `${own}\r\nVia: ${caller}\r\nVia: ${first}x`],
      ['none further down', (own: string) => `${own}\r\nVia: ${caller}`],
      ['one too many', (own: string) => `${own}\r\nVia: ${caller}\r\nVia: ${first}\r\nVia: ${first}`],
      ['another order', (own: string) => `${own}\r\nVia: ${first}\r\nVia: ${caller}`],
      ['none that can be read in the same line', (own: string) => `${own}, SIP/2.0/UDP ;branch=x`],
      ['none that can be read in its own line', (own: string) => `${own}\r\nVia: nonsense`],
      ['a port that is none', (own: string) => `${own}\r\nVia: SIP/2.0/UDP 192.0.2.1:99999`],
    ])('%s: they go on with those of the request (RFC 3261 8.2.6.2), however often they come', (_name, change) => {
      const proxy = benchWith(ring([[bob]]));
      const call = proxy.receive(requestText({ via: [caller, first] }));
      const changed = (status: number): SipResponse => {
        const response = proxy.at(0).request.createResponse(status, { toTag: 'b' });
        return withVias(response, change(response.rawAll('Via')[0] ?? ''));
      };
      for (const status of [180, 200, 200]) proxy.at(0).deliver(changed(status));
      expect(call.statuses).toEqual([100, 180, 200, 200]);
      for (const response of call.responses) expect(response.rawAll('Via')).toEqual([caller, first]);
      expect(proxy.proxy.stats().requests).toBe(0);
      const refused = proxy.receive(
        requestText({ via: [caller.replace('alice1', 'alice2'), first], callId: 'another' }),
      );
      const response = proxy.at(1).request.createResponse(486, { toTag: 'b' });
      proxy.at(1).deliver(withVias(response, change(response.rawAll('Via')[0] ?? '')));
      expect(refused.statuses).toEqual([100, 486]);
      expect(refused.finals[0]?.rawAll('Via')).toEqual([caller.replace('alice1', 'alice2'), first]);
    });
  });

  test('say the same when they go on as they did when they came', () => {
    const proxy = benchWith(ring([[bob]]));
    const call = proxy.receive(requestText());
    proxy.at(0).answer(180);
    proxy.at(0).answer(200);
    for (const response of call.responses) {
      const again = parseMessage(response.text);
      const says = ({
        topVia,
        callId,
        cseqNumber,
        cseqMethod,
        fromTag,
        toTag,
        maxForwards,
      }: SipResponse): unknown[] => [...[String(topVia), callId, cseqNumber, cseqMethod, fromTag, toTag, maxForwards]];
      expect(again instanceof SipResponse && says(again)).toEqual(says(response));
    }
  });

  test('lose what a plan takes out of its requests, too', () => {
    const proxy = benchWith(ring([[bob]], { removeHeaders: ['P-Asserted-Identity'] }));
    const call = proxy.receive(requestText());
    proxy.at(0).answer(200, [['P-Asserted-Identity', '<sip:president@example.com>']]);
    proxy.at(0).answer(200, [['P-Asserted-Identity', '<sip:president@example.com>']]);
    expect(call.finals.map((response) => response.has('P-Asserted-Identity'))).toEqual([false, false]);
  });

  test('let go of the request with the last branch', () => {
    const proxy = benchWith(ring([[bob, desk]]));
    const call = proxy.receive(requestText());
    proxy.at(0).answer(200);
    expect(call.released).toBe(false);
    proxy.at(1).answer(487);
    expect(call.released).toBe(true);
  });

  test('nothing but a further 2xx goes up when the call was answered', () => {
    const proxy = benchWith(ring([[bob]]));
    const call = proxy.receive(requestText());
    proxy.at(0).answer(200);
    const response = proxy.at(0).request.createResponse(200, { toTag: 'x' });
    proxy.at(0).deliver(
      response
        .edit()
        .set('Via', response.rawAll('Via')[0] ?? '')
        .toMessage(),
    );
    proxy.at(0).answer(200);
    expect(call.statuses).toEqual([100, 200, 200]);
  });

  test('every 2xx to an INVITE goes up, repeated ones and those of other branches too', () => {
    const proxy = benchWith(ring([[bob, desk]]));
    const call = proxy.receive(requestText());
    proxy.at(0).answer(200);
    proxy.at(1).answer(200);
    proxy.at(0).answer(200);
    expect(call.statuses).toEqual([100, 200, 200, 200]);
  });

  test('one 2xx alone to another method', () => {
    const proxy = benchWith(ring([[bob, desk]]));
    const call = proxy.receive(requestText({ method: 'MESSAGE' }));
    proxy.at(0).answer(200);
    proxy.at(1).answer(200);
    expect(call.statuses).toEqual([200]);
    expect(proxy.at(1).cancelled).toBeUndefined();
  });

  test('strays are dropped and counted (RFC 6026 7.3)', () => {
    const proxy = benchWith(ring([[bob]]));
    proxy.receive(requestText());
    proxy.proxy.strayResponse(proxy.at(0).request.createResponse(200), proxy.at(0).flow);
    expect(proxy.stateless).toHaveLength(0);
    expect(proxy.proxy.stats().counters.strayResponses).toBe(1);
  });

  test('a 408 is never sent to another method than INVITE (RFC 4320 4.2)', () => {
    const proxy = benchWith(ring([[bob]]));
    const call = proxy.receive(requestText({ method: 'OPTIONS' }));
    proxy.at(0).fail('timeout');
    expect(call.statuses).toEqual([]);
    expect(proxy.proxy.stats().requests).toBe(0);
  });
});

describe('forking', () => {
  test('in parallel: the first to answer wins, the others are told that it was completed elsewhere', () => {
    const proxy = benchWith(ring([[bob, desk, mobile]]));
    const call = proxy.receive(requestText());
    expect(proxy.sent.map(({ request }) => request.raw('Max-Breadth'))).toEqual(['20', '20', '20']);
    proxy.at(0).answer(180);
    proxy.at(1).answer(180);
    proxy.at(1).answer(200);
    expect(proxy.at(1).cancelled).toBeUndefined();
    const reason = ['Reason', 'SIP;cause=200;text="Call completed elsewhere"'];
    expect(proxy.at(0).cancelled).toEqual([reason]);
    expect(proxy.at(2).cancelled).toEqual([reason]);
    proxy.at(0).answer(487);
    expect(proxy.proxy.stats().requests).toBe(1);
    proxy.at(2).answer(487);
    expect(call.statuses).toEqual([100, 180, 180, 200]);
    expect(proxy.proxy.stats().requests).toBe(0);
  });

  test('in stages: the next one when all have failed', () => {
    const proxy = benchWith(ring([[bob, desk], [mobile]]));
    const call = proxy.receive(requestText());
    proxy.at(0).answer(486);
    expect(proxy.sent).toHaveLength(2);
    proxy.at(1).answer(404);
    expect(proxy.at(2).request.requestUriText).toBe(mobile);
    expect(proxy.at(2).request.raw('Max-Breadth')).toBe('60');
    proxy.at(2).answer(200);
    expect(call.finals.map(({ status }) => status)).toEqual([200]);
  });

  test('the next one when the ring time is over, and an answer that crosses the CANCEL still counts', () => {
    const stages = [{ targets: to(bob), ringTime: 20_000 }, { targets: to(desk) }];
    const proxy = benchWith({ kind: 'ring', stages });
    const call = proxy.receive(requestText());
    proxy.at(0).answer(180);
    proxy.clock.advance(19_999);
    expect(proxy.at(0).cancelled).toBeUndefined();
    proxy.clock.advance(1);
    expect(proxy.at(0).cancelled).toEqual([['Reason', 'SIP;cause=408;text="Not answered"']]);
    expect(proxy.at(1).request.requestUriText).toBe(desk);
    expect(proxy.sent.map(({ request }) => request.raw('Max-Breadth'))).toEqual(['30', '30']);
    proxy.at(0).answer(200);
    expect(call.statuses).toEqual([100, 180, 200]);
    proxy.at(1).answer(487);
    expect(proxy.end()).toBe(0);
  });

  test('waits with the next stage until the CANCEL has given the breadth back (RFC 5393 5.3.3)', () => {
    const stages = [{ targets: to(bob), ringTime: 20_000 }, { targets: to(desk) }];
    const proxy = benchWith({ kind: 'ring', stages });
    const call = proxy.receive(requestText({ headers: ['Max-Breadth: 1'] }));
    proxy.at(0).answer(180);
    proxy.clock.advance(20_000);
    expect(proxy.sent).toHaveLength(1);
    proxy.at(0).answer(487);
    expect(proxy.at(1).request.requestUriText).toBe(desk);
    proxy.at(1).answer(486);
    expect(call.finals.map(({ status }) => status)).toEqual([486]);
  });

  test('the ring time counts from the first 18x of the stage, whichever phone it comes from', () => {
    const stages = [{ targets: to(bob, desk), ringTime: 20_000 }, { targets: to(mobile) }];
    const proxy = benchWith({ kind: 'ring', stages });
    proxy.receive(requestText());
    proxy.clock.advance(6_000);
    proxy.at(1).answer(183);
    proxy.clock.advance(6_000);
    proxy.at(0).answer(180);
    proxy.at(1).answer(180);
    proxy.clock.advance(13_999);
    expect(proxy.sent).toHaveLength(2);
    proxy.clock.advance(1);
    expect(proxy.at(0).cancelled).toBeDefined();
    expect(proxy.at(1).cancelled).toBeDefined();
    expect(proxy.at(2).request.requestUriText).toBe(mobile);
  });

  test('a stage in which nothing rings within its time is over, one in which something does goes on', () => {
    const stages = [
      { targets: to(bob), ringTime: 20_000, ringWithin: 8_000 },
      { targets: to(desk), ringWithin: 8_000 },
    ];
    const proxy = benchWith({ kind: 'ring', stages });
    const call = proxy.receive(requestText());
    proxy.clock.advance(7_999);
    expect(proxy.sent).toHaveLength(1);
    proxy.clock.advance(1);
    expect(proxy.at(1).request.requestUriText).toBe(desk);
    proxy.at(1).answer(180);
    proxy.clock.advance(60_000);
    expect(proxy.at(1).cancelled).toBeUndefined();
    proxy.at(1).answer(200);
    proxy.at(0).answer(487);
    expect(call.finals.map(({ status }) => status)).toEqual([200]);
    expect(proxy.end()).toBe(0);
  });

  test('a target with a ring time of its own is given up alone', () => {
    const targets = [{ uri: sip(bob), ringTime: 5_000 }, { uri: sip(desk) }];
    const proxy = benchWith({ kind: 'ring', stages: [{ targets }, { targets: to(mobile) }] });
    const call = proxy.receive(requestText());
    proxy.at(0).answer(180);
    proxy.at(1).answer(180);
    proxy.clock.advance(5_000);
    expect(proxy.at(0).cancelled).toEqual([['Reason', 'SIP;cause=408;text="Not answered"']]);
    expect(proxy.at(1).cancelled).toBeUndefined();
    expect(proxy.sent).toHaveLength(2);
    proxy.at(1).answer(486);
    expect(proxy.at(2).request.requestUriText).toBe(mobile);
    proxy.at(0).answer(200);
    expect(call.finals.map(({ status }) => status)).toEqual([200]);
    proxy.at(2).answer(487);
    expect(proxy.end()).toBe(0);
  });

  test('a delayed target is tried after its delay, or not at all', () => {
    const targets = [{ uri: sip(bob) }, { uri: sip(desk), delay: 5000 }, { uri: sip(mobile), delay: 9000 }];
    const proxy = benchWith({ kind: 'ring', stages: [{ targets }] });
    proxy.receive(requestText());
    expect(proxy.sent).toHaveLength(1);
    proxy.clock.advance(5000);
    expect(proxy.at(1).request.requestUriText).toBe(desk);
    proxy.at(1).answer(200);
    proxy.at(0).answer(487);
    proxy.clock.advance(10_000);
    expect(proxy.sent).toHaveLength(2);
    expect(proxy.proxy.stats().requests).toBe(0);
  });

  test('a 6xx ends all, when all are done (RFC 3261 16.7 step 5)', () => {
    const proxy = benchWith(ring([[bob, desk], [mobile]]));
    const call = proxy.receive(requestText());
    proxy.at(0).answer(603);
    expect(call.finals).toHaveLength(0);
    expect(proxy.at(1).cancelled).toEqual([['Reason', 'SIP;cause=603;text="Declined elsewhere"']]);
    proxy.at(1).answer(487);
    expect(call.finals.map(({ status }) => status)).toEqual([603]);
    expect(proxy.sent).toHaveLength(2);
  });

  test('a target comes once, but the same address behind two flows is two', () => {
    const flows = [1, 2].map((port) => new FakeFlow('TCP', { address: '203.0.113.7', port }));
    const proxy = benchWith({
      kind: 'ring',
      stages: [{ targets: [...to(bob, bob), ...flows.map((flow) => ({ uri: sip(bob), flow }))] }, { targets: to(bob) }],
    });
    proxy.receive(requestText());
    expect(proxy.sent).toHaveLength(3);
    for (const sent of [...proxy.sent]) sent.answer(404);
    expect(proxy.sent).toHaveLength(3);
  });

  test.each([
    ['a breadth below the number of targets', 'Max-Breadth: 2', 440, 0],
    ['enough of it', 'Max-Breadth: 3', undefined, 3],
    ['more than this proxy grants', 'Max-Breadth: 5000', undefined, 3],
    ['none', 'Max-Breadth: 0', 400, 0],
  ])('C2.12-09 %s', (_name, header, status, sent) => {
    const proxy = benchWith(ring([[bob, desk, mobile]]));
    const call = proxy.receive(requestText({ headers: [header] }));
    expect(call.finals[0]?.status).toBe(status);
    expect(proxy.sent).toHaveLength(sent);
    const total = proxy.sent.reduce((sum, { request }) => sum + Number(request.raw('Max-Breadth')), 0);
    expect(total).toBeLessThanOrEqual(60);
  });

  test('no more targets than the limit', () => {
    const proxy = benchWith(ring([[bob, desk, mobile]]), { maximumTargets: 2 });
    proxy.receive(requestText());
    expect(proxy.sent).toHaveLength(2);
  });
});

describe('what follows a plan', () => {
  const elsewhere: CallPlan = { kind: 'redirect', contacts: [NameAddr.of({ uri: mobile })] };
  const plan = (more: Partial<RingPlan>): RingPlan => ({
    kind: 'ring',
    stages: [{ targets: to(bob), ringTime: 20_000 }],
    ...more,
  });

  test.each([
    ['busy', { onBusy: () => ring([[mobile]]), onNoAnswer: () => elsewhere }, 486, mobile],
    ['unavailable', { onUnavailable: () => ring([[mobile]]), onBusy: () => elsewhere }, 480, mobile],
    ['not what happened', { onNoAnswer: () => ring([[mobile]]) }, 486, undefined],
    ['declined for all', { onBusy: () => ring([[mobile]]) }, 600, undefined],
    ['challenged', { onUnavailable: () => ring([[mobile]]) }, 407, undefined],
  ])('%s', (_name, more, status, expected) => {
    const proxy = benchWith(plan(more));
    const call = proxy.receive(requestText());
    proxy.at(0).answer(status);
    expect(proxy.sent[1]?.request.requestUriText).toBe(expected);
    if (expected === undefined) expect(call.finals.map((final) => final.status)).toEqual([status]);
  });

  test('no answer: the plan that follows begins while the phone is told to stop', () => {
    const proxy = benchWith(plan({ onNoAnswer: () => ring([[mobile]]) }));
    const call = proxy.receive(requestText());
    proxy.at(0).answer(180);
    proxy.clock.advance(20_000);
    proxy.at(1).answer(200);
    proxy.at(0).answer(487);
    expect(call.statuses).toEqual([100, 180, 200]);
    expect(proxy.proxy.stats().requests).toBe(0);
  });

  test('no answer, then a redirection: the last word waits for all', () => {
    const proxy = benchWith(plan({ onNoAnswer: () => elsewhere }));
    const call = proxy.receive(requestText());
    proxy.at(0).answer(180);
    proxy.clock.advance(20_000);
    expect(call.finals).toHaveLength(0);
    proxy.at(0).answer(487);
    expect(call.finals.map(({ status }) => status)).toEqual([302]);
    expect(proxy.proxy.stats().requests).toBe(0);
  });

  test('no answer and nothing to follow is a 408', () => {
    const proxy = benchWith(plan({}));
    const call = proxy.receive(requestText());
    proxy.at(0).answer(180);
    proxy.clock.advance(20_000);
    proxy.at(0).answer(487);
    expect(call.finals.map(({ status }) => status)).toEqual([408]);
  });

  test('is made when its turn comes, once, and a policy that fails then is a 500', () => {
    let made = 0;
    const failing = (): CallPlan => {
      made += 1;
      throw new Error('no such luck');
    };
    const proxy = benchWith(plan({ onNoAnswer: failing }));
    const call = proxy.receive(requestText());
    proxy.at(0).answer(180);
    expect(made).toBe(0);
    proxy.clock.advance(20_000);
    proxy.at(0).answer(487);
    expect(call.finals.map(({ status }) => status)).toEqual([500]);
    expect(made).toBe(1);
  });

  test('one phone that is busy ends it, where the plan says so', () => {
    const stages = [{ targets: to(bob, desk), ringTime: 20_000 }, { targets: to('sip:bob@198.51.100.9') }];
    const proxy = benchWith(plan({ stages, busyEnds: true, onBusy: () => ring([[mobile]]) }));
    const call = proxy.receive(requestText());
    proxy.at(1).answer(180);
    proxy.at(0).answer(486);
    expect(proxy.at(1).cancelled).toEqual([['Reason', 'SIP;cause=486;text="Busy elsewhere"']]);
    expect(proxy.at(2).request.requestUriText).toBe(mobile);
    proxy.at(1).answer(487);
    proxy.clock.advance(20_000);
    proxy.at(2).answer(200);
    expect(call.statuses).toEqual([100, 180, 200]);
    expect(proxy.sent).toHaveLength(3);
    expect(proxy.end()).toBe(0);
  });

  test('a phone that never rang is not one that did not answer', () => {
    const stages = [{ targets: to(bob), ringTime: 20_000, ringWithin: 8_000 }];
    const proxy = benchWith(plan({ stages, onNoAnswer: () => elsewhere, onUnavailable: () => ring([[mobile]]) }));
    proxy.receive(requestText());
    proxy.at(0).answer(100);
    proxy.clock.advance(8_000);
    expect(proxy.at(1).request.requestUriText).toBe(mobile);
  });

  test('plans follow one another', () => {
    const proxy = benchWith(plan({ onBusy: () => ring([[desk]], { onBusy: () => ring([[mobile]]) }) }));
    const call = proxy.receive(requestText());
    proxy.at(0).answer(486);
    proxy.at(1).answer(486);
    proxy.at(2).answer(404);
    expect(call.finals.map(({ status }) => status)).toEqual([486]);
  });
});

describe('what the proxy says for itself', () => {
  const forwarded = ring([[bob]], {
    provisional: { status: 181, headers: [['X-Why', 'busy']] },
    onBusy: () => ring([[desk]], { provisional: { status: 181 } }),
  });

  test('goes before anything else, with a To tag that is nobody’s but its own, and what makes a dialog (RFC 3261 12.1.1)', () => {
    const proxy = benchWith(forwarded);
    const call = proxy.receive(requestText({ headers: ['Record-Route: <sip:edge.example.com;lr>'] }));
    proxy.at(0).answer(486, [], 'bobs');
    proxy.at(1).answer(180, [], 'desks');
    expect(call.statuses).toEqual([100, 181, 181, 180]);
    const [, first, second] = call.responses;
    expect(first?.toTag).toBeDefined();
    expect(second?.toTag).toBe(first?.toTag);
    expect(first?.raw('X-Why')).toBe('busy');
    expect(first?.raw('Contact')).toBe('<sip:192.0.2.1:5060>');
    expect(first?.raw('Record-Route')).toBe('<sip:edge.example.com;lr>');
  });

  test.each([
    ['another method', { method: 'MESSAGE' }, [486]],
    ['a caller who wants it reliable (RFC 3262)', { headers: ['Require: 100rel'] }, [100, 486]],
  ])('is not said to %s', (_name, parts, statuses) => {
    const proxy = benchWith(ring([[bob]], { provisional: { status: 181 } }));
    const call = proxy.receive(requestText(parts));
    proxy.at(0).answer(486);
    expect(call.statuses).toEqual(statuses);
  });

  test('header fields that grow at the end go below those that came', () => {
    const trailingHeaders = [
      ['History-Info', '<sip:2@a>;index=1'],
      ['History-Info', '<sip:3@a>;index=1.1'],
    ] as const;
    const proxy = benchWith({ kind: 'ring', stages: [{ targets: [{ uri: sip(bob), trailingHeaders }] }] });
    proxy.receive(requestText({ headers: ['History-Info: <sip:1@a>;index=1'] }));
    expect(proxy.at(0).request.rawAll('History-Info')).toEqual([
      '<sip:1@a>;index=1',
      '<sip:2@a>;index=1',
      '<sip:3@a>;index=1.1',
    ]);
  });
});

describe('the way of a call in its responses (RFC 7044 9.4)', () => {
  const told = (tried: readonly Attempt[]): readonly (readonly [string, string])[] =>
    tried.map(({ status }, at) => ['History-Info', `<sip:${String(status)}@a>;index=1.${String(at + 1)}`]);
  const stages = [bob, desk].map((uri) => ({ targets: [{ uri: sip(uri), trailingHeaders: told }] }));
  const came = ['History-Info: <sip:1@a>;index=1'];

  test('is told as it is known by then, with what its phone has answered', () => {
    const proxy = benchWith({ kind: 'ring', stages, history: 'told' });
    const call = proxy.receive(requestText({ headers: came }));
    proxy.at(0).answer(180);
    proxy.at(0).answer(486);
    proxy.at(1).answer(404);
    expect(call.responses.slice(1).map((response) => [response.status, ...response.rawAll('History-Info')])).toEqual([
      [180, '<sip:1@a>;index=1', '<sip:undefined@a>;index=1.1'],
      [486, '<sip:1@a>;index=1', '<sip:486@a>;index=1.1', '<sip:404@a>;index=1.2'],
    ]);
  });

  test.each([
    ['as it came where the response tells it itself', 'told', ['<sip:9@a>;index=1']],
    ['to nobody who keeps none', 'withheld', []],
    ['as it came where nothing is said of it', undefined, ['<sip:9@a>;index=1']],
  ] as const)('is told %s', (_what, history, expected) => {
    const proxy = benchWith({ kind: 'ring', stages, history });
    const call = proxy.receive(requestText());
    for (const tag of ['one', 'two']) proxy.at(0).answer(200, [['History-Info', '<sip:9@a>;index=1']], tag);
    expect(call.finals.map((response) => response.rawAll('History-Info'))).toEqual([expected, expected]);
  });
});

test('who comes later, and the plan that follows, learn what came of those before them', () => {
  const told = (tried: readonly Attempt[]): string =>
    tried.map(({ target, status }) => `${String(target.uri)} ${String(status)}`).join(', ');
  const later = (uri: string): Target => ({ uri: sip(uri), trailingHeaders: (before) => [['X-Before', told(before)]] });
  const proxy = benchWith({
    kind: 'ring',
    stages: [
      {
        targets: [
          { ...later(bob), ringTime: 5_000 },
          { ...later(desk), delay: 1_000 },
        ],
        ringTime: 20_000,
      },
      { targets: [later(mobile)] },
    ],
    onNoAnswer: (tried = []) => ring([['sip:carol@198.51.100.5']], { headers: [['X-Before', told(tried)]] }),
  });
  proxy.receive(requestText());
  expect(proxy.at(0).request.raw('X-Before')).toBe('');
  proxy.at(0).answer(180);
  proxy.clock.advance(1_000);
  // It rings still.
  expect(proxy.at(1).request.raw('X-Before')).toBe(`${bob} undefined`);
  proxy.clock.advance(4_000);
  proxy.at(1).answer(404);
  expect(proxy.at(2).request.raw('X-Before')).toBe(`${bob} 408, ${desk} 404`);
  proxy.at(0).answer(487);
  proxy.at(2).answer(486);
  expect(proxy.at(3).request.raw('X-Before')).toBe(`${bob} 408, ${desk} 404, ${mobile} 486`);
});

test('the policy hears who has taken a call, once', () => {
  const answered: string[] = [];
  const targets = [{ uri: sip(bob), owner: 'bob' }, { uri: sip(desk), owner: 'desk' }, { uri: sip(mobile) }];
  const proxy = benchWith(
    { kind: 'ring', stages: [{ targets }] },
    { answered: ({ callId }, owner) => void answered.push(`${callId} ${owner}`) },
  );
  proxy.receive(requestText());
  proxy.at(1).answer(200);
  proxy.at(1).answer(200);
  proxy.at(0).answer(200);
  proxy.receive(requestText({ method: 'MESSAGE', callId: 'call-2' }));
  proxy.at(3).answer(200);
  expect(answered).toEqual(['call-1 desk']);
});

describe('a redirection that the plan decides about', () => {
  const contact = (...values: string[]): readonly (readonly [string, string])[] =>
    values.map((value) => ['Contact', value] as const);

  /** Follows the redirections of bob's own phone, by ringing the mobile. */
  function followed(stages: readonly (readonly string[])[]): RingPlan {
    return ring(stages, {
      onRedirect: (target, contacts) =>
        target.uri.toString() === bob
          ? () => ring([contacts.map(({ uri }) => uri.toString())], { provisional: { status: 181 } })
          : undefined,
    });
  }

  test.each([300, 301, 302])('is followed at once after a %i, and what else rings is cancelled', (status) => {
    const proxy = benchWith(followed([[bob, desk]]));
    const call = proxy.receive(requestText());
    proxy.at(1).answer(180);
    proxy.at(0).answer(status, contact('<sip:b@198.51.100.8>;q=0.5', '<sip:>', '<sip:a@198.51.100.7>'));
    expect(proxy.at(1).cancelled).toEqual([['Reason', `SIP;cause=${String(status)};text="Redirected elsewhere"`]]);
    expect(call.statuses).toEqual([100, 180, 181]);
    expect(proxy.sent.slice(2).map(({ request }) => request.requestUriText)).toEqual([
      'sip:a@198.51.100.7',
      'sip:b@198.51.100.8',
    ]);
  });

  test('that is not followed counts as a phone that cannot be had, and the caller never hears of it', () => {
    const proxy = benchWith(followed([[desk, mobile]]));
    const call = proxy.receive(requestText());
    proxy.at(0).answer(302, contact(`<${bob}>`));
    expect(call.statuses).toEqual([100]);
    proxy.at(1).answer(486);
    expect(call.statuses).toEqual([100, 486]);
    const alone = benchWith(followed([[desk]]));
    const other = alone.receive(requestText());
    alone.at(0).answer(302, contact(`<${bob}>`));
    expect(other.statuses).toEqual([100, 480]);
  });

  test('leaves the caller a 305 and a 380, which name another service', () => {
    for (const status of [305, 380]) {
      const proxy = benchWith(followed([[bob]]));
      const call = proxy.receive(requestText());
      proxy.at(0).answer(status, contact(`<${mobile}>`));
      expect(call.statuses).toEqual([100, status]);
    }
  });

  test('comes too late when the caller has given up, or somebody has answered', () => {
    const proxy = benchWith(followed([[bob, desk]]));
    const call = proxy.receive(requestText());
    proxy.proxy.cancel(call);
    proxy.at(0).answer(302, contact(`<${mobile}>`));
    proxy.at(1).answer(487);
    expect(call.statuses).toEqual([100, 487]);
    expect(proxy.sent).toHaveLength(2);
    const answered = benchWith(followed([[bob, desk]]));
    const taken = answered.receive(requestText());
    answered.at(1).answer(200);
    answered.at(0).answer(302, contact(`<${mobile}>`));
    expect(taken.statuses).toEqual([100, 200]);
    expect(answered.sent).toHaveLength(2);
  });

  test('ends the call when the plan fails', () => {
    const failing = ring([[bob]], {
      onRedirect: () => {
        throw new Error('broken');
      },
    });
    const proxy = benchWith(failing);
    const call = proxy.receive(requestText());
    proxy.at(0).answer(302, contact(`<${mobile}>`));
    expect(call.statuses).toEqual([100, 500]);
    expect(proxy.proxy.stats().requests).toBe(0);
  });
});
