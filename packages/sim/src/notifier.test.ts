/** What a notifier does, with a subscriber of which every message is written by hand. */
import {
  type Authorization,
  type HeaderInit,
  notifierMachine,
  notificationPace,
  type NotifierOptions,
  type MessageSummary,
  type ServerTransaction,
} from '@switchhook/sip';
import { describe, expect, onTestFinished, test } from 'vitest';
import { mailbox, type MailServer, type Peer, printed, Scene, voiceMail } from './subscription.testing.ts';

interface Stage extends MailServer {
  readonly scene: Scene;
  readonly peer: Peer;
}

const nothing = { dialogs: 0, dialogSets: 0, requests: 0, clientTransactions: 0, serverTransactions: 0, timers: 0 };
const hour: HeaderInit[] = [['Expires', '3600']];
const event: HeaderInit = ['Event', 'message-summary'];

async function staged(options: Partial<NotifierOptions<MessageSummary>> = {}): Promise<Stage> {
  const scene = await Scene.started('notifier');
  const server = await scene.mailServer(options);
  const peer = await scene.peer('carol', '192.0.2.3');
  peer.answer = (transaction) => {
    if (transaction.request.method === 'NOTIFY') peer.respond(200, [], transaction);
  };
  onTestFinished(async () => {
    await scene.stop();
    await server.userAgent.stop();
    await peer.stop();
    // What is still on the wire.
    await scene.clock.play(1000);
    expect(scene.clock.pending).toBe(0);
    expect(server.notifier.stats()).toEqual({ subscriptions: 0, resources: 0 });
    expect(server.userAgent.stats()).toEqual(nothing);
  });
  return { scene, peer, ...server };
}

/** With one message in the mailbox, a subscription to it and its first NOTIFY. */
async function standing(options: Partial<NotifierOptions<MessageSummary>> = {}, headers = hour): Promise<Stage> {
  const stage = await staged(options);
  stage.notifier.publish(mailbox, voiceMail(1));
  stage.peer.subscribe([event, ...headers]);
  await stage.scene.clock.play(1500);
  return stage;
}

const stateOf = ({ request }: ServerTransaction): string | undefined => request.raw('Subscription-State');
const states = (peer: Peer): (string | undefined)[] => peer.requests.map(stateOf);
const bodies = (peer: Peer): string[] => peer.requests.map(({ request }) => request.body);
/** The To of a further SUBSCRIBE. */
const toOf = (peer: Peer): { to: string } => ({ to: peer.responses[0]?.raw('To') ?? '' });

describe('a SUBSCRIBE (RFC 6665 4.2.1)', () => {
  test('CX-15 gets a 200 with the time that it has, and at once a NOTIFY with the state', async () => {
    const { peer } = await standing();
    const [response] = peer.responses;
    expect(response?.status).toBe(200);
    expect(response?.raw('Expires')).toBe('3600');
    expect(response?.raw('Contact')).toContain('192.0.2.2');
    expect(response?.raw('Allow-Events')).toBe('message-summary');
    const { request } = peer.request;
    expect(request.method).toBe('NOTIFY');
    expect(request.raw('Event')).toBe('message-summary');
    expect(stateOf(peer.request)).toMatch(/^active;expires=(3599|3600)$/);
    expect(request.raw('Content-Type')).toBe('application/simple-message-summary');
    expect(request.body).toBe(printed(1));
    expect(request.fromTag).toBe(response?.toTag);
    expect(request.raw('Contact')).toContain('192.0.2.2');
  });

  test('is the first to ask for a state that is published on demand, and later states are told as others are', async () => {
    const { scene, peer, notifier } = await staged();
    let [count, asked] = [1, 0];
    const tell = (): void => {
      notifier.publishOnDemand(mailbox, () => {
        asked += 1;
        return voiceMail(count);
      });
    };
    tell();
    count = 2;
    await scene.clock.play(2000);
    expect([asked, notifier.stats().resources]).toEqual([0, 1]);
    peer.subscribe([event, ...hour]);
    await scene.clock.play(1500);
    expect([asked, bodies(peer)]).toEqual([1, [printed(2)]]);
    count = 3;
    tell();
    await scene.clock.play(1500);
    expect([asked, bodies(peer)]).toEqual([2, [printed(2), printed(3)]]);
  });

  test('gets a NOTIFY without a body where there is nothing to tell yet', async () => {
    const { scene, peer, notifier } = await staged();
    peer.subscribe([event, ...hour]);
    await scene.clock.play(100);
    expect(bodies(peer)).toEqual(['']);
    await scene.clock.play(1000);
    notifier.publish(mailbox, voiceMail(2));
    await scene.clock.play(100);
    expect(bodies(peer)).toEqual(['', printed(2)]);
  });

  test.each([
    ['no Expires', [], '3600'],
    ['more than there is', [['Expires', '999999']] as const, '7200'],
  ])('with %s gets %s', async (_, headers, expires) => {
    const { peer } = await standing({}, [...headers]);
    expect(peer.responses[0]?.raw('Expires')).toBe(expires);
    expect(peer.requests).toHaveLength(1);
  });

  test.each([
    ['too brief a time', [event, ['Expires', '59']], 423],
    ['an Expires that does not read', [event, ['Expires', 'soon']], 400],
    ['an event that nobody tells of', [['Event', 'presence'], ...hour], 489],
    ['the event in other letters', [['Event', 'Message-Summary'], ...hour], 489],
    ['no event', hour, 489],
    ['an Accept of something else', [event, ...hour, ['Accept', 'application/pidf+xml']], 406],
    ['an Accept that wants none of it', [event, ...hour, ['Accept', '*/*;q=0']], 406],
    ['an empty Accept', [event, ...hour, ['Accept', '']], 406],
  ] as [string, HeaderInit[], number][])('with %s is refused', async (_, headers, status) => {
    const { scene, peer, notifier } = await staged();
    peer.subscribe(headers);
    await scene.clock.play(1000);
    expect(peer.statuses).toEqual([status]);
    expect(peer.requests).toHaveLength(0);
    expect(notifier.stats().subscriptions).toBe(0);
    if (status === 423) expect(peer.responses[0]?.raw('Min-Expires')).toBe('60');
    if (status === 489) expect(peer.responses[0]?.raw('Allow-Events')).toBe('message-summary');
    if (status === 406) expect(peer.responses[0]?.raw('Accept')).toBe('application/simple-message-summary');
  });

  test.each(['*/*', 'application/*', 'text/plain, application/simple-message-summary;q=0.1'])(
    'that accepts %s is taken',
    async (accept) => {
      const { peer } = await standing({}, [...hour, ['Accept', accept]]);
      expect(peer.requests).toHaveLength(1);
    },
  );

  test('no hour is too brief, whatever the notifier was told (RFC 6665 4.2.1.1)', async () => {
    const { peer } = await standing({ minimumExpires: 7000 });
    expect(peer.statuses).toEqual([200]);
  });

  test('without Contact makes no dialog', async () => {
    const { scene, peer, userAgent } = await staged();
    peer.subscribe([event, ...hour], { contact: false });
    await scene.clock.play(100);
    expect(peer.statuses).toEqual([400]);
    expect(userAgent.stats().dialogs).toBe(0);
  });

  test('CX-15 with Expires 0 fetches the state (RFC 6665 4.4.3)', async () => {
    const { peer, notifier } = await standing({}, [['Expires', '0']]);
    expect(peer.responses[0]?.raw('Expires')).toBe('0');
    expect(states(peer)).toEqual(['terminated;reason=timeout']);
    expect(bodies(peer)).toEqual([printed(1)]);
    expect(notifier.stats().subscriptions).toBe(0);
  });
});

describe('who may (RFC 6665 4.2.1.3)', () => {
  test.each([403, 404, 603])('the policy refuses with %d, and sees who asks for what', async (status) => {
    const asked: string[] = [];
    const { scene, peer } = await staged({
      authorize({ target, watcher }): Authorization<MessageSummary> {
        asked.push(`${watcher.address.uri.toString()} ${target.toString()} ${watcher.flow.remote.address}`);
        return { kind: 'reject', status, reason: 'No' };
      },
    });
    peer.subscribe([event, ...hour]);
    await scene.clock.play(100);
    expect(peer.statuses).toEqual([status]);
    expect(peer.responses[0]?.reason).toBe('No');
    expect(asked).toEqual(['sip:carol@192.0.2.3 sip:bob@192.0.2.2 192.0.2.3']);
  });

  test.each([
    ['granted', (settle: Settle) => settle.resolve(true), /^active/, printed(1)],
    ['refused', (settle: Settle) => settle.resolve(false), /^terminated;reason=rejected$/, ''],
    ['not decided', (settle: Settle) => settle.reject(new Error('asleep')), /^terminated;reason=giveup$/, ''],
  ])('who has to wait is told nothing until it is %s', async (_, decide, state, body) => {
    const settle = Promise.withResolvers<boolean>();
    const { scene, peer, notifier } = await standing({
      authorize: () => ({ kind: 'pending', resource: mailbox, decision: settle.promise }),
    });
    notifier.publish(mailbox, voiceMail(1));
    await scene.clock.play(5000);
    expect(states(peer)).toEqual([expect.stringMatching(/^pending;expires=/)]);
    expect(bodies(peer)).toEqual(['']);
    decide(settle);
    await scene.clock.play(1000);
    expect(states(peer)[1]).toMatch(state);
    expect(bodies(peer)[1]).toBe(body);
  });

  test.each([
    ['granted', () => Promise.resolve(true)],
    ['refused', () => Promise.resolve(false)],
    ['not decided', () => Promise.reject(new Error('asleep'))],
  ])('who has to wait may not fetch, even if it is %s later', async (_, decide) => {
    const authorize = (): Authorization<MessageSummary> => ({ kind: 'pending', resource: mailbox, decision: decide() });
    const { peer } = await standing({ authorize }, [['Expires', '0']]);
    expect(states(peer)).toEqual(['terminated;reason=timeout']);
    expect(bodies(peer)).toEqual(['']);
  });

  test('a refresh of who may no longer is refused, and the subscription ends', async () => {
    let isWelcome = true;
    const { scene, peer } = await standing({
      authorize: () => (isWelcome ? { kind: 'accept', resource: mailbox } : { kind: 'reject', status: 403 }),
    });
    isWelcome = false;
    peer.subscribe([event, ...hour], toOf(peer));
    await scene.clock.play(100);
    expect(peer.statuses).toEqual([200, 403]);
    expect(states(peer)[1]).toBe('terminated;reason=rejected');
    expect(bodies(peer)[1]).toBe('');
  });

  test('a policy may take a moment, and ask who it is (RFC 6665 4.2.1.3)', async () => {
    const challenge: HeaderInit = ['WWW-Authenticate', 'Digest realm="a", nonce="b"'];
    const { scene, peer, notifier } = await staged({
      async authorize({ request }): Promise<Authorization<MessageSummary>> {
        await Promise.resolve();
        return request.has('Authorization')
          ? { kind: 'accept', resource: mailbox }
          : { kind: 'reject', status: 401, headers: [challenge] };
      },
    });
    notifier.publish(mailbox, voiceMail(1));
    peer.subscribe([event, ...hour]);
    await scene.clock.play(100);
    expect(peer.statuses).toEqual([401]);
    expect(peer.responses[0]?.raw('WWW-Authenticate')).toBe(challenge[1]);
    const credentials: HeaderInit = ['Authorization', 'Digest username="carol"'];
    peer.subscribe([event, ...hour, credentials], { callId: 'call-2' });
    await scene.clock.play(1500);
    expect(bodies(peer)).toEqual([printed(1)]);
    const within = { to: peer.responses[1]?.raw('To') ?? '', callId: 'call-2' };
    peer.subscribe([event, ...hour], within);
    await scene.clock.play(1500);
    expect(peer.statuses).toEqual([401, 200, 401]);
    expect(notifier.stats().subscriptions).toBe(1);
    peer.subscribe([event, ...hour, credentials], within);
    await scene.clock.play(1500);
    expect(bodies(peer)).toEqual([printed(1), printed(1)]);
  });

  test('a policy that fails is answered with 500, and changes nothing', async () => {
    let fails = true;
    const { scene, peer, notifier } = await staged({
      authorize: () =>
        fails ? Promise.reject(new Error('no database')) : Promise.resolve({ kind: 'accept', resource: mailbox }),
    });
    peer.subscribe([event, ...hour]);
    await scene.clock.play(100);
    fails = false;
    peer.subscribe([event, ...hour], { callId: 'call-2' });
    await scene.clock.play(100);
    fails = true;
    peer.subscribe([event, ...hour], { to: peer.responses[1]?.raw('To') ?? '', callId: 'call-2' });
    await scene.clock.play(100);
    expect(peer.statuses).toEqual([500, 200, 500]);
    expect(notifier.stats().subscriptions).toBe(1);
  });

  test('a refresh that is decided on when the subscription has ended gets 481', async () => {
    const settle = Promise.withResolvers<Authorization<MessageSummary>>();
    let answer: Authorization<MessageSummary> | Promise<Authorization<MessageSummary>> = {
      kind: 'accept',
      resource: mailbox,
    };
    const { scene, peer, notifier } = await standing({ authorize: () => answer });
    answer = settle.promise;
    peer.subscribe([event, ...hour], toOf(peer));
    await scene.clock.play(100);
    notifier.terminate(mailbox, 'deactivated');
    await scene.clock.play(100);
    settle.resolve({ kind: 'accept', resource: mailbox });
    await scene.clock.play(100);
    expect(peer.statuses).toEqual([200, 481]);
    expect(notifier.stats().subscriptions).toBe(0);
  });

  test('a refresh may be decided on later, too', async () => {
    const settle = Promise.withResolvers<boolean>();
    let authorization: Authorization<MessageSummary> = { kind: 'accept', resource: mailbox };
    const { scene, peer, notifier } = await standing({ authorize: () => authorization });
    authorization = { kind: 'pending', resource: mailbox, decision: settle.promise };
    peer.subscribe([event, ...hour], toOf(peer));
    await scene.clock.play(1000);
    expect(states(peer)[1]).toMatch(/^active/);
    settle.resolve(false);
    await scene.clock.play(1000);
    expect(states(peer)[2]).toBe('terminated;reason=rejected');
    expect(notifier.stats().subscriptions).toBe(0);
  });

  test('a refresh of who waited, and may now, is told the state', async () => {
    let isWelcome = false;
    const { scene, peer } = await standing({
      authorize: () =>
        isWelcome
          ? { kind: 'accept', resource: mailbox }
          : { kind: 'pending', resource: mailbox, decision: new Promise(() => undefined) },
    });
    isWelcome = true;
    peer.subscribe([event, ...hour], toOf(peer));
    await scene.clock.play(1000);
    expect(states(peer)).toEqual([expect.stringMatching(/^pending/), expect.stringMatching(/^active/)]);
  });
});

interface Settle {
  resolve(granted: boolean): void;
  reject(error: Error): void;
}

describe('how it goes on (RFC 6665 4.2.1.4)', () => {
  test('a refresh begins the time anew, and is told all the state', async () => {
    const { scene, peer, notifier } = await standing();
    await scene.clock.play(3_000_000);
    peer.subscribe([event, ['Expires', '1000']], toOf(peer));
    await scene.clock.play(100);
    expect(peer.responses[1]?.raw('Expires')).toBe('1000');
    expect(states(peer)[1]).toMatch(/^active;expires=(999|1000)$/);
    expect(bodies(peer)).toEqual([printed(1), printed(1)]);
    await scene.clock.play(900_000);
    expect(notifier.stats().subscriptions).toBe(1);
    await scene.clock.play(100_000);
    expect(states(peer)[2]).toBe('terminated;reason=timeout');
    expect(notifier.stats().subscriptions).toBe(0);
  });

  test.each([
    ['too brief', '59', 423],
    ['no number', 'soon', 400],
  ])('a refresh that is %s leaves it as it is', async (_, expires, status) => {
    const { scene, peer, notifier } = await standing();
    peer.subscribe([event, ['Expires', expires]], toOf(peer));
    await scene.clock.play(1000);
    expect(peer.statuses).toEqual([200, status]);
    expect(peer.requests).toHaveLength(1);
    expect(notifier.stats().subscriptions).toBe(1);
  });

  test('CX-15 C2.17-05 Expires 0 ends it with one more NOTIFY, and what comes after that gets 481', async () => {
    const { scene, peer, notifier } = await standing();
    peer.subscribe([event, ['Expires', '0']], toOf(peer));
    await scene.clock.play(100);
    expect(states(peer)[1]).toBe('terminated;reason=timeout');
    expect(bodies(peer)[1]).toBe(printed(1));
    expect(notifier.stats().subscriptions).toBe(0);
    peer.subscribe([event, ...hour], toOf(peer));
    await scene.clock.play(100);
    expect(peer.statuses).toEqual([200, 200, 481]);
  });

  test('so does what comes while the last NOTIFY has no answer', async () => {
    const { scene, peer, notifier } = await standing();
    peer.answer = undefined;
    peer.subscribe([event, ['Expires', '0']], toOf(peer));
    await scene.clock.play(100);
    peer.subscribe([event, ...hour], toOf(peer));
    await scene.clock.play(100);
    expect(peer.statuses).toEqual([200, 200, 481]);
    expect(notifier.stats().subscriptions).toBe(1);
    await scene.clock.play(33_000);
    expect(notifier.stats().subscriptions).toBe(0);
  });

  test('it ends with the resource', async () => {
    const { scene, peer, notifier } = await standing();
    notifier.withdraw(mailbox);
    await scene.clock.play(100);
    expect(states(peer)[1]).toBe('terminated;reason=noresource');
    expect(bodies(peer)[1]).toBe('');
    expect(notifier.stats()).toEqual({ subscriptions: 0, resources: 0 });
  });

  test.each([
    ['deactivated', undefined, 'terminated;reason=deactivated'],
    ['probation', 30, 'terminated;reason=probation;retry-after=30'],
    ['giveup', 30, 'terminated;reason=giveup;retry-after=30'],
    ['rejected', undefined, 'terminated;reason=rejected'],
    ['invariant', 31_536_000, 'terminated;reason=invariant;retry-after=31536000'],
  ] as const)('it ends when the notifier wants it: %s', async (reason, retryAfter, state) => {
    const { scene, peer, notifier } = await standing();
    notifier.terminate(mailbox, reason, retryAfter);
    await scene.clock.play(100);
    expect(states(peer)[1]).toBe(state);
    expect(bodies(peer)[1]).toBe(reason === 'rejected' ? '' : printed(1));
  });

  test('close ends them all, and waits for the answers', async () => {
    const { scene, peer, notifier } = await standing();
    let isClosed = false;
    void notifier.close().then(() => (isClosed = true));
    expect(isClosed).toBe(false);
    await scene.clock.play(100);
    expect(isClosed).toBe(true);
    expect(states(peer)[1]).toBe('terminated;reason=deactivated');
    await notifier.close();
  });
});

describe('NOTIFYs (RFC 6665 4.2.2)', () => {
  test('no more than one a second, with what is latest by then', async () => {
    const { scene, peer, notifier } = await standing();
    for (let count = 2; count <= 50; count += 1) {
      notifier.publish(mailbox, voiceMail(count));
      await scene.clock.play(100);
    }
    await scene.clock.play(1000);
    expect(peer.requests.length).toBeLessThan(8);
    expect(bodies(peer).at(-1)).toBe(printed(50));
  });

  test('none when nothing has changed', async () => {
    const { scene, peer, notifier } = await standing();
    notifier.publish(mailbox, voiceMail(1));
    await scene.clock.play(10_000);
    expect(peer.requests).toHaveLength(1);
    notifier.publish(mailbox, voiceMail(2));
    await scene.clock.play(100);
    expect(peer.requests).toHaveLength(2);
  });

  test('a change that is taken back in time is none', async () => {
    const { scene, peer, notifier } = await standing();
    notifier.publish(mailbox, voiceMail(2));
    await scene.clock.play(100);
    notifier.publish(mailbox, voiceMail(3));
    notifier.publish(mailbox, voiceMail(2));
    await scene.clock.play(10_000);
    expect(bodies(peer)).toEqual([printed(1), printed(2)]);
  });

  test('what was told once is not told again with what comes later', async () => {
    const { scene, peer, notifier } = await standing();
    const message = (subject: string): MessageSummary => ({
      ...voiceMail(2),
      messages: [[{ name: 'Subject', value: subject }]],
    });
    notifier.publish(mailbox, message('one'));
    await scene.clock.play(2000);
    notifier.publish(mailbox, message('two'));
    notifier.publish(mailbox, message('three'));
    await scene.clock.play(2000);
    expect(bodies(peer).map((body) => body.match(/Subject: \w+/g))).toEqual([
      null,
      ['Subject: one'],
      ['Subject: two'],
      ['Subject: three'],
    ]);
  });

  test('one at a time: a slow subscriber gets the latest when it has answered', async () => {
    const { scene, peer, notifier } = await standing();
    peer.answer = undefined;
    notifier.publish(mailbox, voiceMail(2));
    await scene.clock.play(100);
    const second = peer.request;
    notifier.publish(mailbox, voiceMail(3));
    notifier.publish(mailbox, voiceMail(4));
    await scene.clock.play(6000);
    expect(peer.requests).toHaveLength(2);
    peer.respond(200, [], second);
    await scene.clock.play(1000);
    expect(bodies(peer)).toEqual([printed(1), printed(2), printed(4)]);
    peer.respond(200);
    await scene.clock.play(100);
  });

  test('the answer to a SUBSCRIBE, and the end, do not wait', async () => {
    const { scene, peer, notifier } = await standing();
    notifier.publish(mailbox, voiceMail(2));
    await scene.clock.play(100);
    notifier.publish(mailbox, voiceMail(3));
    peer.subscribe([event, ...hour], toOf(peer));
    await scene.clock.play(100);
    expect(bodies(peer)).toEqual([printed(1), printed(2), printed(3)]);
    notifier.publish(mailbox, voiceMail(4));
    notifier.terminate(mailbox, 'deactivated');
    await scene.clock.play(100);
    expect(bodies(peer).at(-1)).toBe(printed(4));
    expect(states(peer).at(-1)).toBe('terminated;reason=deactivated');
  });

  test('a refresh while a NOTIFY is under way is answered by the next one', async () => {
    const { scene, peer, notifier } = await standing();
    peer.answer = undefined;
    notifier.publish(mailbox, voiceMail(2));
    await scene.clock.play(100);
    peer.subscribe([event, ...hour], toOf(peer));
    await scene.clock.play(100);
    expect(peer.requests).toHaveLength(2);
    peer.respond(200);
    await scene.clock.play(100);
    expect(bodies(peer)).toEqual([printed(1), printed(2), printed(2)]);
    peer.respond(200);
    await scene.clock.play(100);
  });

  test('without any answer the subscription is gone', async () => {
    const { scene, peer, notifier } = await standing();
    peer.answer = undefined;
    notifier.publish(mailbox, voiceMail(2));
    await scene.clock.play(31_000);
    expect(notifier.stats().subscriptions).toBe(1);
    await scene.clock.play(2000);
    expect(notifier.stats().subscriptions).toBe(0);
  });

  test.each([404, 405, 410, 416, 480, 481, 482, 483, 484, 485, 489, 501, 604])(
    'a %d ends it, without another NOTIFY',
    async (status) => {
      const { scene, peer, notifier, userAgent } = await standing();
      peer.answer = (transaction) => peer.respond(status, [], transaction);
      notifier.publish(mailbox, voiceMail(2));
      await scene.clock.play(100);
      expect(notifier.stats().subscriptions).toBe(0);
      expect(userAgent.stats().dialogs).toBe(0);
      await scene.clock.play(10_000);
      expect(peer.requests).toHaveLength(2);
    },
  );

  test.each([400, 413, 415, 500, 503, 600])('a %d does not, and the next one tells all', async (status) => {
    const { scene, peer, notifier } = await standing();
    peer.answer = (transaction) => peer.respond(status, [], transaction);
    notifier.publish(mailbox, voiceMail(2));
    await scene.clock.play(10_000);
    expect(peer.requests).toHaveLength(2);
    expect(notifier.stats().subscriptions).toBe(1);
    peer.answer = (transaction) => peer.respond(200, [], transaction);
    notifier.publish(mailbox, voiceMail(2));
    await scene.clock.play(100);
    expect(bodies(peer)).toEqual([printed(1), printed(2), printed(2)]);
  });

  test('who wants it later gets it later', async () => {
    const { scene, peer, notifier } = await standing();
    peer.answer = (transaction) => peer.respond(500, [['Retry-After', '30']], transaction);
    notifier.publish(mailbox, voiceMail(2));
    await scene.clock.play(100);
    peer.answer = (transaction) => peer.respond(200, [], transaction);
    await scene.clock.play(29_000);
    expect(peer.requests).toHaveLength(2);
    await scene.clock.play(1000);
    expect(bodies(peer)).toEqual([printed(1), printed(2), printed(2)]);
  });
});

describe('several subscriptions', () => {
  test('in one dialog are told apart by the id of Event (RFC 6665 4.5.2)', async () => {
    const { scene, peer, notifier, userAgent } = await standing();
    const other: HeaderInit = ['Event', 'message-summary;id=2'];
    peer.subscribe([other, ...hour], toOf(peer));
    await scene.clock.play(100);
    expect(peer.request.request.raw('Event')).toBe('message-summary;id=2');
    expect(userAgent.stats().dialogs).toBe(1);
    expect(notifier.stats().subscriptions).toBe(2);
    peer.subscribe([event, ['Expires', '0']], toOf(peer));
    await scene.clock.play(100);
    expect(notifier.stats().subscriptions).toBe(1);
    await scene.clock.play(2000);
    notifier.publish(mailbox, voiceMail(2));
    await scene.clock.play(100);
    expect(peer.request.request.raw('Event')).toBe('message-summary;id=2');
    expect(peer.request.request.body).toBe(printed(2));
  });

  test('may be begun by something else than a SUBSCRIBE, on a dialog that is there (RFC 3515 2.4.4)', async () => {
    const { scene, peer, notifier, userAgent } = await standing();
    const [dialog] = userAgent.dialogs;
    if (dialog === undefined) throw new Error('no dialog');
    const parts = { event: { type: 'message-summary', id: '93809823' }, resource: 'other', watcher: 'carol' };
    notifier.publish('other', voiceMail(7));
    notifier.accept(dialog, parts, 60);
    await scene.clock.play(100);
    expect(peer.request.request.raw('Event')).toBe('message-summary;id=93809823');
    expect(stateOf(peer.request)).toMatch(/^active;expires=(59|60)$/);
    expect(peer.request.request.body).toBe(printed(7));
    notifier.terminate(mailbox, 'deactivated');
    await scene.clock.play(1000);
    notifier.publish('other', voiceMail(8));
    notifier.terminate('other', 'noresource');
    await scene.clock.play(1000);
    expect(stateOf(peer.request)).toBe('terminated;reason=noresource');
    expect(peer.request.request.body).toBe(printed(8));
    expect(userAgent.stats().dialogs).toBe(0);
  });

  test('of one watcher are limited', async () => {
    const { scene, peer, notifier } = await staged({ limits: { subscriptionsPerWatcher: 3 } });
    for (let index = 0; index < 5; index += 1) peer.subscribe([event, ...hour], { callId: `call-${String(index)}` });
    await scene.clock.play(1000);
    expect([...peer.statuses].sort()).toEqual([200, 200, 200, 503, 503]);
    expect(peer.responses.find(({ status }) => status === 503)?.raw('Retry-After')).toBe('60');
    expect(notifier.stats().subscriptions).toBe(3);
    peer.subscribe([event, ...hour], { callId: 'other', from: 'dave' });
    await scene.clock.play(1000);
    expect(notifier.stats().subscriptions).toBe(4);
  });

  test('of all are limited', async () => {
    const { scene, peer, notifier } = await staged({ limits: { subscriptions: 2 } });
    for (let index = 0; index < 4; index += 1) {
      peer.subscribe([event, ...hour], { callId: `call-${String(index)}`, from: `user-${String(index)}` });
    }
    await scene.clock.play(1000);
    expect([...peer.statuses].sort()).toEqual([200, 200, 503, 503]);
    expect(notifier.stats().subscriptions).toBe(2);
  });

  test('that are stopped send nothing more', async () => {
    const { scene, peer, notifier } = await standing();
    notifier.stop();
    await scene.clock.play(10_000_000);
    expect(peer.requests).toHaveLength(1);
    expect(notifier.stats()).toEqual({ subscriptions: 0, resources: 0 });
  });
});

test('the tables have no state that cannot be left, but the last', () => {
  for (const [state, row] of Object.entries({ ...notifierMachine, ...notificationPace })) {
    const leaves = Object.values(row).some(({ to }) => to !== state);
    expect(leaves, state).toBe(state !== 'gone');
  }
});
