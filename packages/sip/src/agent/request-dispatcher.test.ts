import { describe, expect, it } from 'vitest';
import type { ReceivedParts } from './agent.testing.ts';
import { AgentBench, TestCalls } from './agent.testing.ts';
import type { SipResponse } from '../message/message.ts';

async function answerTo(method: string, parts: ReceivedParts = {}): Promise<SipResponse | undefined> {
  const bench = await AgentBench.started();
  new TestCalls(bench.agent);
  bench.receive(method, parts);
  const response = bench.responses.at(-1);
  expect(await bench.leftOvers()).toEqual([]);
  return response;
}

describe('a request that nobody takes', () => {
  it.each<[string, string, ReceivedParts, number, string, string | undefined]>([
    [
      'a method that is known',
      'PUBLISH',
      {},
      405,
      'Allow',
      'OPTIONS, INVITE, BYE, INFO, UPDATE, SUBSCRIBE, NOTIFY, ACK, CANCEL',
    ],
    [
      'a method that nobody knows',
      'DANCE',
      {},
      501,
      'Allow',
      'OPTIONS, INVITE, BYE, INFO, UPDATE, SUBSCRIBE, NOTIFY, ACK, CANCEL',
    ],
    ['another scheme', 'INVITE', { uri: 'tel:+431234' }, 416, 'Allow', undefined],
    ['somebody else', 'INVITE', { uri: 'sip:carol@192.0.2.1' }, 404, 'Allow', undefined],
    [
      'sips: by a hop that is less (RFC 5630 5.1.2)',
      'INVITE',
      { uri: 'SIPS:alice@192.0.2.1', contact: '<sips:bob@192.0.2.9>' },
      480,
      'Warning',
      '380 192.0.2.1:5060 "SIPS Not Allowed"',
    ],
    ['an extension', 'INVITE', { headers: ['Require: 100rel, dancing'] }, 420, 'Unsupported', 'dancing'],
    ['a body', 'INVITE', { headers: ['Content-Type: text/html'], body: '<p>' }, 415, 'Accept', 'application/sdp'],
    [
      'a coded body',
      'INVITE',
      { headers: ['Content-Type: application/sdp', 'Content-Encoding: gzip'], body: 'x' },
      415,
      'Accept-Encoding',
      'identity',
    ],
    ['a body without a type', 'INVITE', { body: 'v=0' }, 400, 'Accept', undefined],
    ['an event package', 'SUBSCRIBE', { headers: ['Event: weather'] }, 489, 'Allow-Events', 'dialog'],
    ['no dialog', 'INFO', { toTag: 'unknown' }, 481, 'Allow', undefined],
    ['no dialog at all', 'BYE', {}, 481, 'Allow', undefined],
    ['a header that does not read', 'INVITE', { contact: 'nonsense here' }, 400, 'Allow', undefined],
  ])('CX-08 CX-12 gets the status that the RFC names for %s', async (_what, method, parts, status, header, value) => {
    const response = await answerTo(method, parts);
    expect(response?.status).toBe(status);
    expect(response?.raw(header)).toBe(value);
    expect(response?.toTag).toBeDefined();
  });

  it('is let in where the body may be ignored', async () => {
    const bench = await AgentBench.started();
    const calls = new TestCalls(bench.agent);
    bench.receive('INVITE', {
      headers: ['Content-Type: text/html', 'Content-Disposition: render;handling=optional'],
      body: '<p>',
    });
    expect(calls.invites).toHaveLength(1);
    calls.accept(486);
    expect(await bench.leftOvers()).toEqual([]);
  });

  it('CX-12 is a merged one when it comes again by another way (RFC 3261 8.2.2.2)', async () => {
    const bench = await AgentBench.started();
    const calls = new TestCalls(bench.agent);
    bench.receive('INVITE', { branch: 'z9hG4bK-one' });
    bench.receive('INVITE', { branch: 'z9hG4bK-two' });
    expect(bench.responses.map(({ status }) => status)).toEqual([482]);
    calls.accept(486);
    bench.receive('ACK', { branch: 'z9hG4bK-one', toTag: calls.usage.dialog.localTag });
    bench.clock.advance(10_000);
    bench.receive('INVITE', { branch: 'z9hG4bK-three' });
    expect(calls.invites).toHaveLength(2);
    calls.accept(486);
    expect(await bench.leftOvers()).toEqual([]);
  });
});

describe('an INVITE that comes back to who has sent it', () => {
  it('is a loop, and nobody rings himself', async () => {
    const bench = await AgentBench.started();
    const calls = new TestCalls(bench.agent);
    calls.invite();
    const [own] = bench.requests;
    bench.receive('INVITE', { callId: own?.callId ?? '', fromTag: own?.fromTag ?? '' });
    expect(bench.responses.map(({ status }) => status)).toEqual([482]);
    expect(calls.invites).toEqual([]);
    bench.receive('INVITE', { callId: own?.callId ?? '', fromTag: 'another' });
    expect(calls.invites).toHaveLength(1);
    await bench.leftAfterStop();
  });
});

describe('OPTIONS', () => {
  it('tells what is installed, and what a call would be told', async () => {
    const bench = await AgentBench.started();
    const calls = new TestCalls(bench.agent);
    calls.readiness = () => 486;
    bench.receive('OPTIONS');
    const [response] = bench.responses;
    expect(response?.status).toBe(486);
    expect(response?.raw('Allow')).toBe('OPTIONS, INVITE, BYE, INFO, UPDATE, SUBSCRIBE, NOTIFY, ACK, CANCEL');
    expect(response?.raw('Supported')).toBe('outbound, gruu, 100rel, replaces');
    expect(response?.raw('Accept')).toBe('application/sdp');
    expect(response?.raw('Accept-Encoding')).toBe('identity');
    expect(response?.raw('Accept-Language')).toBe('*');
    expect(response?.raw('Allow-Events')).toBe('dialog');
    expect(response?.raw('Contact')).toBe('<sip:alice@192.0.2.1:5060>');
    expect(await bench.leftOvers()).toEqual([]);
  });

  it('within a dialog is answered the same, and does nothing to it', async () => {
    const bench = await AgentBench.started();
    const calls = new TestCalls(bench.agent);
    bench.receive('INVITE');
    const dialog = calls.accept(200);
    calls.usage.takes = false;
    calls.readiness = () => 486;
    bench.receive('OPTIONS', { toTag: dialog.localTag, cseq: 2 });
    expect(bench.responses.at(-1)?.status).toBe(200);
    expect(bench.responses.at(-1)?.raw('Accept')).toBe('application/sdp');
    expect(dialog.state).toBe('confirmed');
    dialog.removeUsage(calls.usage);
    expect(await bench.leftOvers()).toEqual([]);
  });
});

describe('room', () => {
  it('is there for so many dialogs; a further one gets 503 with Retry-After, and is not opened either', async () => {
    const bench = await AgentBench.started({ limits: { dialogs: 1 } });
    const calls = new TestCalls(bench.agent);
    bench.receive('INVITE');
    const dialog = calls.accept(200);
    bench.receive('INVITE', { callId: 'another' });
    expect(bench.responses.at(-1)?.status).toBe(503);
    expect(bench.responses.at(-1)?.raw('Retry-After')).toBe('10');
    calls.invite();
    bench.clock.advance(0);
    expect(bench.requests).toEqual([]);
    expect(calls.listener.failures).toEqual([expect.objectContaining({ code: 'overflow' })]);
    bench.receive('INFO', { toTag: dialog.localTag, cseq: 2 });
    expect(calls.usage.requests).toHaveLength(1);
    calls.usage.requests[0]?.respond(calls.usage.requests[0].request.createResponse(200));
    dialog.removeUsage(calls.usage);
    expect(await bench.leftOvers()).toEqual([]);
  });
});

describe('a user agent', () => {
  it('is misused when it sends before it is started, or takes a capability twice', async () => {
    const bench = new AgentBench();
    expect(() => bench.agent.options('sip:bob@192.0.2.9')).toThrow(expect.objectContaining({ code: 'not-running' }));
    const calls = new TestCalls(bench.agent);
    expect(() => {
      bench.agent.install(calls);
    }).toThrow(expect.objectContaining({ code: 'already-installed' }));
    await bench.agent.start();
    expect(await bench.leftOvers()).toEqual([]);
  });

  it('ends its dialogs when it stops, and says why', async () => {
    const bench = await AgentBench.started();
    const calls = new TestCalls(bench.agent);
    bench.receive('INVITE');
    calls.accept(200);
    calls.invite();
    await bench.agent.stop();
    expect(calls.usage.ends).toEqual([{ kind: 'stopped' }]);
    expect(calls.listener.failures).toEqual([expect.objectContaining({ code: 'stopped' })]);
    expect(Object.values(bench.agent.stats()).every((count) => count === 0)).toBe(true);
    expect(bench.clock.pending).toBe(0);
  });
});
