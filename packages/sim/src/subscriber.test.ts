/** What a subscriber does, with a notifier of which every message is written by hand. */
import { registrationEvent, subscriberMachine } from '@switchhook/sip';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Peer, printed, Scene, voiceMail, type Watch } from './subscription.testing.ts';

interface Stage {
  readonly scene: Scene;
  readonly peer: Peer;
  readonly watch: Watch;
}

const nothing = { dialogs: 0, dialogSets: 0, requests: 0, clientTransactions: 0, serverTransactions: 0, timers: 0 };

async function staged(options: Parameters<Scene['subscribe']>[0] = {}): Promise<Stage> {
  const scene = await Scene.started('subscriber');
  const peer = await scene.peer();
  const watch = scene.subscribe(options);
  onTestFinished(async () => {
    await scene.stop();
    await peer.stop();
    // What is still on the wire.
    await scene.clock.play(1000);
    expect(scene.clock.pending).toBe(0);
    expect(scene.subscriber.stats()).toEqual({ subscriptions: 0 });
    expect(scene.phone.stats()).toEqual(nothing);
  });
  await scene.clock.play(100);
  return { scene, peer, watch };
}

/** With a 2xx and a first NOTIFY behind it. */
async function standing(
  state = 'active;expires=3600',
  options: Parameters<Scene['subscribe']>[0] = {},
): Promise<Stage> {
  const stage = await staged(options);
  stage.peer.respond(200, [['Expires', '3600']]);
  stage.peer.notify({ state, body: printed(1) });
  await stage.scene.clock.play(100);
  return stage;
}

/** The same, with the first refresh under way. */
async function refreshing(): Promise<Stage> {
  const stage = await standing('active;expires=120');
  await stage.scene.clock.play(61_000);
  expect(stage.peer.requests).toHaveLength(2);
  return stage;
}

const expiresOf = (peer: Peer): string | undefined => peer.request.request.raw('Expires');

describe('subscribing (RFC 6665 4.1.2.1)', () => {
  test('a SUBSCRIBE says what, how long, and what can be read', async () => {
    const { peer } = await staged();
    const { request } = peer.request;
    expect(request.method).toBe('SUBSCRIBE');
    expect(request.raw('Event')).toBe('message-summary');
    expect(request.raw('Expires')).toBe('3600');
    expect(request.raw('Accept')).toBe('application/simple-message-summary');
    expect(request.raw('Contact')).toContain('192.0.2.1');
    expect(request.raw('Allow')).toContain('NOTIFY');
  });

  test.each([200, 202])('a NOTIFY after a %d begins the subscription', async (status) => {
    const { scene, peer, watch } = await staged();
    peer.respond(status, [['Expires', '3600']]);
    await scene.clock.play(100);
    expect(watch.subscription.status).toBe('waiting');
    peer.notify({ body: printed(2) });
    await scene.clock.play(100);
    expect(peer.statuses).toEqual([200]);
    expect(watch.counts).toEqual([2]);
    expect(watch.subscription.status).toBe('active');
  });

  test('CX-15 so does one that comes before the 2xx, and one without any 2xx', async () => {
    const { scene, peer, watch } = await staged();
    peer.notify({ body: printed(2) });
    await scene.clock.play(100);
    expect(peer.statuses).toEqual([200]);
    expect(watch.counts).toEqual([2]);
    await scene.clock.play(60_000);
    expect(watch.subscription.status).toBe('active');
  });

  test('the way back is that of the NOTIFY, not of the 2xx (RFC 6665 4.4.1)', async () => {
    const { scene, peer, watch } = await staged();
    const proxy = await scene.peer('proxy', '192.0.2.9');
    peer.respond(200, [['Record-Route', '<sip:192.0.2.8;lr>']]);
    peer.notify({ body: printed(2), headers: [['Record-Route', '<sip:192.0.2.9;lr>']] });
    await scene.clock.play(100);
    void watch.subscription.unsubscribe();
    await scene.clock.play(100);
    expect(proxy.request.request.raw('Route')).toBe('<sip:192.0.2.9;lr>');
    proxy.respond(481);
    await scene.clock.play(100);
    await proxy.stop();
  });

  test('without a NOTIFY by Timer N it has failed, and a late one gets 481', async () => {
    const { scene, peer, watch } = await staged();
    peer.respond(200, [['Expires', '3600']]);
    await scene.clock.play(31_000);
    expect(watch.end).toBeUndefined();
    await scene.clock.play(1000);
    expect(watch.end).toBe('unanswered');
    peer.notify({ body: printed(2) });
    await scene.clock.play(100);
    expect(peer.statuses).toEqual([481]);
  });

  test.each([
    [403, 'refused 403'],
    [404, 'refused 404'],
    [406, 'refused 406'],
    [489, 'refused 489'],
    [503, 'refused 503'],
    [603, 'refused 603'],
  ])('a %d at the first is the end of it', async (status, end) => {
    const { scene, peer, watch } = await staged();
    peer.respond(status);
    await scene.clock.play(100);
    expect(watch.end).toBe(end);
    peer.notify();
    await scene.clock.play(100);
    expect(peer.statuses).toEqual([481]);
  });

  test('the end tells how long to wait', async () => {
    const { scene, peer, watch } = await staged();
    peer.respond(403, [['Retry-After', '90']]);
    await scene.clock.play(100);
    await expect(watch.subscription.ended).resolves.toMatchObject({ kind: 'refused', status: 403, retryAfter: 90 });
  });

  test('without any answer it has failed', async () => {
    const { scene, watch } = await staged();
    await scene.clock.play(40_000);
    expect(watch.end).toMatch(/^(failed timeout|unanswered)$/);
  });

  test('after a 423 it asks for as long as it has to be, once', async () => {
    const { scene, peer, watch } = await staged({ expires: 60 });
    const first = peer.request.request;
    peer.respond(423, [['Min-Expires', '600']]);
    await scene.clock.play(100);
    expect(expiresOf(peer)).toBe('600');
    expect(peer.request.request.callId).not.toBe(first.callId);
    peer.respond(423, [['Min-Expires', '6000']]);
    await scene.clock.play(100);
    expect(watch.end).toBe('refused 423');
    expect(peer.requests).toHaveLength(2);
  });

  test.each([
    ['no Min-Expires', []],
    ['one that is no longer than what was asked for', [['Min-Expires', '60']] as const],
  ])('a 423 with %s is a refusal', async (_, headers) => {
    const { scene, peer, watch } = await staged({ expires: 60 });
    peer.respond(423, headers);
    await scene.clock.play(100);
    expect(watch.end).toBe('refused 423');
  });

  test('a subscriber does not subscribe to what it cannot read', async () => {
    const { scene } = await staged();
    const unknown = { ...registrationEvent, name: 'presence' };
    expect(() => scene.subscriber.subscribe({ package: unknown, target: 'sip:bob@192.0.2.2' })).toThrow(
      expect.objectContaining({ code: 'unknown-package' }),
    );
  });
});

describe('forks (RFC 6665 4.1.4)', () => {
  test('several mailboxes are one, where the package says what they say together', async () => {
    const { scene, peer, watch } = await staged();
    peer.respond(200, [['Expires', '3600']], peer.request, 'one');
    peer.notify({ tag: 'one', body: printed(1) });
    peer.notify({ tag: 'two', body: printed(2) });
    await scene.clock.play(100);
    expect(peer.statuses).toEqual([200, 200]);
    expect(watch.counts).toEqual([1, 3]);
    expect(scene.phone.stats().dialogs).toBe(2);
    peer.notify({ tag: 'one', state: 'terminated;reason=noresource' });
    await scene.clock.play(100);
    expect(watch.end).toBeUndefined();
    peer.notify({ tag: 'two', body: printed(5) });
    await scene.clock.play(100);
    expect(watch.counts).toEqual([1, 3, 5]);
  });

  test('others get 481 where it takes one only (RFC 6665 5.4.9)', async () => {
    const { scene, peer } = await staged();
    const subscription = scene.subscriber.subscribe({ package: registrationEvent, target: 'sip:bob@192.0.2.2' });
    await scene.clock.play(100);
    peer.notify({ tag: 'one' });
    await scene.clock.play(100);
    peer.notify({ tag: 'two' });
    await scene.clock.play(100);
    expect(peer.statuses).toEqual([200, 481]);
    expect(subscription.status).toBe('active');
  });

  test('no more than sixteen of them', async () => {
    const { scene, peer } = await staged();
    for (let branch = 0; branch < 20; branch += 1) peer.notify({ tag: `fork-${String(branch)}`, body: printed(1) });
    await scene.clock.play(1000);
    expect(peer.statuses.filter((status) => status === 200)).toHaveLength(16);
    expect(peer.statuses.filter((status) => status === 481)).toHaveLength(4);
  });

  test('none comes in after Timer N', async () => {
    const { scene, peer } = await standing();
    await scene.clock.play(32_000);
    peer.notify({ tag: 'late', body: printed(9) });
    await scene.clock.play(100);
    expect(peer.statuses).toEqual([200, 481]);
  });
});

describe('a NOTIFY (RFC 6665 4.1.3)', () => {
  test.each([
    ['no Subscription-State', { state: '' }, 400],
    ['a Subscription-State that does not read', { state: 'active;expires=soon' }, 400],
    ['a body that does not read', { body: 'Messages-Waiting: perhaps\r\n' }, 400],
    ['a body of another type', { body: '<reginfo/>', contentType: 'application/reginfo+xml' }, 415],
    ['a body of a type that nobody reads', { body: '{}', contentType: 'application/json' }, 415],
    ['an event that nobody reads', { event: 'presence' }, 489],
    ['another id', { event: 'message-summary;id=7' }, 481],
    ['another event', { event: 'reg' }, 481],
  ])('with %s is refused, and the subscription goes on', async (_, parts, status) => {
    const { scene, peer, watch } = await standing();
    peer.notify(parts);
    await scene.clock.play(4000);
    expect(peer.statuses).toEqual([200, status]);
    peer.notify({ body: printed(5) });
    await scene.clock.play(100);
    expect(watch.counts).toEqual([1, 5]);
  });

  test('of another type is told which one is read', async () => {
    const { scene, peer } = await standing();
    peer.notify({ body: 'x', contentType: 'application/reginfo+xml' });
    await scene.clock.play(100);
    expect(peer.responses.at(-1)?.raw('Accept')).toBe('application/simple-message-summary');
  });

  test('of several parts is read where one of them is of the right type (RFC 5621 4.2)', async () => {
    const { scene, peer, watch } = await standing();
    const parts = [
      ['text/plain', 'three'],
      ['application/simple-message-summary', printed(3)],
    ].map(([type = '', text = '']) => `--edge\r\nContent-Type: ${type}\r\n\r\n${text}\r\n`);
    const body = `${parts.join('')}--edge--\r\n`;
    peer.notify({ body, contentType: 'multipart/alternative;boundary=edge' });
    await scene.clock.play(100);
    expect(peer.statuses.at(-1)).toBe(200);
    expect(watch.subscription.latest).toEqual(voiceMail(3));
  });

  test('without Contact makes no dialog', async () => {
    const { scene, peer, watch } = await staged();
    peer.notify({ contact: false });
    await scene.clock.play(100);
    expect(peer.statuses).toEqual([400]);
    expect(watch.subscription.status).toBe('waiting');
    peer.notify();
    await scene.clock.play(100);
    expect(watch.subscription.status).toBe('active');
  });

  test('that ends it does so even when its body is refused', async () => {
    const { scene, peer, watch } = await standing();
    peer.notify({ state: 'terminated;reason=rejected', body: 'nonsense' });
    await scene.clock.play(100);
    expect(peer.statuses).toEqual([200, 400]);
    expect(watch.end).toBe('terminated rejected');
  });

  test('CX-15 of no subscription gets 481', async () => {
    const { scene, peer } = await standing();
    peer.notify({ state: 'terminated;reason=rejected' });
    await scene.clock.play(100);
    peer.notify();
    await scene.clock.play(100);
    expect(peer.statuses.at(-1)).toBe(481);
  });

  test('that overtook another makes that one out of order: 500, and its state counts', async () => {
    const { scene, peer, watch } = await standing();
    peer.notify({ body: printed(7), cseq: 50 });
    await scene.clock.play(100);
    peer.notify({ body: printed(6), cseq: 49 });
    await scene.clock.play(100);
    expect(peer.statuses).toEqual([200, 200, 500]);
    expect(watch.subscription.latest).toEqual(voiceMail(7));
  });

  test('may say pending, then active', async () => {
    const { scene, peer, watch } = await standing('pending;expires=600');
    expect(watch.subscription.status).toBe('pending');
    peer.notify({ body: printed(2) });
    await scene.clock.play(100);
    expect(watch.subscription.status).toBe('active');
    peer.notify({ state: 'pending;expires=600' });
    await scene.clock.play(100);
    expect(watch.subscription.status).toBe('pending');
  });

  test('with a state that nobody has defined is as good as active', async () => {
    const { watch } = await standing('thriving;expires=600');
    expect(watch.subscription.status).toBe('active');
  });

  test('after NOTIFY without end keeps sixteen states for a slow reader, the last ones', async () => {
    const { scene, peer, watch } = await standing();
    for (let round = 0; round < 200; round += 1) peer.notify({ body: printed(round), cseq: 100 + round });
    await scene.clock.play(1000);
    expect(peer.statuses.every((status) => status === 200)).toBe(true);
    expect(watch.subscription.latest).toEqual(voiceMail(199));
    const slow = scene.subscribe({ expires: 3600 }, false);
    await scene.clock.play(100);
    for (let round = 0; round < 40; round += 1) peer.notify({ body: printed(round), cseq: 1000 + round });
    await scene.clock.play(1000);
    slow.read();
    await scene.clock.play(0);
    expect(slow.counts).toEqual(Array.from({ length: 16 }, (_, index) => index + 24));
  });
});

describe('how it ends (RFC 6665 4.1.3)', () => {
  test.each(['rejected', 'noresource', 'invariant'])('%s: for good, whatever retry-after says', async (reason) => {
    const { scene, peer, watch } = await standing();
    peer.notify({ state: `terminated;reason=${reason};retry-after=1` });
    await scene.clock.play(600_000);
    expect(watch.end).toBe(`terminated ${reason}`);
    expect(peer.requests).toHaveLength(1);
  });

  test.each([
    ['deactivated', 'deactivated;retry-after=500', 0],
    ['timeout', 'timeout;retry-after=500', 0],
    ['probation with retry-after', 'probation;retry-after=500', 500],
    ['giveup with retry-after', 'giveup;retry-after=500', 500],
    ['a reason that nobody knows, with retry-after', 'mood;retry-after=500', 500],
    ['the name of what every object has', 'constructor;retry-after=500', 500],
  ])('%s: subscribed to anew on a new dialog', async (_, reason, seconds) => {
    const { scene, peer, watch } = await standing();
    const first = peer.request.request;
    peer.notify({ state: `terminated;reason=${reason}` });
    await scene.clock.play(20);
    if (seconds > 0) {
      expect(watch.subscription.status).toBe('resting');
      await scene.clock.play(seconds * 1000 - 100);
      expect(peer.requests).toHaveLength(1);
    }
    await scene.clock.play(200);
    expect(peer.requests).toHaveLength(2);
    expect(peer.request.request.callId).not.toBe(first.callId);
    expect(peer.request.request.fromTag).not.toBe(first.fromTag);
    expect(peer.request.request.toTag).toBeUndefined();
    peer.notify({ body: printed(4) });
    await scene.clock.play(100);
    expect(watch.counts).toEqual([1, 4]);
  });

  test.each(['terminated', 'terminated;reason=probation', 'terminated;reason=giveup'])(
    '%s without retry-after: a while later',
    async (state) => {
      const { scene, peer } = await standing();
      peer.notify({ state });
      await scene.clock.play(900);
      expect(peer.requests).toHaveLength(1);
      await scene.clock.play(1200);
      expect(peer.requests).toHaveLength(2);
    },
  );

  test('a notifier that ends it at once again and again is asked ever more rarely', async () => {
    const { scene, peer } = await staged();
    peer.answer = (transaction) => {
      peer.respond(200, [], transaction);
      peer.notify({ state: 'terminated;reason=deactivated' }, transaction.request);
    };
    peer.notify({ state: 'terminated;reason=deactivated' });
    await scene.clock.play(3_600_000);
    expect(peer.requests.length).toBeGreaterThan(10);
    expect(peer.requests.length).toBeLessThan(40);
  });

  test('after a subscription that has stood, a passing failure is tried again, a refusal is not', async () => {
    const { scene, peer, watch } = await standing();
    peer.notify({ state: 'terminated;reason=deactivated' });
    await scene.clock.play(100);
    peer.respond(503, [['Retry-After', '100']]);
    await scene.clock.play(99_000);
    expect(peer.requests).toHaveLength(2);
    await scene.clock.play(2000);
    expect(peer.requests).toHaveLength(3);
    peer.respond(403);
    await scene.clock.play(100);
    expect(watch.end).toBe('refused 403');
  });
});

describe('refreshing (RFC 6665 4.1.2.2)', () => {
  test('C2.17-07 is done well before the end, within the dialog, with the same Event', async () => {
    const { scene, peer } = await standing('active;expires=3600', { id: 'seven' });
    await scene.clock.play(3_500_000);
    expect(peer.requests).toHaveLength(1);
    await scene.clock.play(41_000);
    expect(peer.requests).toHaveLength(2);
    const { request } = peer.request;
    expect(request.toTag).toBe('bob');
    expect(request.raw('Event')).toBe('message-summary;id=seven');
    expect(request.raw('Expires')).toBe('3600');
  });

  test('goes by what the NOTIFY says of the time, and without that by the 2xx', async () => {
    const { scene, peer } = await staged();
    peer.respond(200, [['Expires', '200']]);
    peer.notify({ state: 'active' });
    await scene.clock.play(99_000);
    expect(peer.requests).toHaveLength(1);
    await scene.clock.play(41_000);
    expect(peer.requests).toHaveLength(2);
    peer.respond(200, [['Expires', '200']]);
    peer.notify({ state: 'active;expires=60' });
    await scene.clock.play(31_000);
    expect(peer.requests).toHaveLength(3);
  });

  test('goes by what was asked for, where nobody says anything; a 2xx cannot make it longer', async () => {
    const { scene, peer } = await staged({ expires: 100 });
    peer.notify({ state: 'active' });
    await scene.clock.play(100);
    peer.respond(200, [['Expires', '9999']]);
    await scene.clock.play(51_000);
    expect(peer.requests).toHaveLength(2);
  });

  test('a NOTIFY confirms it, and Timer N ends what nobody confirms', async () => {
    const { scene, peer, watch } = await refreshing();
    peer.respond(200, [['Expires', '120']]);
    await scene.clock.play(30_000);
    expect(watch.subscription.status).toBe('active');
    peer.notify({ state: 'active;expires=120', body: printed(2) });
    await scene.clock.play(10_000);
    expect(watch.subscription.status).toBe('active');
    await scene.clock.play(52_000);
    peer.respond(200, [['Expires', '120']]);
    await scene.clock.play(31_500);
    expect(watch.subscription.status).not.toBe('active');
  });

  test('a 204 says that no NOTIFY comes (RFC 5839)', async () => {
    const { scene, peer, watch } = await refreshing();
    peer.respond(204, [['Expires', '120']]);
    await scene.clock.play(50_000);
    expect(watch.subscription.status).toBe('active');
  });

  test.each([404, 405, 410, 416, 480, 481, 482, 483, 484, 485, 489, 501, 604])('a %d ends it', async (status) => {
    const { scene, peer } = await refreshing();
    const { request } = peer.request;
    peer.respond(status);
    await scene.clock.play(50);
    peer.notify({ body: printed(9) }, request);
    await scene.clock.play(100);
    expect(peer.statuses).toEqual([200, 481]);
  });

  test('after a 481 it is subscribed to anew', async () => {
    const { scene, peer, watch } = await refreshing();
    peer.respond(481);
    await scene.clock.play(100);
    expect(peer.requests).toHaveLength(3);
    expect(peer.request.request.toTag).toBeUndefined();
    expect(watch.end).toBeUndefined();
  });

  test.each([404, 410, 489, 501, 604])('after a %d it is over', async (status) => {
    const { scene, peer, watch } = await refreshing();
    peer.respond(status);
    await scene.clock.play(100);
    expect(watch.end).toBe(`refused ${String(status)}`);
  });

  test.each([400, 403, 500, 503, 603])('a %d leaves it as it is until it runs out', async (status) => {
    const { scene, peer, watch } = await refreshing();
    peer.answer = (transaction) => peer.respond(status, [], transaction);
    peer.respond(status);
    await scene.clock.play(10_000);
    peer.notify({ state: 'active', body: printed(9) });
    await scene.clock.play(100);
    expect(peer.statuses).toEqual([200, 200]);
    expect(watch.counts).toEqual([1, 9]);
    expect(watch.subscription.status).toBe('active');
    await scene.clock.play(60_000);
    expect(watch.subscription.status).not.toBe('active');
  });

  test('a 423 to it is answered with what it asks for, once', async () => {
    const { scene, peer } = await refreshing();
    peer.respond(423, [['Min-Expires', '7000']]);
    await scene.clock.play(100);
    expect(expiresOf(peer)).toBe('7000');
    expect(peer.request.request.toTag).toBe('bob');
    peer.respond(423, [['Min-Expires', '8000']]);
    await scene.clock.play(100);
    expect(peer.requests).toHaveLength(3);
  });

  test('a notifier that grants no time at all does not make it ask without end', async () => {
    const { scene, peer } = await staged();
    peer.answer = (transaction) => {
      peer.respond(200, [['Expires', '0']], transaction);
      peer.notify({ state: 'active;expires=0' }, transaction.request);
    };
    peer.notify({ state: 'active;expires=0' });
    await scene.clock.play(600_000);
    expect(peer.requests.length).toBeLessThan(30);
  });
});

describe('state that was missed (RFC 6665 5.3.2)', () => {
  const document = (version: number, state: string, ids: string): string =>
    `<reginfo xmlns="urn:ietf:params:xml:ns:reginfo" version="${String(version)}" state="${state}"><registration aor="sip:a@example.com" id="r" state="active">${Array.from(
      ids.split(' '),
      (id) => `<contact id="${id}" state="active" event="registered"><uri>sip:${id}@192.0.2.5</uri></contact>`,
    ).join('')}</registration></reginfo>`;

  test('is asked for again, but not more often than every five seconds', async () => {
    const { scene, peer } = await staged();
    const subscription = scene.subscriber.subscribe({ package: registrationEvent, target: 'sip:bob@192.0.2.2' });
    await scene.clock.play(100);
    const contentType = registrationEvent.contentType;
    const subscribe = peer.request.request;
    peer.notify({ body: document(0, 'full', 'a'), contentType });
    await scene.clock.play(6000);
    expect(peer.requests).toHaveLength(2);
    peer.notify({ body: document(2, 'partial', 'b'), contentType }, subscribe);
    await scene.clock.play(100);
    expect(subscription.latest?.[0]?.contacts.map(({ id }) => id)).toEqual(['a', 'b']);
    expect(peer.requests).toHaveLength(3);
    peer.respond(200);
    for (let version = 4; version < 100; version += 2) {
      peer.notify({ body: document(version, 'partial', 'c'), contentType }, subscribe);
      await scene.clock.play(100);
    }
    expect(peer.requests.length).toBeLessThan(5);
    peer.notify({ body: document(100, 'full', 'd'), contentType }, subscribe);
    await scene.clock.play(100);
    expect(subscription.latest?.[0]?.contacts.map(({ id }) => id)).toEqual(['d']);
  });

  test('that is too much to read gets 413', async () => {
    const { scene, peer } = await staged();
    scene.subscriber.subscribe({ package: registrationEvent, target: 'sip:bob@192.0.2.2' });
    await scene.clock.play(100);
    const contentType = registrationEvent.contentType;
    peer.notify({ body: `<reginfo>${'<a/>'.repeat(5000)}</reginfo>`, contentType });
    await scene.clock.play(100);
    expect(peer.statuses).toEqual([413]);
  });

  test('is not put back by an old version', async () => {
    const { scene, peer } = await staged();
    const subscription = scene.subscriber.subscribe({ package: registrationEvent, target: 'sip:bob@192.0.2.2' });
    await scene.clock.play(100);
    const contentType = registrationEvent.contentType;
    peer.notify({ body: document(5, 'full', 'a'), contentType });
    await scene.clock.play(100);
    peer.notify({ body: document(1, 'full', 'b'), contentType });
    await scene.clock.play(100);
    expect(peer.statuses).toEqual([200, 200]);
    expect(subscription.latest?.[0]?.contacts.map(({ id }) => id)).toEqual(['a']);
  });
});

describe('giving it up (RFC 6665 4.1.2.3)', () => {
  test('a SUBSCRIBE with Expires 0, and it is over with the last NOTIFY', async () => {
    const { scene, peer, watch } = await standing();
    void watch.subscription.unsubscribe();
    await scene.clock.play(100);
    expect(expiresOf(peer)).toBe('0');
    peer.respond(200, [['Expires', '0']]);
    await scene.clock.play(100);
    expect(watch.end).toBeUndefined();
    peer.notify({ state: 'active;expires=10', body: printed(2) });
    await scene.clock.play(100);
    peer.notify({ state: 'terminated;reason=timeout', body: printed(2) });
    await scene.clock.play(100);
    expect(peer.statuses).toEqual([200, 200, 200]);
    expect(watch.end).toBe('unsubscribed');
    expect(watch.counts).toEqual([1]);
  });

  test.each([
    ['a refusal', (peer: Peer) => peer.respond(500)],
    ['a 481', (peer: Peer) => peer.respond(481)],
    ['a 2xx and no NOTIFY', (peer: Peer) => peer.respond(200)],
    ['no answer at all', () => undefined],
  ])('is over with %s, too', async (_, answer) => {
    const { scene, peer, watch } = await standing();
    void watch.subscription.unsubscribe();
    await scene.clock.play(100);
    answer(peer);
    await scene.clock.play(33_000);
    expect(watch.end).toBe('unsubscribed');
  });

  test('before the first NOTIFY waits for it, and then says so', async () => {
    const { scene, peer, watch } = await staged();
    void watch.subscription.unsubscribe();
    expect(peer.requests).toHaveLength(1);
    peer.respond(200);
    peer.notify({ body: printed(1) });
    await scene.clock.play(100);
    expect(expiresOf(peer)).toBe('0');
    peer.respond(200);
    peer.notify({ state: 'terminated;reason=timeout' });
    await scene.clock.play(100);
    expect(watch.end).toBe('unsubscribed');
    expect(watch.counts).toEqual([]);
  });

  test('is what the end says, whatever the notifier gives as its reason', async () => {
    const { scene, peer, watch } = await standing();
    void watch.subscription.unsubscribe();
    await scene.clock.play(100);
    peer.notify({ state: 'terminated;reason=rejected' });
    await scene.clock.play(100);
    expect(watch.end).toBe('unsubscribed');
  });

  test('while it rests needs no message', async () => {
    const { scene, peer, watch } = await standing();
    peer.notify({ state: 'terminated;reason=probation;retry-after=100' });
    await scene.clock.play(100);
    await watch.subscription.unsubscribe();
    expect(watch.end).toBe('unsubscribed');
    await scene.clock.play(200_000);
    expect(peer.requests).toHaveLength(1);
  });

  test('leaving the loop does it, and so does the signal', async () => {
    const stop = new AbortController();
    const { scene, peer, watch } = await standing(undefined, { signal: stop.signal });
    stop.abort();
    await scene.clock.play(100);
    expect(expiresOf(peer)).toBe('0');
    peer.notify({ state: 'terminated;reason=timeout' });
    await scene.clock.play(100);
    expect(watch.end).toBe('unsubscribed');
    expect(scene.subscribe({ signal: stop.signal }).subscription.status).toBe('ended');

    const other = scene.subscribe({}, false).subscription;
    await scene.clock.play(100);
    peer.notify({ body: printed(1) });
    const firstOnly = (async (): Promise<void> => {
      for await (const summary of other) if (summary.messagesWaiting) break;
    })();
    await scene.clock.play(100);
    await firstOnly;
    expect(expiresOf(peer)).toBe('0');
    peer.respond(481);
    await scene.clock.play(100);
  });

  test('close gives everything up', async () => {
    const { scene, peer, watch } = await standing();
    const closed = scene.subscriber.close();
    await scene.clock.play(100);
    peer.notify({ state: 'terminated;reason=timeout' });
    await scene.clock.play(100);
    await closed;
    expect(watch.end).toBe('unsubscribed');
  });

  test('when the user agent stops, the subscription says so', async () => {
    const { scene, watch } = await standing();
    await scene.stop();
    await scene.clock.play(0);
    expect(watch.end).toBe('stopped');
  });
});

describe('a fetch (RFC 6665 4.4.3)', () => {
  test.each([
    ['the NOTIFY ends it', 'terminated;reason=timeout', 100],
    ['a NOTIFY that does not, Timer N does', 'active;expires=60', 33_000],
  ])('%s', async (_, state, milliseconds) => {
    const { scene, peer, watch } = await staged({ expires: 0 });
    expect(expiresOf(peer)).toBe('0');
    peer.respond(200, [['Expires', '0']]);
    peer.notify({ state, body: printed(3) });
    await scene.clock.play(milliseconds);
    expect(watch.counts).toEqual([3]);
    expect(watch.end).toBe('fetched');
    expect(peer.requests).toHaveLength(1);
  });

  test('of nothing says so', async () => {
    const { scene, peer, watch } = await staged({ expires: 0 });
    peer.respond(404);
    await scene.clock.play(100);
    expect(watch.end).toBe('refused 404');
  });
});

test('the table has no state that cannot be left, but the last', () => {
  for (const [state, row] of Object.entries(subscriberMachine)) {
    const leaves = Object.values(row).some(({ to }) => to === 'terminated');
    expect(leaves, state).toBe(state !== 'terminated');
  }
});
