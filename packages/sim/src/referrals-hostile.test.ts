import { NameAddr, Referrals } from '@switchhook/sip';
import type { HeaderInit, IncomingReferral, InviteSession, SipResponse } from '@switchhook/sip';
import { describe, expect, test } from 'vitest';
import { eventsOf } from './invite-sessions.testing.ts';
import { toldOf } from './referral.testing.ts';
import { finalOf, SessionStage } from './session-stage.testing.ts';
import type { PeerRequest } from './scripted-peer.testing.ts';

/** Alice's phone, in a call with a peer that sends what a test writes down. */
class HostileStage {
  readonly stage: SessionStage;
  readonly referrals: Referrals;
  readonly referred: IncomingReferral[] = [];
  #known: SipResponse | undefined = undefined;
  #session: InviteSession | undefined = undefined;
  #sequence = 1;

  private constructor(stage: SessionStage) {
    this.stage = stage;
    this.referrals = new Referrals(stage.alice.agent, { referred: (referral) => this.referred.push(referral) });
    stage.alice.agent.install(this.referrals);
  }

  static async set(): Promise<HostileStage> {
    const hostile = new HostileStage(await SessionStage.set());
    const { session, response } = await hostile.stage.accepted();
    hostile.#session = session;
    hostile.#known = response;
    return hostile;
  }

  get session(): InviteSession {
    if (this.#session === undefined) throw new Error('there is no call');
    return this.#session;
  }

  /** Sends a request within the call. */
  send(method: string, headers: readonly HeaderInit[], body?: string): PeerRequest {
    if (this.#known === undefined) throw new Error('there is no call');
    this.#sequence += 1;
    return this.stage.peer.within(this.#known, method, this.#sequence, { headers, body });
  }

  /** What a request within the call is answered with. */
  async answerTo(method: string, headers: readonly HeaderInit[], body?: string): Promise<SipResponse> {
    const request = this.send(method, headers, body);
    await this.stage.settle();
    return finalOf(request);
  }

  /** A report about what the peer was referred to. */
  notify(state: string, body: string, event = 'refer'): Promise<SipResponse> {
    const headers: HeaderInit[] = [
      ['Event', event],
      ['Subscription-State', state],
      ['Content-Type', 'message/sipfrag'],
    ];
    return this.answerTo('NOTIFY', headers, body);
  }
}

const carol = NameAddr.of({ uri: 'sip:carol@example.com' });
const stray = '<sip:carol@example.com>';

describe('a REFER that is not in order is refused, and the call is as it was', () => {
  test.each<[string, readonly HeaderInit[], number]>([
    ['without Refer-To', [], 400],
    [
      'with two of them',
      [
        ['Refer-To', stray],
        ['r', stray],
      ],
      400,
    ],
    ['with 7 KB of it', [['Refer-To', `<sip:${'c'.repeat(7_000)}@example.com>`]], 400],
    ['with 10 KB of it', [['Refer-To', `<sip:${'c'.repeat(10_000)}@example.com>`]], 400],
    ['to this very phone', [['Refer-To', '<sip:alice@192.0.2.1:5060>']], 603],
    ['to whose phone it is', [['Refer-To', '<sip:alice@example.com>']], 603],
    ['to a page', [['Refer-To', '<http://example.com>']], 603],
    [
      'with Replaces in Replaces',
      [['Refer-To', '<sip:c@d?Replaces=1%3Bto-tag%3D2%3Bfrom-tag%3D3%3FReplaces%3D4>']],
      400,
    ],
    [
      'with two Referred-By',
      [
        ['Refer-To', stray],
        ['Referred-By', '<sip:a@b>'],
        ['Referred-By', '<sip:c@d>'],
      ],
      400,
    ],
    [
      'with a Refer-Sub that does not read',
      [
        ['Refer-To', stray],
        ['Refer-Sub', 'maybe'],
      ],
      400,
    ],
    [
      'that requires what nobody knows',
      [
        ['Refer-To', stray],
        ['Require', 'explicitsub'],
      ],
      420,
    ],
  ])('C2.4-10 C3-04 CX-14 a REFER %s', async (_, headers, status) => {
    const hostile = await HostileStage.set();
    const events = eventsOf(hostile.session);
    expect((await hostile.answerTo('REFER', headers)).status).toBe(status);
    expect(hostile.referred).toEqual([]);
    expect(hostile.session.state).toBe('confirmed');
    expect(hostile.session.dialog.usages.size).toBe(1);
    expect(events).toEqual([]);
    expect(hostile.referrals.stats()).toEqual({ outgoing: 0, incoming: 0, subscriptions: 0 });
    void hostile.session.hangUp();
    await hostile.stage.settle();
    hostile.stage.peer.respond(hostile.stage.peer.last('BYE'), 200);
    expect(await hostile.stage.leftOvers()).toEqual([]);
  });

  test('many that nobody decides on are no more than there may be', async () => {
    const hostile = await HostileStage.set();
    const requests = Array.from({ length: 40 }, (_, index) =>
      hostile.send('REFER', [['Refer-To', `<sip:carol${String(index)}@example.com>`]]),
    );
    await hostile.stage.settle();
    const refused = requests.flatMap(({ responses }) => responses);
    expect(hostile.referred).toHaveLength(16);
    expect(refused.map(({ status }) => status)).toEqual(Array.from({ length: 24 }, () => 503));
    expect(refused[0]?.raw('Retry-After')).toBe('10');
    expect(hostile.session.state).toBe('confirmed');
    for (const referral of hostile.referred) referral.reject();
    expect(hostile.referrals.stats().incoming).toBe(0);
  });
});

describe('reports (RFC 3515 2.4.5)', () => {
  async function referring(): Promise<{ hostile: HostileStage; told: string[] }> {
    const hostile = await HostileStage.set();
    const told = toldOf(hostile.referrals.refer({ within: hostile.session.dialog, referTo: carol }));
    await hostile.stage.settle();
    return { hostile, told };
  }

  test('before the 202 count as much as after it', async () => {
    const { hostile, told } = await referring();
    expect((await hostile.notify('active;expires=60', 'SIP/2.0 100 Trying\r\n')).status).toBe(200);
    expect(told).toEqual(['accepted', '100']);
    hostile.stage.peer.respond(hostile.stage.peer.last('REFER'), 202);
    await hostile.notify('terminated;reason=noresource', 'SIP/2.0 200 OK\r\n');
    expect(told).toEqual(['accepted', '100', 'succeeded 200']);
  });

  test('C2.18-05 come from a phone that was asked for none and reports all the same, and do no harm', async () => {
    const hostile = await HostileStage.set();
    const target = hostile.session.dialog.remoteTarget;
    const told = toldOf(hostile.referrals.refer({ target, referTo: carol, subscribe: false }));
    await hostile.stage.settle();
    const refer = hostile.stage.peer.last('REFER');
    expect(refer.request.raw('Refer-Sub')).toBe('false');
    hostile.stage.peer.respond(refer, 202);
    await hostile.stage.settle();
    const headers: HeaderInit[] = [
      ['Event', 'refer'],
      ['Subscription-State', 'terminated;reason=noresource'],
      ['Content-Type', 'message/sipfrag'],
    ];
    const notify = hostile.stage.peer.within(refer.request, 'NOTIFY', 1, { headers, body: 'SIP/2.0 200 OK\r\n' });
    await hostile.stage.settle();
    expect(finalOf(notify).status).toBe(200);
    expect(told.at(-1)).toBe('succeeded 200');
    expect(hostile.session.state).toBe('confirmed');
  });

  test('may all come before the 202', async () => {
    const { hostile, told } = await referring();
    await hostile.notify('terminated;reason=noresource', 'SIP/2.0 200 OK\r\n');
    hostile.stage.peer.respond(hostile.stage.peer.last('REFER'), 202);
    await hostile.stage.settle(40_000);
    expect(told).toEqual(['accepted', 'succeeded 200']);
  });

  test.each([
    ['a bare line feed', 'SIP/2.0 200 OK\n'],
    ['no line end', 'SIP/2.0 200 OK'],
    ['header fields behind bare line feeds', 'SIP/2.0 200 OK\nServer: x\n\n'],
  ])('with %s read', async (_, body) => {
    const { hostile, told } = await referring();
    expect((await hostile.notify('terminated;reason=noresource', body)).status).toBe(200);
    expect(told.at(-1)).toBe('succeeded 200');
  });

  test.each([
    ['that are a request', 'INVITE sip:a@b SIP/2.0\r\n', 400],
    ['that are nothing', 'hello', 400],
    ['of a status that is none', 'SIP/2.0 999 X\r\n', 400],
  ])('%s do not', async (_, body, status) => {
    const { hostile, told } = await referring();
    expect((await hostile.notify('active;expires=60', body)).status).toBe(status);
    expect((await hostile.notify('terminated;reason=noresource', 'SIP/2.0 486 Busy Here\r\n')).status).toBe(200);
    expect(told.at(-1)).toBe('failed 486');
    expect(hostile.session.state).toBe('confirmed');
  });

  test('that say the name of their reason twice, as linphone does, read', async () => {
    const { hostile, told } = await referring();
    expect((await hostile.notify('terminated;reason=reason=noresource', 'SIP/2.0 200 Ok\r\n')).status).toBe(200);
    expect(told).toEqual(['accepted', 'succeeded 200']);
  });

  test('that end without a final status leave it unknown', async () => {
    const { hostile, told } = await referring();
    await hostile.notify('terminated;reason=noresource', 'SIP/2.0 100 Trying\r\n');
    expect(told).toEqual(['accepted', '100', 'unknown']);
  });

  test('that never come leave it unknown, 32 seconds after the 202', async () => {
    const { hostile, told } = await referring();
    hostile.stage.peer.respond(hostile.stage.peer.last('REFER'), 202);
    await hostile.stage.settle(31_900);
    expect(told).toEqual(['accepted']);
    await hostile.stage.settle(200);
    expect(told).toEqual(['accepted', 'unknown']);
    expect(hostile.session.state).toBe('confirmed');
  });

  test('of a final status in a subscription that goes on are the last that is asked for', async () => {
    const { hostile, told } = await referring();
    await hostile.notify('active;expires=60', 'SIP/2.0 200 OK\r\n');
    expect(told.at(-1)).toBe('succeeded 200');
    const unsubscribe = hostile.stage.peer.last('SUBSCRIBE').request;
    expect([unsubscribe.raw('Event'), unsubscribe.raw('Expires')]).toEqual(['refer', '0']);
  });

  test('in a storm are answered each, and nothing else happens', async () => {
    const { hostile, told } = await referring();
    hostile.stage.peer.respond(hostile.stage.peer.last('REFER'), 202);
    await hostile.notify('active;expires=60', 'SIP/2.0 100 Trying\r\n');
    const events = eventsOf(hostile.session);
    const storm = Array.from({ length: 1_000 }, (_, index) =>
      hostile.send(
        'NOTIFY',
        [
          ['Event', index % 2 === 0 ? 'refer;id=77' : 'dialog'],
          ['Subscription-State', 'active'],
          ['Content-Type', 'message/sipfrag'],
        ],
        'SIP/2.0 180 Ringing\r\n',
      ),
    );
    await hostile.stage.settle();
    expect(new Set(storm.map((each) => finalOf(each).status))).toEqual(new Set([481]));
    expect([told, events, hostile.session.state]).toEqual([['accepted', '100'], [], 'confirmed']);
    expect(hostile.referrals.stats().outgoing).toBe(1);
  });
});
