import { describe, expect, it } from 'vitest';
import { NameAddr } from '../message/name-addr.ts';
import { AgentBench, challenge, Listener, TestCalls } from './agent.testing.ts';

const target = 'sip:bob@example.net';

async function bench(addresses: readonly string[] = ['192.0.2.9']): Promise<{ bench: AgentBench; user: Listener }> {
  const made = await AgentBench.started();
  made.names.set('example.net', addresses);
  return { bench: made, user: new Listener() };
}

describe('where a request goes', () => {
  it('tries the next place after a 503, a timeout and a broken transport, and remembers them', async () => {
    const { bench: b, user } = await bench(['192.0.2.7', '192.0.2.8', '192.0.2.9', '192.0.2.10']);
    b.agent.request({ method: 'OPTIONS', target: `${target};transport=tcp` }, user);
    b.answer(b.last, 503, { headers: [['Retry-After', '30']] });
    expect(b.flowOf('TCP', '192.0.2.8').closed).toBe(false);
    b.flowOf('TCP', '192.0.2.8').close('closed');
    b.clock.advance(1);
    b.clock.advance(32_000);
    expect(b.failed).toEqual(['192.0.2.7 30000', '192.0.2.8', '192.0.2.9']);
    expect(new Set(b.requests.map(({ topVia }) => topVia.branch)).size).toBe(4);
    expect(new Set(b.requests.map(({ cseqNumber }) => cseqNumber))).toEqual(new Set([1]));
    b.answer(b.last, 200);
    expect(user.statuses).toEqual([200]);
    expect(user.failures).toEqual([]);
    expect(await b.leftOvers()).toEqual([]);
    expect(user.ends).toBe(1);
  });

  it('tells the last answer when there is no further place', async () => {
    const { bench: b, user } = await bench(['192.0.2.7', '192.0.2.8']);
    b.agent.request({ method: 'OPTIONS', target }, user);
    b.answer(b.last, 503);
    b.answer(b.last, 503);
    expect(user.statuses).toEqual([503]);
    expect(b.requests).toHaveLength(2);
    expect(await b.leftOvers()).toEqual([]);
  });

  it.each([
    ['a name that nobody knows', 'sip:bob@nowhere.example', 503, 'no-records'],
    ['no answer', target, 408, 'timeout'],
    ['a scheme without a host', 'tel:+431', 503, 'no-transport'],
  ])('fails for %s, never from within the call', async (_what, to, status, code) => {
    const { bench: b, user } = await bench();
    b.agent.request({ method: 'OPTIONS', target: to }, user);
    expect(user.failures).toEqual([]);
    b.clock.advance(32_000);
    expect(user.failures).toEqual([expect.objectContaining({ status, code })]);
    expect(await b.leftOvers()).toEqual([]);
    expect(user.ends).toBe(1);
  });

  it('goes by the routes, and gives a strict router what it expects', async () => {
    const { bench: b, user } = await bench();
    const route = ['<sip:192.0.2.20;lr>', '<sip:192.0.2.21>'].map((text) => NameAddr.parse(text));
    const routes = route.filter((each) => each instanceof NameAddr);
    b.agent.request({ method: 'OPTIONS', target, route: routes }, user);
    expect(b.last.requestUriText).toBe(target);
    expect(b.last.rawAll('Route')).toEqual(['<sip:192.0.2.20;lr>', '<sip:192.0.2.21>']);
    expect(b.flowOf('UDP', '192.0.2.20')).toBeDefined();
    b.agent.request({ method: 'OPTIONS', target, route: [...routes].reverse() }, user);
    expect(b.last.requestUriText).toBe('sip:192.0.2.21');
    expect(b.last.rawAll('Route')).toEqual(['<sip:192.0.2.20;lr>', `<${target}>`]);
    expect(b.flowOf('UDP', '192.0.2.21')).toBeDefined();
    expect(await b.leftOvers()).toEqual([]);
  });

  it('takes TCP first for what is too large for a datagram', async () => {
    const { bench: b, user } = await bench();
    b.agent.request({ method: 'MESSAGE', target, contentType: 'text/plain', body: 'x'.repeat(1_400) }, user);
    expect(b.last.topVia.protocol).toBe('TCP');
    b.flowOf('TCP', '192.0.2.9').close('refused');
    b.clock.advance(1);
    expect(b.last.topVia.protocol).toBe('UDP');
    expect(await b.leftOvers()).toEqual([]);
  });

  it('has a sips: Contact where the first route is sips: (RFC 3261 8.1.1.8)', async () => {
    const { bench: b } = await bench();
    const calls = new TestCalls(b.agent);
    calls.invite({ target, route: [NameAddr.of({ uri: 'sips:192.0.2.20;lr' })] });
    expect(b.last.raw('Contact')).toBe('<sips:alice@192.0.2.1:5061>');
    expect(await b.leftOvers()).toEqual([]);
  });

  it('takes TCP for what credentials have made too large, and UDP again where nobody takes TCP', async () => {
    const { bench: b, user } = await bench();
    b.agent.request({ method: 'MESSAGE', target, contentType: 'text/plain', body: 'x'.repeat(700) }, user);
    expect(b.last.topVia.protocol).toBe('UDP');
    b.answer(b.last, 407, { headers: [challenge('Proxy-Authenticate', 'proxy', 'n'.repeat(300))] });
    expect(b.last.topVia.protocol).toBe('TCP');
    expect(b.last.has('Proxy-Authorization')).toBe(true);
    b.flowOf('TCP', '192.0.2.9').close('refused');
    b.clock.advance(1);
    expect(b.last.topVia.protocol).toBe('UDP');
    expect(b.last.rawAll('Proxy-Authorization')).toHaveLength(1);
    b.answer(b.last, 200);
    expect(user.statuses).toEqual([200]);
    expect(await b.leftOvers()).toEqual([]);
  });

  it('never takes an insecure way for a sips: URI', async () => {
    const { bench: b, user } = await bench();
    b.agent.request({ method: 'OPTIONS', target: 'sips:bob@example.net' }, user);
    expect(b.last.topVia.protocol).toBe('TLS');
    const insecure = NameAddr.parse('<sip:192.0.2.20;lr>');
    if (insecure instanceof NameAddr) {
      b.agent.request({ method: 'OPTIONS', target: 'sips:bob@example.net', route: [insecure] }, user);
    }
    expect(b.last.topVia.protocol).toBe('TLS');
    expect(await b.leftOvers()).toEqual([]);
  });
});

describe('challenges', () => {
  it('answers a proxy and a server in turn, each time with another CSeq number', async () => {
    const { bench: b, user } = await bench();
    b.agent.request({ method: 'OPTIONS', target }, user);
    b.answer(b.last, 407, { headers: [challenge('Proxy-Authenticate', 'proxy', 'n1')] });
    expect(b.last.cseqNumber).toBe(2);
    expect(b.last.rawAll('Proxy-Authorization')).toHaveLength(1);
    b.answer(b.last, 401, { headers: [challenge('WWW-Authenticate', 'server', 'n2')] });
    expect(b.last.cseqNumber).toBe(3);
    expect(b.last.rawAll('Proxy-Authorization')).toHaveLength(1);
    expect(b.last.rawAll('Authorization')).toHaveLength(1);
    b.answer(b.last, 200);
    expect(user.statuses).toEqual([200]);
    expect(user.cseqs).toEqual([2, 3]);
    expect(await b.leftOvers()).toEqual([]);
  });

  it('gives up on a wrong password', async () => {
    const { bench: b, user } = await bench();
    b.agent.request({ method: 'OPTIONS', target }, user);
    b.answer(b.last, 401, { headers: [challenge('WWW-Authenticate', 'server', 'n1')] });
    b.answer(b.last, 401, { headers: [challenge('WWW-Authenticate', 'server', 'n2')] });
    expect(user.statuses).toEqual([401]);
    expect(b.requests).toHaveLength(2);
    expect(await b.leftOvers()).toEqual([]);
  });

  it('does not let a server ask for ever', async () => {
    const { bench: b, user } = await bench();
    b.agent.request({ method: 'OPTIONS', target }, user);
    for (let round = 0; round < 50 && user.statuses.length === 0; round += 1) {
      b.answer(b.last, 401, { headers: [challenge('WWW-Authenticate', `realm-${String(round)}`, 'n')] });
    }
    expect(user.statuses).toEqual([401]);
    expect(b.requests).toHaveLength(7);
    expect(await b.leftOvers()).toEqual([]);
  });

  it('brings credentials along where they were asked for before, and nowhere else', async () => {
    const { bench: b, user } = await bench();
    b.names.set('example.org', ['192.0.2.30']);
    b.agent.request({ method: 'OPTIONS', target }, user);
    b.answer(b.last, 401, { headers: [challenge('WWW-Authenticate', 'server', 'n1')] });
    b.answer(b.last, 200);
    b.agent.request({ method: 'OPTIONS', target }, user);
    expect(b.last.raw('Authorization')).toContain('nc=00000002');
    b.agent.request({ method: 'OPTIONS', target: 'sip:carol@example.org' }, user);
    expect(b.last.has('Authorization')).toBe(false);
    expect(await b.leftOvers()).toEqual([]);
  });

  it('remembers the last 32 places that have asked for them', async () => {
    const { bench: b, user } = await bench();
    const ask = (place: number): void => {
      b.agent.request({ method: 'OPTIONS', target: `sip:bob@192.0.2.${String(place)}` }, user);
    };
    for (let place = 1; place <= 33; place += 1) {
      ask(place);
      b.answer(b.last, 401, { headers: [challenge('WWW-Authenticate', 'server', 'n1')] });
      b.answer(b.last, 200);
    }
    for (const [place, knows] of [
      [1, false],
      [2, true],
      [33, true],
    ] as const) {
      ask(place);
      expect(b.last.has('Authorization'), String(place)).toBe(knows);
      b.answer(b.last, 200);
    }
    expect(await b.leftOvers()).toEqual([]);
  });

  it('repeats the credentials of an INVITE in the ACK to its 2xx', async () => {
    const { bench: b } = await bench();
    const calls = new TestCalls(b.agent);
    const set = calls.invite();
    b.answer(b.last, 407, { headers: [challenge('Proxy-Authenticate', 'proxy', 'n1')] });
    const invite = b.requests.filter(({ method }) => method === 'INVITE').at(-1);
    if (invite === undefined || set.request === undefined) throw new Error('no INVITE');
    b.answer(invite, 200, { headers: [['Contact', '<sip:bob@192.0.2.9>']] });
    calls.usage.dialog.acknowledge(set.request);
    expect(b.last.method).toBe('ACK');
    expect(b.last.cseqNumber).toBe(2);
    expect(b.last.rawAll('Proxy-Authorization')).toEqual(invite.rawAll('Proxy-Authorization'));
    calls.usage.dialog.removeUsage(calls.usage);
    expect(await b.leftOvers()).toEqual([]);
  });
});

describe('the ACK to a 2xx', () => {
  it('is repeated as it was, over a new connection when the first is gone', async () => {
    const { bench: b } = await bench();
    const calls = new TestCalls(b.agent);
    const set = calls.invite({ target: `${target};transport=tcp` });
    b.answer(b.last, 200, { headers: [['Contact', '<sip:bob@192.0.2.9;transport=tcp>']] });
    if (set.request === undefined) throw new Error('no INVITE');
    const ack = calls.usage.dialog.acknowledge(set.request);
    ack.repeat();
    b.flowOf('TCP', '192.0.2.9').close('closed');
    ack.repeat();
    const acks = b.requests.filter(({ method }) => method === 'ACK');
    expect(acks).toHaveLength(3);
    expect(new Set(acks.map((each) => each.edit().remove('Via').toText())).size).toBe(1);
    calls.usage.dialog.removeUsage(calls.usage);
    expect(await b.leftOvers()).toEqual([]);
  });
});

describe('redirections', () => {
  const follow = { follow: () => true };

  it('are the answer for who does not follow them', async () => {
    const { bench: b, user } = await bench();
    b.agent.request({ method: 'OPTIONS', target }, user);
    b.answer(b.last, 302, { headers: [['Contact', '<sip:carol@192.0.2.30>']] });
    expect(user.statuses).toEqual([302]);
    expect(await b.leftOvers()).toEqual([]);
  });

  it('are followed in the order of q, each contact once', async () => {
    const { bench: b, user } = await bench();
    b.agent.request({ method: 'OPTIONS', target, redirects: follow }, user);
    const contacts = `<sip:c@192.0.2.31>;q=0.2, <sip:d@192.0.2.32>;q=0.9, <${target}>`;
    b.answer(b.last, 302, { headers: [['Contact', contacts]] });
    expect(b.last.requestUriText).toBe('sip:d@192.0.2.32');
    expect(b.last.raw('To')).toBe(`<${target}>`);
    expect(b.last.cseqNumber).toBe(2);
    b.answer(b.last, 302, { headers: [['Contact', '<sip:d@192.0.2.32>, <sip:e@192.0.2.33>;q=0.1']] });
    expect(b.last.requestUriText).toBe('sip:c@192.0.2.31');
    b.answer(b.last, 404);
    expect(b.last.requestUriText).toBe('sip:e@192.0.2.33');
    b.answer(b.last, 486);
    expect(user.statuses).toEqual([486]);
    expect(await b.leftOvers()).toEqual([]);
  });

  it('end, however many contacts there are', async () => {
    const { bench: b, user } = await bench();
    b.agent.request({ method: 'OPTIONS', target, redirects: follow }, user);
    for (let round = 0; round < 50 && user.statuses.length === 0; round += 1) {
      b.answer(b.last, 302, { headers: [['Contact', `<sip:x${String(round)}@192.0.2.31>`]] });
    }
    expect(user.statuses).toEqual([302]);
    expect(b.requests).toHaveLength(11);
    expect(await b.leftOvers()).toEqual([]);
  });

  it('never lead from sips: to sip:', async () => {
    const { bench: b, user } = await bench();
    b.agent.request({ method: 'OPTIONS', target: 'sips:bob@example.net', redirects: follow }, user);
    b.answer(b.last, 302, { headers: [['Contact', '<sip:c@192.0.2.31>, <sips:d@192.0.2.32>;q=0.1']] });
    expect(b.last.requestUriText).toBe('sips:d@192.0.2.32');
    b.answer(b.last, 404);
    expect(user.statuses).toEqual([404]);
    expect(await b.leftOvers()).toEqual([]);
  });

  it('C2.13-13 to a proxy (305) are followed once: the same request again, by way of it as a loose router', async () => {
    const { bench: b, user } = await bench();
    b.agent.request({ method: 'OPTIONS', target, redirects: follow }, user);
    const before = b.last.topVia.branch;
    b.answer(b.last, 305, { headers: [['Contact', '<sip:192.0.2.40>']] });
    expect(b.last.requestUriText).toBe(target);
    expect(b.last.rawAll('Route')).toEqual(['<sip:192.0.2.40;lr>']);
    expect(b.last.cseqNumber).toBe(2);
    expect(b.last.topVia.branch).not.toBe(before);
    b.answer(b.last, 407, { headers: [challenge('Proxy-Authenticate', 'proxy', 'n1')] });
    expect(b.last.rawAll('Route')).toEqual(['<sip:192.0.2.40;lr>']);
    expect(b.last.has('Proxy-Authorization')).toBe(true);
    b.answer(b.last, 305, { headers: [['Contact', '<sip:192.0.2.41>']] });
    expect(user.statuses).toEqual([305]);
    expect(await b.leftOvers()).toEqual([]);
  });

  it('to a proxy are the answer where it is less secure, is no address, or nobody follows', async () => {
    const { bench: b, user } = await bench();
    b.agent.request({ method: 'OPTIONS', target: 'sips:bob@example.net', redirects: follow }, user);
    b.answer(b.last, 305, { headers: [['Contact', '<sip:192.0.2.40>']] });
    b.agent.request({ method: 'OPTIONS', target, redirects: follow }, user);
    b.answer(b.last, 305);
    b.agent.request({ method: 'OPTIONS', target }, user);
    b.answer(b.last, 305, { headers: [['Contact', '<sip:192.0.2.40>']] });
    expect(user.statuses).toEqual([305, 305, 305]);
    expect(await b.leftOvers()).toEqual([]);
  });

  it('put no header fields of their own into the request but harmless ones, and no credentials along', async () => {
    const { bench: b, user } = await bench();
    b.agent.request({ method: 'OPTIONS', target, redirects: follow }, user);
    b.answer(b.last, 401, { headers: [challenge('WWW-Authenticate', 'server', 'n1')] });
    b.answer(b.last, 302, {
      headers: [['Contact', '<sip:c@192.0.2.31;method=BYE?Subject=hi&From=evil&Route=%3Csip:192.0.2.66%3E>']],
    });
    expect(b.last.requestUriText).toBe('sip:c@192.0.2.31');
    expect(b.last.method).toBe('OPTIONS');
    expect(b.last.raw('Subject')).toBe('hi');
    b.answer(b.last, 302, { headers: [['Contact', '<sip:d@192.0.2.31?Subject=%0d%0aEvil:%20yes&Priority=urgent>']] });
    expect(b.last.requestUriText).toBe('sip:d@192.0.2.31');
    expect(b.last.raw('Priority')).toBe('urgent');
    expect(b.last.text).not.toContain('Evil');
    expect(b.last.has('Route')).toBe(false);
    expect(b.last.has('Authorization')).toBe(false);
    expect(await b.leftOvers()).toEqual([]);
  });
});

describe('giving an INVITE up', () => {
  async function calling(addresses?: readonly string[]): Promise<{ b: AgentBench; calls: TestCalls }> {
    const { bench: b } = await bench(addresses);
    return { b, calls: new TestCalls(b.agent) };
  }

  it('sends nothing while the lookup is not done', async () => {
    const { b, calls } = await calling();
    const { promise, resolve } = Promise.withResolvers<undefined>();
    b.lookup = promise;
    const set = calls.invite({ target });
    set.cancel();
    resolve(undefined);
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
    b.clock.advance(1);
    expect(b.sent).toEqual([]);
    expect(calls.listener.failures).toEqual([expect.objectContaining({ code: 'cancelled', status: 487 })]);
    expect(await b.leftOvers()).toEqual([]);
  });

  it('waits for a provisional response', async () => {
    const { b, calls } = await calling();
    const set = calls.invite({ target });
    set.cancel([['Reason', 'SIP;cause=200']]);
    expect(b.methods()).toEqual(['INVITE']);
    b.answer(b.last, 100);
    expect(b.methods()).toEqual(['INVITE', 'CANCEL']);
    expect(b.last.raw('Reason')).toBe('SIP;cause=200');
    const [invite, cancel] = b.requests;
    if (invite === undefined || cancel === undefined) throw new Error('nothing was sent');
    expect(cancel.topVia.toString()).toBe(invite.topVia.toString());
    b.answer(cancel, 200);
    b.answer(invite, 487);
    expect(calls.listener.statuses.at(-1)).toBe(487);
    expect(await b.leftOvers()).toEqual([]);
  });

  it('loses against a 2xx that crosses it, which makes its dialog', async () => {
    const { b, calls } = await calling();
    const set = calls.invite({ target });
    b.answer(b.last, 180);
    set.cancel();
    const [invite] = b.requests;
    if (invite === undefined) throw new Error('no INVITE');
    b.answer(invite, 200, { headers: [['Contact', '<sip:bob@192.0.2.9>']] });
    expect(calls.listener.statuses).toEqual([180, 200]);
    expect(calls.usage.dialog.state).toBe('confirmed');
    calls.usage.dialog.removeUsage(calls.usage);
    expect(await b.leftOvers()).toEqual([]);
  });

  it.each([
    ['a challenge', 401],
    ['a server out of order', 503],
    ['a redirection', 302],
  ])('lets no other try follow %s', async (_what, status) => {
    const { b, calls } = await calling(['192.0.2.8', '192.0.2.9']);
    const set = calls.invite({ target, redirects: { follow: () => true } });
    const invite = b.last;
    b.answer(invite, 100);
    set.cancel();
    const headers = [challenge('WWW-Authenticate', 'server', 'n1'), ['Contact', '<sip:c@192.0.2.31>'] as const];
    b.answer(invite, status, { headers });
    expect(b.methods()).toEqual(['INVITE', 'CANCEL', 'ACK']);
    expect(calls.listener.statuses.filter((each) => each >= 200).length + calls.listener.failures.length).toBe(1);
    expect(await b.leftOvers()).toEqual([]);
  });

  it('cancels the try that is under way after another one failed', async () => {
    const { b, calls } = await calling(['192.0.2.8', '192.0.2.9']);
    const set = calls.invite({ target });
    b.answer(b.last, 503);
    const second = b.last;
    expect(second.method).toBe('INVITE');
    b.answer(second, 180);
    set.cancel();
    expect(b.last.method).toBe('CANCEL');
    expect(b.last.topVia.branch).toBe(second.topVia.branch);
    b.answer(second, 487);
    expect(calls.listener.statuses).toEqual([180, 487]);
    expect(await b.leftOvers()).toEqual([]);
  });

  it('does nothing after the final response', async () => {
    const { b, calls } = await calling();
    const set = calls.invite({ target });
    b.answer(b.last, 486);
    set.cancel();
    b.clock.advance(1_000);
    expect(b.methods()).toEqual(['INVITE', 'ACK']);
    expect(await b.leftOvers()).toEqual([]);
  });
});

describe('limits', () => {
  it('sends no more requests at once than allowed', async () => {
    const b = await AgentBench.started({ limits: { requests: 2 } });
    const users = [new Listener(), new Listener(), new Listener()];
    for (const user of users) b.agent.request({ method: 'OPTIONS', target: 'sip:bob@192.0.2.9' }, user);
    b.clock.advance(0);
    expect(users.map(({ failures }) => failures.length)).toEqual([0, 0, 1]);
    expect(users[2]?.failures[0]?.code).toBe('overflow');
    expect(await b.leftOvers()).toEqual([]);
  });
});
