import { describe, expect, it } from 'vitest';
import { AgentBench, challenge, Listener, TestCalls } from '../agent/agent.testing.ts';
import type { AgentBenchOptions } from '../agent/agent.testing.ts';
import type { SipRequest } from '../message/message.ts';

async function start(options: AgentBenchOptions = {}): Promise<{ bench: AgentBench; calls: TestCalls }> {
  const bench = await AgentBench.started(options);
  return { bench, calls: new TestCalls(bench.agent) };
}

function contact(uri: string): { headers: ['Contact', string][] } {
  return { headers: [['Contact', `<${uri}>`]] };
}

/** The INVITE that was sent first. */
function inviteOf(bench: AgentBench): SipRequest {
  const invite = bench.requests.find(({ method }) => method === 'INVITE');
  if (invite === undefined) throw new Error('no INVITE');
  return invite;
}

describe('the client side of a dialog (RFC 3261 12.1.2)', () => {
  it('has its route set reversed, and the last word of the 2xx', async () => {
    const { bench, calls } = await start();
    calls.invite();
    const invite = inviteOf(bench);
    bench.answer(invite, 183, {
      headers: [
        ['Record-Route', '<sip:192.0.2.21;lr>, <sip:192.0.2.20;lr>'],
        ['Contact', '<sip:bob@192.0.2.99>'],
      ],
    });
    const { dialog } = calls.usage;
    expect(dialog.state).toBe('early');
    expect(dialog.routeSet.map(String)).toEqual(['<sip:192.0.2.20;lr>', '<sip:192.0.2.21;lr>']);
    bench.answer(invite, 200, {
      headers: [
        ['Record-Route', '<sip:192.0.2.22;lr>'],
        ['Contact', '<sip:bob@192.0.2.98>'],
      ],
    });
    expect(dialog.state).toBe('confirmed');
    expect(dialog.routeSet.map(String)).toEqual(['<sip:192.0.2.22;lr>']);
    // Frozen from here on: a 2xx that comes again has nothing to say, nor has one to a target refresh.
    bench.answer(invite, 200, {
      headers: [
        ['Record-Route', '<sip:192.0.2.23;lr>'],
        ['Contact', '<sip:bob@192.0.2.97>'],
      ],
    });
    expect(dialog.routeSet.map(String)).toEqual(['<sip:192.0.2.22;lr>']);
    expect(String(dialog.remoteTarget)).toBe('sip:bob@192.0.2.98');
    dialog.send('INFO', new Listener());
    expect(bench.last.requestUriText).toBe('sip:bob@192.0.2.98');
    expect(bench.last.rawAll('Route')).toEqual(['<sip:192.0.2.22;lr>']);
    expect(bench.last.raw('From')).toBe(invite.raw('From'));
    expect(bench.last.toTag).toBe('far');
    expect(bench.last.cseqNumber).toBe(2);
    expect(bench.last.has('Contact')).toBe(false);
    expect(bench.flowOf('UDP', '192.0.2.22')).toBeDefined();
    dialog.removeUsage(calls.usage);
    expect(await bench.leftOvers()).toEqual([]);
  });

  it('gives each branch of a fork a dialog, and ends the early ones when no 2xx can come any more', async () => {
    const { bench, calls } = await start();
    const set = calls.invite();
    const invite = inviteOf(bench);
    for (const toTag of ['one', 'two', 'three'])
      bench.answer(invite, 180, { toTag, ...contact(`sip:${toTag}@192.0.2.9`) });
    expect(calls.usages).toHaveLength(3);
    bench.answer(invite, 200, { toTag: 'two', ...contact('sip:two@192.0.2.9') });
    bench.answer(invite, 200, { toTag: 'three', ...contact('sip:three@192.0.2.9') });
    expect([...set.dialogs.values()].map(({ state }) => state)).toEqual(['early', 'confirmed', 'confirmed']);
    for (const usage of calls.usages.slice(1)) usage.dialog.acknowledge(inviteOf(bench));
    expect(bench.requests.filter(({ method }) => method === 'ACK').map(({ requestUriText }) => requestUriText)).toEqual(
      ['sip:two@192.0.2.9', 'sip:three@192.0.2.9'],
    );
    bench.clock.advance(32_001);
    expect(calls.usages.map(({ ends }) => ends)).toEqual([[{ kind: 'abandoned' }], [], []]);
    for (const usage of calls.usages) usage.dialog.removeUsage(usage);
    expect(await bench.leftOvers()).toEqual([]);
    expect(calls.listener.ends).toBe(1);
  });

  it('ends early dialogs by the failure of their INVITE', async () => {
    const { bench, calls } = await start();
    calls.invite();
    bench.answer(inviteOf(bench), 180, contact('sip:bob@192.0.2.9'));
    bench.answer(inviteOf(bench), 603);
    expect(calls.usage.ends).toEqual([expect.objectContaining({ kind: 'refused' })]);
    expect(await bench.leftOvers()).toEqual([]);
  });

  it('ends early dialogs when the INVITE has to go again, for the next try makes others', async () => {
    const { bench, calls } = await start();
    calls.invite();
    bench.answer(inviteOf(bench), 183, contact('sip:bob@192.0.2.9'));
    bench.answer(inviteOf(bench), 401, { headers: [challenge('WWW-Authenticate', 'server', 'n1')] });
    expect(calls.usage.ends).toEqual([{ kind: 'abandoned' }]);
    bench.answer(bench.last, 200, { toTag: 'again', ...contact('sip:bob@192.0.2.9') });
    expect(calls.usages).toHaveLength(2);
    calls.usage.dialog.removeUsage(calls.usage);
    expect(await bench.leftOvers()).toEqual([]);
  });

  it('takes a request of the far end that overtakes every response', async () => {
    const { bench, calls } = await start();
    calls.subscribe();
    const { fromTag = '', callId } = bench.last;
    bench.receive('NOTIFY', {
      callId,
      toTag: fromTag,
      fromTag: 'notifier',
      cseq: 7,
      contact: '<sip:notifier@192.0.2.50>',
      headers: ['Event: dialog', 'Record-Route: <sip:192.0.2.20;lr>, <sip:192.0.2.21;lr>'],
    });
    const { dialog, requests } = calls.usage;
    expect(requests).toHaveLength(1);
    expect(String(dialog.remoteTarget)).toBe('sip:notifier@192.0.2.50');
    expect(dialog.routeSet.map(String)).toEqual(['<sip:192.0.2.20;lr>', '<sip:192.0.2.21;lr>']);
    dialog.respond(requests[0] ?? calls.invites[0] ?? never(), 200);
    bench.answer(bench.requests[0] ?? never(), 200, { toTag: 'notifier', ...contact('sip:notifier@192.0.2.50') });
    expect(calls.usages).toHaveLength(1);
    dialog.removeUsage(calls.usage);
    expect(await bench.leftOvers()).toEqual([]);
  });

  it('goes over its flow while that stands, when the far end has no other address', async () => {
    const { bench, calls } = await start();
    bench.receive('INVITE', { protocol: 'TCP', contact: '<sip:bob@10.0.0.7:44444;transport=tcp;ob>' });
    const dialog = calls.accept(200);
    dialog.send('INFO', new Listener());
    expect(bench.last.requestUriText).toBe('sip:bob@10.0.0.7:44444;transport=tcp;ob');
    expect(bench.flowOf('TCP', '192.0.2.9').sent.at(-1)).toBe(bench.last);
    dialog.removeUsage(calls.usage);
    expect(await bench.leftOvers()).toEqual([]);
  });

  it('is secure when it began with sips:, and so is its Contact', async () => {
    const { bench, calls } = await start();
    calls.invite({ target: 'sips:bob@192.0.2.9' });
    expect(bench.last.raw('Contact')).toBe('<sips:alice@192.0.2.1:5061>');
    bench.answer(bench.last, 200, { ...contact('sip:bob@192.0.2.9') });
    const { dialog } = calls.usage;
    expect(dialog.secure).toBe(true);
    dialog.removeUsage(calls.usage);
    expect(await bench.leftOvers()).toEqual([]);
  });
});

describe('the server side of a dialog (RFC 3261 12.1.1)', () => {
  it('has the routes in their order and answers with them', async () => {
    const { bench, calls } = await start();
    bench.receive('INVITE', { headers: ['Record-Route: <sip:192.0.2.20;lr>', 'Record-Route: <sip:192.0.2.21;lr>'] });
    const dialog = calls.accept(180);
    expect(dialog.state).toBe('early');
    calls.accept(200);
    expect(dialog.state).toBe('confirmed');
    for (const response of bench.responses) {
      expect(response.rawAll('Record-Route')).toEqual(['<sip:192.0.2.20;lr>', '<sip:192.0.2.21;lr>']);
      expect(response.raw('Contact')).toBe('<sip:alice@192.0.2.1:5060>');
      expect(response.toTag).toBe(dialog.localTag);
    }
    dialog.send('BYE', new Listener());
    expect(bench.last.rawAll('Route')).toEqual(['<sip:192.0.2.20;lr>', '<sip:192.0.2.21;lr>']);
    expect(bench.last.cseqNumber).toBe(1);
    expect(bench.last.fromTag).toBe(dialog.localTag);
    dialog.removeUsage(calls.usage);
    expect(await bench.leftOvers()).toEqual([]);
  });

  it('wants a Contact', async () => {
    const { bench, calls } = await start();
    bench.receive('INVITE', { contact: '' });
    expect(() => calls.accept(200)).toThrow('Missing Contact');
    calls.invites[0]?.refuse(400);
    expect(await bench.leftOvers()).toEqual([]);
  });

  it('is gone with the refusal of its INVITE', async () => {
    const { bench, calls } = await start();
    bench.receive('INVITE');
    const dialog = calls.accept(180);
    calls.accept(486);
    expect(dialog.state).toBe('terminated');
    expect(calls.usage.ends).toEqual([]);
    expect(await bench.leftOvers()).toEqual([]);
  });

  it.each([
    ['a sips: Request-URI', { uri: 'sips:alice@192.0.2.1' }],
    ['a sips: Record-Route on top', { headers: ['Record-Route: <sips:192.0.2.20;lr>'] }],
    ['a sips: Contact', { contact: '<sips:bob@192.0.2.9>' }],
  ])('answers with a sips: Contact to %s', async (_what, parts) => {
    const { bench, calls } = await start();
    bench.receive('INVITE', { protocol: 'TLS', ...parts });
    const dialog = calls.accept(200);
    expect(bench.responses.at(-1)?.raw('Contact')).toBe('<sips:alice@192.0.2.1:5061>');
    dialog.removeUsage(calls.usage);
    expect(await bench.leftOvers()).toEqual([]);
  });

  it('hands the CANCEL of an INVITE within it to its usages, and that of a new one to whoever took it', async () => {
    const { bench, calls } = await start();
    bench.receive('INVITE', { branch: 'z9hG4bK-first' });
    bench.receive('CANCEL', { branch: 'z9hG4bK-first' });
    expect(calls.cancels).toHaveLength(1);
    const dialog = calls.accept(200);
    bench.receive('INVITE', { branch: 'z9hG4bK-again', cseq: 2, toTag: dialog.localTag });
    bench.receive('CANCEL', { branch: 'z9hG4bK-again', cseq: 2, toTag: dialog.localTag });
    expect(calls.usage.cancels).toHaveLength(1);
    dialog.respond(calls.usage.requests[0] ?? never(), 487);
    expect(bench.responses.at(-1)?.status).toBe(487);
    expect(dialog.state).toBe('confirmed');
    dialog.removeUsage(calls.usage);
    expect(await bench.leftOvers()).toEqual([]);
  });
});

describe('requests within a dialog', () => {
  async function inDialog(): Promise<{ bench: AgentBench; calls: TestCalls }> {
    const started = await start();
    started.bench.receive('INVITE', { cseq: 10 });
    started.calls.accept(200);
    return started;
  }

  it('have their routes in the answers to a re-INVITE alone, and the route set stays (RFC 5359 2.1 F12)', async () => {
    const { bench, calls } = await inDialog();
    const { dialog, requests } = calls.usage;
    const headers = ['Record-Route: <sip:192.0.2.20;lr>'];
    const answered = (method: string, cseq: number): string[] => {
      bench.receive(method, { cseq, toTag: dialog.localTag, headers });
      dialog.respond(requests.at(-1) ?? never(), 200);
      return bench.responses.at(-1)?.rawAll('Record-Route') ?? [];
    };
    expect(answered('INVITE', 11)).toEqual(['<sip:192.0.2.20;lr>']);
    expect(answered('UPDATE', 12)).toEqual([]);
    dialog.send('BYE', new Listener());
    expect(bench.last.has('Route')).toBe(false);
    dialog.removeUsage(calls.usage);
    expect(await bench.leftOvers()).toEqual([]);
  });

  it('CX-11 refresh the target when they succeed, and not when they fail (RFC 6141 4.6)', async () => {
    const { bench, calls } = await inDialog();
    const { dialog, requests } = calls.usage;
    const toTag = dialog.localTag;
    bench.receive('INVITE', { cseq: 11, toTag, contact: '<sip:bob@192.0.2.71>' });
    expect(String(dialog.remoteTarget)).toBe('sip:bob@192.0.2.9');
    dialog.respond(requests[0] ?? never(), 488);
    expect(String(dialog.remoteTarget)).toBe('sip:bob@192.0.2.9');
    bench.receive('UPDATE', {
      cseq: 12,
      toTag,
      contact: '<sip:bob@192.0.2.72>',
      headers: ['Supported: TDialog, gruu'],
    });
    dialog.respond(requests[1] ?? never(), 200);
    expect(String(dialog.remoteTarget)).toBe('sip:bob@192.0.2.72');
    expect(['tdialog', 'replaces'].map((tag) => dialog.remoteSupports(tag))).toEqual([true, false]);
    bench.receive('INFO', { cseq: 13, toTag, contact: '<sip:bob@192.0.2.73>' });
    dialog.respond(requests[2] ?? never(), 200);
    expect(String(dialog.remoteTarget)).toBe('sip:bob@192.0.2.72');
    const listener = new Listener();
    dialog.send('INVITE', listener);
    expect(bench.last.raw('Contact')).toBe('<sip:alice@192.0.2.1:5060>');
    bench.answer(bench.last, 200, { ...contact('sip:bob@192.0.2.74') });
    expect(listener.statuses).toEqual([200]);
    expect(String(dialog.remoteTarget)).toBe('sip:bob@192.0.2.74');
    dialog.removeUsage(calls.usage);
    expect(await bench.leftOvers()).toEqual([]);
  });

  it.each([
    [404, 'terminated'],
    [482, 'terminated'],
    [604, 'terminated'],
    [481, 'confirmed'],
    [408, 'confirmed'],
    [488, 'confirmed'],
    [500, 'confirmed'],
  ])('get a %i, and the dialog is %s (RFC 5057 5.1)', async (status, state) => {
    const { bench, calls } = await inDialog();
    const { dialog } = calls.usage;
    const listener = new Listener();
    dialog.send('INFO', listener);
    bench.answer(bench.last, status);
    expect(listener.statuses).toEqual([status]);
    expect(dialog.state).toBe(state);
    expect(calls.usage.ends).toHaveLength(state === 'terminated' ? 1 : 0);
    dialog.removeUsage(calls.usage);
    expect(await bench.leftOvers()).toEqual([]);
  });

  it('cannot be sent once it has ended', async () => {
    const { bench, calls } = await inDialog();
    const { dialog } = calls.usage;
    dialog.removeUsage(calls.usage);
    expect(() => dialog.send('INFO', new Listener())).toThrow(expect.objectContaining({ code: 'dialog-terminated' }));
    bench.receive('INFO', { cseq: 11, toTag: dialog.localTag });
    expect(bench.responses.at(-1)?.status).toBe(481);
    expect(await bench.leftOvers()).toEqual([]);
  });

  it('outlive one usage with another (RFC 5057)', async () => {
    const { bench, calls } = await inDialog();
    const [session] = calls.usages;
    if (session === undefined) throw new Error('no usage');
    const { dialog } = session;
    const subscription = { kind: 'subscription' as const, request: () => false, dialogEnded: () => undefined };
    dialog.addUsage(subscription);
    dialog.send('BYE', new Listener());
    dialog.removeUsage(session);
    expect(dialog.state).toBe('confirmed');
    dialog.send('NOTIFY', new Listener());
    expect(bench.last.method).toBe('NOTIFY');
    dialog.removeUsage(subscription);
    expect(dialog.state).toBe('terminated');
    expect(await bench.leftOvers()).toEqual([]);
  });
});

function never(): never {
  throw new Error('nothing came');
}
