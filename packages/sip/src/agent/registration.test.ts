import { describe, expect, it } from 'vitest';
import type { HeaderInit } from '../message/header.ts';
import { Contact } from '../message/headers/contact.ts';
import type { SipRequest } from '../message/message.ts';
import { NameAddr } from '../message/name-addr.ts';
import { AgentBench, challenge, TestCalls } from './agent.testing.ts';
import type { AgentBenchOptions } from './agent.testing.ts';
import { ContactUser } from './own-contact.ts';
import type { Registration } from './registration.ts';
import type { RegistrationOptions, RegistrationState } from './registration-options.ts';

interface Registering {
  readonly bench: AgentBench;
  readonly registration: Registration;
  readonly states: RegistrationState['kind'][];
}

async function register(options: RegistrationOptions = {}, more: AgentBenchOptions = {}): Promise<Registering> {
  const bench = await AgentBench.started(more);
  bench.names.set('example.com', ['192.0.2.10']);
  const registration = bench.agent.register(options);
  const states: RegistrationState['kind'][] = [];
  registration.onChange(({ kind }) => states.push(kind));
  return { bench, registration, states };
}

function contactOf(request: SipRequest): NameAddr {
  const contact = request.get(Contact);
  if (contact instanceof NameAddr) return contact;
  throw new Error('no Contact');
}

/** The registrar accepts, with the contact as it came and what else it says. */
function accept(
  bench: AgentBench,
  { expires = 600, parameters = '', headers = [] as readonly HeaderInit[] } = {},
): void {
  const { last } = bench;
  bench.answer(last, 200, {
    headers: [['Contact', `${contactOf(last).toString()};expires=${String(expires)}${parameters}`], ...headers],
  });
}

const outbound: readonly HeaderInit[] = [['Require', 'outbound']];

describe('a REGISTER', () => {
  it('is for the domain, and says who the phone is (RFC 3261 10.2, RFC 5626 4.2.1)', async () => {
    const { bench, registration } = await register({ instanceId: 'urn:uuid:1', features: { audio: true } });
    expect(bench.last.requestUriText).toBe('sip:example.com');
    expect(bench.last.raw('To')).toBe('"Alice" <sip:alice@example.com>');
    expect(bench.last.raw('Supported')).toBe('path, outbound, gruu');
    expect(bench.last.raw('Expires')).toBe('3600');
    expect(bench.last.raw('Contact')).toBe(
      '<sip:alice-t1@192.0.2.1:5060;ob>;+sip.instance="<urn:uuid:1>";reg-id=1;audio',
    );
    expect(registration.state).toEqual({ kind: 'registering' });
    accept(bench);
    expect(registration.state).toEqual({ kind: 'registered', until: 600_000 });
    registration.stop();
    expect(await bench.leftOvers()).toEqual([]);
  });

  it('answers a challenge, and keeps Call-ID and tag over its refreshes', async () => {
    const { bench, states } = await register();
    const first = bench.last;
    bench.answer(first, 401, { headers: [challenge('WWW-Authenticate', 'example.com', 'n1')] });
    accept(bench);
    bench.clock.advance(527_000);
    accept(bench);
    const numbers = bench.requests.map(({ cseqNumber }) => cseqNumber);
    expect(new Set(numbers)).toEqual(new Set([1, 2, 3]));
    expect(new Set(bench.requests.map(({ callId }) => callId)).size).toBe(1);
    expect(new Set(bench.requests.map(({ fromTag }) => fromTag)).size).toBe(1);
    expect(bench.last.has('Authorization')).toBe(true);
    expect(states).toEqual(['registered', 'registered']);
    bench.agent.registration?.stop();
    expect(await bench.leftOvers()).toEqual([]);
  });

  it.each([
    [3_600, 3_040, 3_240],
    [600, 500, 540],
    [60, 28, 30],
  ])('for %i seconds is refreshed between %i and %i', async (expires, earliest, latest) => {
    const { bench, registration } = await register();
    accept(bench, { expires });
    bench.clock.advance(earliest * 1_000);
    expect(bench.requests).toHaveLength(1);
    bench.clock.advance((latest - earliest) * 1_000);
    expect(bench.requests.length).toBeGreaterThan(1);
    accept(bench, { expires });
    registration.stop();
    expect(await bench.leftOvers()).toEqual([]);
  });

  it('asks for longer after a 423, and once more at most for each change', async () => {
    const { bench, registration } = await register({ expires: 60 });
    bench.answer(bench.last, 423, { headers: [['Min-Expires', '1800']] });
    expect(bench.last.raw('Expires')).toBe('1800');
    bench.answer(bench.last, 423, { headers: [['Min-Expires', '1800']] });
    expect(bench.requests).toHaveLength(2);
    expect(registration.state.kind).toBe('failed');
    registration.stop();
    expect(await bench.leftOvers()).toEqual([]);
  });

  it.each([
    [86_400, 'registering'],
    [86_401, 'failed'],
  ])('of a registrar that wants %i seconds at least, it is %s', async (minimum, kind) => {
    const { bench, registration } = await register({ expires: 60 });
    bench.answer(bench.last, 423, { headers: [['Min-Expires', String(minimum)]] });
    expect(registration.state.kind).toBe(kind);
    registration.stop();
    expect(await bench.leftOvers()).toEqual([]);
  });

  it('changes one request four times at most', async () => {
    const { bench, registration } = await register({ expires: 60 });
    for (const minimum of [100, 200, 300, 400, 500]) {
      expect(registration.state.kind).toBe('registering');
      bench.answer(bench.last, 423, { headers: [['Min-Expires', String(minimum)]] });
    }
    expect(registration.state.kind).toBe('failed');
    expect(bench.requests.map((request) => request.raw('Expires'))).toEqual(['60', '100', '200', '300', '400']);
    registration.stop();
    expect(await bench.leftOvers()).toEqual([]);
  });

  it('goes without outbound after a 439 (RFC 5626 11.6)', async () => {
    const { bench, registration } = await register();
    bench.answer(bench.last, 439);
    expect(contactOf(bench.last).parameters.has('reg-id')).toBe(false);
    expect(contactOf(bench.last).uri.toString()).toBe('sip:alice@192.0.2.1:5060');
    accept(bench);
    expect(registration.state.kind).toBe('registered');
    registration.stop();
    expect(await bench.leftOvers()).toEqual([]);
  });

  it('follows a redirection', async () => {
    const { bench, registration } = await register();
    bench.answer(bench.last, 302, { headers: [['Contact', '<sip:192.0.2.77>']] });
    expect(bench.last.requestUriText).toBe('sip:192.0.2.77');
    accept(bench);
    expect(registration.state.kind).toBe('registered');
    registration.stop();
    expect(await bench.leftOvers()).toEqual([]);
  });

  it('removes the binding in the end', async () => {
    const { bench, registration, states } = await register();
    accept(bench);
    const ended = registration.end();
    expect(bench.last.raw('Expires')).toBe('0');
    expect(contactOf(bench.last).parameters.get('reg-id')).toBe('1');
    bench.answer(bench.last, 200);
    await ended;
    expect(states).toEqual(['registered', 'unregistering', 'unregistered']);
    expect(await bench.leftOvers()).toEqual([]);
  });

  it('removes a binding that stands although its refresh failed, and asks nobody where none does', async () => {
    const { bench, registration } = await register();
    accept(bench);
    bench.clock.advance(527_000);
    bench.answer(bench.last, 503);
    expect(registration.state.kind).toBe('failed');
    const ended = registration.end();
    expect(bench.last.raw('Expires')).toBe('0');
    bench.answer(bench.last, 200);
    await ended;
    bench.agent.register();
    bench.answer(bench.last, 403);
    const sent = bench.requests.length;
    await registration.end();
    expect(bench.requests).toHaveLength(sent);
    expect(registration.state.kind).toBe('unregistered');
    expect(await bench.leftOvers()).toEqual([]);
  });

  it('that nobody answers in the end does not hold it up for ever', async () => {
    const { bench, registration } = await register();
    accept(bench);
    const ended = registration.end();
    bench.clock.advance(32_000);
    await ended;
    expect(registration.state).toEqual({ kind: 'unregistered' });
    bench.agent.register();
    expect(registration.state).toEqual({ kind: 'registering' });
    accept(bench);
    registration.stop();
    expect(await bench.leftOvers()).toEqual([]);
  });
});

describe('a registration that fails', () => {
  it.each([401, 403, 404])(
    'for good with a %i is not tried again by itself, but when a person asks',
    async (status) => {
      const { bench, registration } = await register();
      bench.answer(bench.last, status, { reason: 'No' });
      expect(registration.state).toEqual({ kind: 'failed', failure: { status, reason: 'No' }, retryAt: undefined });
      bench.clock.advance(4_000_000);
      expect(bench.requests).toHaveLength(1);
      bench.agent.register();
      expect(registration.state).toEqual({ kind: 'registering' });
      accept(bench);
      expect(registration.state.kind).toBe('registered');
      registration.stop();
      expect(await bench.leftOvers()).toEqual([]);
    },
  );

  it('waits longer each time, up to half an hour (RFC 5626 4.5)', async () => {
    const { bench, registration } = await register();
    const waits: number[] = [];
    for (let round = 0; round < 9; round += 1) {
      bench.answer(bench.last, 500);
      const { state } = registration;
      const retryAt = state.kind === 'failed' ? (state.retryAt ?? 0) : 0;
      waits.push((retryAt - bench.clock.date()) / 1_000);
      const sent = bench.requests.length;
      bench.clock.advance(retryAt - bench.clock.date());
      expect(bench.requests).toHaveLength(sent + 1);
    }
    // The tests' random source always draws the middle of 50 to 100 percent.
    expect(waits).toEqual([22.5, 45, 90, 180, 360, 720, 1_350, 1_350, 1_350]);
    registration.stop();
    expect(await bench.leftOvers()).toEqual([]);
  });

  it('waits as long as Retry-After says', async () => {
    const { bench, registration } = await register();
    bench.answer(bench.last, 503, { headers: [['Retry-After', '3000']] });
    expect(registration.state).toEqual({
      kind: 'failed',
      failure: { status: 503, reason: 'Service Unavailable' },
      retryAt: 3_000_000,
    });
    registration.stop();
    expect(await bench.leftOvers()).toEqual([]);
  });

  it('tells of a registrar that is silent, or unknown', async () => {
    const { bench, registration } = await register();
    bench.clock.advance(32_000);
    expect(registration.state).toEqual(expect.objectContaining({ kind: 'failed' }));
    expect(registration.state).toHaveProperty('failure.status', 408);
    registration.stop();
    expect(await bench.leftOvers()).toEqual([]);
  });
});

describe('a flow (RFC 5626)', () => {
  const proxy = NameAddr.of({ uri: 'sip:192.0.2.10;transport=tcp;lr' });

  it('is kept alive as the registrar says, and formed anew at once when it breaks', async () => {
    const { bench, registration, states } = await register({ outboundProxies: [proxy] });
    accept(bench, { headers: [...outbound, ['Flow-Timer', '120']] });
    const flow = bench.flowOf('TCP', '192.0.2.10');
    expect(flow.keptAlive).toEqual([120]);
    bench.clock.advance(100_000);
    flow.close('closed');
    expect(states).toEqual(['registered', 'registering']);
    const again = bench.flowOf('TCP', '192.0.2.10');
    expect(again).not.toBe(flow);
    expect(contactOf(bench.last).parameters.get('reg-id')).toBe('1');
    accept(bench, { headers: outbound });
    expect(registration.state.kind).toBe('registered');
    expect(registration.flow).toBe(again);
    expect(flow.watchers).toBe(0);
    registration.stop();
    expect(await bench.leftOvers()).toEqual([]);
  });

  it('that never holds is not formed again and again', async () => {
    const { bench, registration } = await register({ outboundProxies: [proxy] });
    accept(bench, { headers: outbound });
    for (let round = 0; round < 20; round += 1) {
      bench.flowOf('TCP', '192.0.2.10').close('closed');
      bench.clock.advance(1_000);
      if (registration.state.kind === 'registering') accept(bench, { headers: outbound });
    }
    expect(bench.requests).toHaveLength(2);
    expect(registration.state).toHaveProperty('retryAt');
    registration.stop();
    expect(await bench.leftOvers()).toEqual([]);
  });

  it('that does not answer a refresh is given up for a new one', async () => {
    const { bench, registration, states } = await register({ outboundProxies: [proxy] });
    accept(bench, { headers: outbound });
    const flow = bench.flowOf('TCP', '192.0.2.10');
    bench.clock.advance(560_000);
    expect(states).toEqual(['registered', 'registering']);
    expect(flow.closed).toBe(true);
    expect(bench.flowOf('TCP', '192.0.2.10')).not.toBe(flow);
    accept(bench, { headers: outbound });
    expect(states).toEqual(['registered', 'registering', 'registered']);
    registration.stop();
    expect(await bench.leftOvers()).toEqual([]);
  });

  it('gets no keep-alives from a registrar that does not know them', async () => {
    const { bench, registration } = await register({ outboundProxies: [proxy] });
    accept(bench);
    expect(bench.flowOf('TCP', '192.0.2.10').keptAlive).toEqual([]);
    registration.stop();
    expect(await bench.leftOvers()).toEqual([]);
  });

  it('is one of several, and one is enough to be registered', async () => {
    const second = NameAddr.of({ uri: 'sip:192.0.2.11;transport=tcp;lr' });
    const { bench, registration, states } = await register({ outboundProxies: [proxy, second] });
    const [one, two] = bench.requests;
    if (one === undefined || two === undefined) throw new Error('two flows were to be formed');
    expect([one, two].map((request) => contactOf(request).parameters.get('reg-id'))).toEqual(['1', '2']);
    expect(one.callId).not.toBe(two.callId);
    for (const request of [one, two]) {
      bench.answer(request, 200, {
        headers: [['Contact', `${contactOf(request).toString()};expires=600`], ...outbound],
      });
    }
    bench.flowOf('TCP', '192.0.2.10').close('closed');
    expect(registration.state.kind).toBe('registered');
    expect(states.every((kind) => kind === 'registered')).toBe(true);
    expect(registration.flow).toBe(bench.flowOf('TCP', '192.0.2.11'));
    bench.answer(bench.last, 503);
    const sent = bench.requests.length;
    // 90 seconds while another flow stands, and the middle of 50 to 100 percent of twice that after two failures.
    bench.clock.advance(134_000);
    expect(bench.requests.length).toBe(sent);
    bench.clock.advance(1_000);
    expect(bench.requests.length).toBe(sent + 1);
    registration.stop();
    expect(await bench.leftOvers()).toEqual([]);
  });

  it('is the only one at a registrar without outbound', async () => {
    const second = NameAddr.of({ uri: 'sip:192.0.2.11;transport=tcp;lr' });
    const { bench, registration } = await register({ outboundProxies: [proxy, second] });
    const [one, two] = bench.requests;
    if (one === undefined || two === undefined) throw new Error('two flows were to be formed');
    bench.answer(two, 200, { headers: [['Contact', `${contactOf(two).toString()};expires=600`], ...outbound] });
    bench.answer(one, 200, { headers: [['Contact', `${contactOf(one).toString()};expires=600`]] });
    expect(bench.last.raw('Expires')).toBe('0');
    expect(contactOf(bench.last).parameters.get('reg-id')).toBe('2');
    bench.answer(bench.last, 200);
    expect(registration.state.kind).toBe('registered');
    registration.stop();
    expect(await bench.leftOvers()).toEqual([]);
  });

  it('is not taken for the new one when the answer to an old request comes late', async () => {
    const { bench, registration } = await register({ outboundProxies: [proxy] });
    const old = bench.last;
    bench.agent.networkChanged();
    bench.answer(old, 200, { headers: [['Contact', `${contactOf(old).toString()};expires=600`], ...outbound] });
    expect(registration.state).toEqual({ kind: 'registering' });
    accept(bench, { headers: outbound });
    expect(registration.state.kind).toBe('registered');
    registration.stop();
    expect(await bench.leftOvers()).toEqual([]);
  });

  it('is formed anew when the network changes', async () => {
    const { bench, registration, states } = await register({ outboundProxies: [proxy] });
    accept(bench, { headers: outbound });
    const flow = bench.flowOf('TCP', '192.0.2.10');
    bench.agent.networkChanged();
    expect(states).toEqual(['registered', 'registering']);
    expect(flow.closed).toBe(true);
    accept(bench, { headers: outbound });
    expect(registration.state.kind).toBe('registered');
    registration.stop();
    expect(await bench.leftOvers()).toEqual([]);
  });
});

describe('what a registration teaches', () => {
  it('is the address behind a NAT, which takes the place of the one before it (RFC 3581)', async () => {
    const { bench, registration } = await register();
    const seen = (request: SipRequest): SipRequest =>
      request.edit().replaceFirstValue('Via', `${request.topVia.toString()}=40000;received=198.51.100.7`).toMessage();
    const [contact] = bench.last.rawAll('Contact');
    bench.hear(
      seen(bench.last).createResponse(200, { toTag: 'r', headers: [['Contact', `${contact ?? ''};expires=600`]] }).text,
    );
    expect(bench.last.rawAll('Contact')).toEqual([
      expect.stringContaining('<sip:alice@198.51.100.7:40000>'),
      '<sip:alice-t1@192.0.2.1:5060;ob>;expires=0',
    ]);
    const [moved] = bench.last.rawAll('Contact');
    bench.hear(
      seen(bench.last).createResponse(200, { toTag: 'r', headers: [['Contact', `${moved ?? ''};expires=600`]] }).text,
    );
    expect(bench.requests).toHaveLength(2);
    const flow = bench.flowOf('UDP', '192.0.2.10');
    expect(bench.agent.contact(flow, false)).toBe('<sip:alice@198.51.100.7:40000>');
    registration.stop();
    expect(await bench.leftOvers()).toEqual([]);
  });

  it('is the GRUU, which Contacts carry from then on over its flow and no other (RFC 5627 4.4)', async () => {
    const { bench, registration } = await register({ instanceId: 'urn:uuid:1' });
    const gruus = ';pub-gruu="sip:alice@example.com;gr=urn:uuid:1";temp-gruu="sip:tgruu.7@example.com;gr"';
    accept(bench, { headers: outbound, parameters: gruus });
    expect(String(registration.publicGruu)).toBe('sip:alice@example.com;gr=urn:uuid:1');
    expect(String(registration.temporaryGruu)).toBe('sip:tgruu.7@example.com;gr');
    const calls = new TestCalls(bench.agent);
    calls.invite({ target: 'sip:bob@example.com' });
    expect(bench.last.raw('Contact')).toBe('<sip:alice@example.com;gr=urn:uuid:1>');
    calls.invite({ target: 'sip:bob@192.0.2.9' });
    expect(bench.last.raw('Contact')).toBe('<sip:alice@192.0.2.1:5060>');
    bench.receive('OPTIONS', { uri: 'sip:tgruu.7@example.com;gr' });
    expect(bench.responses.at(-1)?.status).toBe(200);
    registration.stop();
    expect(await bench.leftOvers()).toEqual([]);
  });

  it('is the GRUU of either scheme: calls that are less than sips: have a Contact that is, too (RFC 5630 5.1.1.2)', async () => {
    const { bench, registration } = await register(
      { instanceId: 'urn:uuid:1' },
      { address: '<sips:alice@example.com>' },
    );
    const gruu = 'sips:alice@example.com;gr=urn:uuid:1';
    accept(bench, { headers: outbound, parameters: `;pub-gruu="${gruu}"` });
    const calls = new TestCalls(bench.agent);
    calls.invite({ target: 'sips:bob@example.com' });
    expect(bench.last.raw('Contact')).toBe(`<${gruu}>`);
    calls.invite({ target: 'sip:bob@example.com;transport=tls' });
    expect(bench.last.raw('Contact')).toBe(`<${gruu.replace('sips:', 'sip:')}>`);
    registration.stop();
    expect(await bench.leftOvers()).toEqual([]);
  });

  it('is the server that has it, to which further requests go although another one comes first (RFC 5626 4.3)', async () => {
    const { bench, registration } = await register();
    registration.stop();
    bench.names.set('example.com', ['192.0.2.10', '192.0.2.11']);
    bench.agent.register();
    bench.answer(bench.last, 503);
    accept(bench, { headers: outbound });
    expect(registration.flow).toBe(bench.flowOf('UDP', '192.0.2.11'));
    const asked = bench.agent.options('sip:bob@example.com');
    expect(bench.last.raw('Supported')).toBe('outbound, gruu');
    expect(bench.flowOf('UDP', '192.0.2.11').sent.at(-1)).toBe(bench.last);
    bench.answer(bench.last, 200);
    expect(await asked).toHaveProperty('status', 200);
    registration.stop();
    expect(await bench.leftOvers()).toEqual([]);
  });

  it('is the Service-Route, and outbound in the Contact (RFC 3608, RFC 5626 4.3)', async () => {
    const { bench, registration } = await register();
    accept(bench, { headers: [...outbound, ['Service-Route', '<sip:192.0.2.10;lr>, <sip:192.0.2.12;lr>']] });
    const calls = new TestCalls(bench.agent);
    calls.invite({ target: 'sip:bob@example.net' });
    expect(bench.last.rawAll('Route')).toEqual(['<sip:192.0.2.10;lr>', '<sip:192.0.2.12;lr>']);
    expect(bench.last.raw('Contact')).toBe('<sip:alice-t1@192.0.2.1:5060;ob>');
    registration.stop();
    expect(await bench.leftOvers()).toEqual([]);
  });

  it('is who else is registered, and whose word on a caller is good (RFC 3325)', async () => {
    const { bench, registration } = await register();
    const others = ['<sip:alice@192.0.2.66>;expires=30;+sip.instance="<urn:uuid:2>"'] as const;
    accept(bench, { headers: [...outbound, ['Contact', others[0]]] });
    expect(registration.otherBindings.map(String)).toEqual([...others]);
    const asserted = ['P-Asserted-Identity: "Bob" <sip:bob@example.com>'];
    const stranger = bench.receive('OPTIONS', { headers: asserted });
    expect(bench.agent.callerOf(stranger, bench.flowOf('UDP', '192.0.2.9')).asserted).toBe(false);
    const caller = bench.agent.callerOf(stranger, bench.flowOf('UDP', '192.0.2.10'));
    expect(caller.asserted).toBe(true);
    expect(caller.address.displayName).toBe('Bob');
    registration.stop();
    expect(await bench.leftOvers()).toEqual([]);
  });
});

describe('the Contact of a connection that nothing listens beside', () => {
  it('says that requests have to come back over it', async () => {
    const bench = await AgentBench.started({ listens: false });
    const calls = new TestCalls(bench.agent);
    calls.invite({ target: 'sip:bob@192.0.2.9;transport=tcp' });
    expect(bench.last.raw('Contact')).toBe('<sip:alice-t1@192.0.2.1:5060;transport=tcp;ob>');
    expect(await bench.leftOvers()).toEqual([]);
  });

  it('is not that of another phone of the same person on the same machine, and is the own one', () => {
    const random = { token: () => String(Math.random()).slice(2) };
    const [one, other] = [new ContactUser('alice', random), new ContactUser('alice', random)];
    expect(one.for(true)).not.toBe(other.for(true));
    expect([one.for(true), one.for(false), other.for(true)].map((user) => one.includes(user))).toEqual([
      true,
      true,
      false,
    ]);
  });
});
