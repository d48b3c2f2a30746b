import { describe, expect, test } from 'vitest';
import type { Call } from './call.ts';
import { HostilePeer } from './hostile-peer.testing.ts';
import type { HostileRequest } from './hostile-peer.testing.ts';
import { TestHouse } from './phone.testing.ts';
import type { TestPhone } from './phone.testing.ts';
import type { Permissions } from './services/authorization.ts';

/** What a far end writes into REFER, NOTIFY, SUBSCRIBE, Replaces and Join is answered as the RFCs say, and no call is touched. */

const description = [
  'v=0',
  'o=- 7 1 IN IP4 192.0.2.66',
  's=-',
  'c=IN IP4 192.0.2.66',
  't=0 0',
  'm=audio 4000 RTP/AVP 0',
  'a=rtpmap:0 PCMU/8000',
  '',
].join('\r\n');
const plain = {
  tag: 'b',
  contact: '<sip:m@192.0.2.66>',
  type: '',
  body: undefined,
  extras: [],
  isWithin: true,
  of: 'ACK',
};
const sdp = { type: 'application/sdp', body: description };
const carol = '<sip:carol@192.0.2.66>';

type Extras = HostileRequest['extras'];

/** Alice's phone in a call with a peer that keeps to no rule. */
class Stage {
  readonly house: TestHouse;
  readonly alice: TestPhone;
  readonly peer: HostilePeer;
  readonly call: Call;
  readonly #before: number;
  #sequence = 0;

  private constructor(house: TestHouse, alice: TestPhone, peer: HostilePeer, call: Call) {
    this.house = house;
    this.alice = alice;
    this.peer = peer;
    this.call = call;
    this.#before = house.network.trace.entries.length;
  }

  static async set(permissions?: Permissions): Promise<Stage> {
    const house = new TestHouse();
    const alice = await house.phone('alice', { permissions });
    const peer = new HostilePeer(house);
    const call = alice.phone.dial(`sip:m@${peer.address}`);
    await house.play(50);
    peer.respond({ ...plain, ...sdp, status: 200, to: 'INVITE' });
    await house.play(300);
    return new Stage(house, alice, peer, call);
  }

  /** The status that a request gets. */
  async answerTo(method: string, extras: Extras, more: Partial<HostileRequest> = {}): Promise<number | undefined> {
    this.#sequence += 1;
    this.peer.request({ ...plain, method, extras, sequence: this.#sequence, ...more }, this.alice);
    await this.house.play(200);
    return this.peer.statusOf(method);
  }

  /** Takes the report that there is, and the last one, a second after it (RFC 3515 3.10). */
  async lastReport(): Promise<string | undefined> {
    this.peer.respond({ ...plain, status: 200, to: 'NOTIFY' });
    await this.house.play(2_000);
    this.peer.respond({ ...plain, status: 200, to: 'NOTIFY' });
    return this.sent('NOTIFY').at(-1);
  }

  /** The requests of a method that the phone has sent since the call stands. */
  sent(method: string): readonly string[] {
    const { entries } = this.house.network.trace;
    const since = entries.slice(this.#before).filter(({ from }) => from.host === 'alice');
    return since.map(({ text }) => text).filter((text) => text.startsWith(`${method} `));
  }

  /** The call goes on as nothing had happened, and afterwards nothing is left of anything. */
  async isAsItWas(): Promise<void> {
    expect([this.alice.phone.calls, this.call.state]).toEqual([[this.call], 'connected']);
    expect(this.sent('BYE')).toEqual([]);
    this.call.hangUp().catch(() => undefined);
    await this.house.play(140_000);
    for (const leftOver of await this.house.stop()) expect(leftOver).toEqual({});
  }
}

const ids = 'a;to-tag=b;from-tag=c';
const escapedIds = 'a%3Bto-tag%3Db%3Bfrom-tag%3Dc';

describe('a REFER within the call', () => {
  test.each<[string, Extras, number]>([
    ['that refers to nobody', [], 400],
    [
      'to two',
      [
        ['Refer-To', carol],
        ['r', carol],
      ],
      400,
    ],
    ['with 10 KB of Refer-To', [['Refer-To', `<sip:${'c'.repeat(10_000)}@192.0.2.66>`]], 400],
    ['with an address in an address', [['Refer-To', `<sip:carol@192.0.2.66?Refer-To=${carol}>`]], 400],
    ['to whose phone it is', [['Refer-To', '<sip:%61lice@192.0.2.1:5060;transport=udp>']], 603],
    ['to a page', [['Refer-To', '<https://192.0.2.66/>']], 603],
    ['that asks for a BYE', [['Refer-To', '<sip:carol@192.0.2.66;method=BYE>']], 603],
    ['that asks for a REFER', [['Refer-To', '<sip:carol@192.0.2.66;method=REFER>']], 603],
    ['that asks for what nobody knows', [['Refer-To', '<sip:carol@192.0.2.66;method=DANCE>']], 603],
    ['with Replaces in Replaces', [['Refer-To', `<sip:c@192.0.2.66?Replaces=${escapedIds}%3FReplaces%3Dx>`]], 400],
    ['with two Replaces', [['Refer-To', `<sip:c@192.0.2.66?Replaces=${escapedIds}&Replaces=${escapedIds}>`]], 400],
    ['with two in one', [['Refer-To', `<sip:c@192.0.2.66?Replaces=${escapedIds}%2C${escapedIds}>`]], 400],
    ['with Replaces and Join', [['Refer-To', `<sip:c@192.0.2.66?Replaces=${escapedIds}&Join=${escapedIds}>`]], 400],
    ['with a line end', [['Refer-To', '<sip:c@192.0.2.66?Subject=x%0D%0AEvil%3A%20x>']], 400],
    [
      'that is to replace something itself (RFC 3891 3)',
      [
        ['Refer-To', carol],
        ['Replaces', ids],
      ],
      400,
    ],
  ])('%s is refused', async (_, extras, status) => {
    const stage = await Stage.set();
    expect(await stage.answerTo('REFER', extras)).toBe(status);
    expect([stage.sent('INVITE'), stage.sent('NOTIFY')]).toEqual([[], []]);
    await stage.isAsItWas();
  });

  test('is one of this call whatever does not read in its Target-Dialog (RFC 4538 4)', async () => {
    const stage = await Stage.set();
    const extras: Extras = [
      ['Refer-To', carol],
      ['Target-Dialog', 'x'],
    ];
    expect(await stage.answerTo('REFER', extras)).toBe(200);
    stage.peer.respond({ ...plain, tag: 'c', status: 486, to: 'INVITE' });
    expect(await stage.lastReport()).toContain('SIP/2.0 486');
    await stage.isAsItWas();
  });

  test('writes nothing into the INVITE but what may be granted', async () => {
    const stage = await Stage.set();
    const headers = [
      'Route=%3Csip:192.0.2.99%3Blr%3E',
      'From=%3Csip:x%40evil.example%3E',
      'To=%3Csip:x%40evil.example%3E',
      'Contact=%3Csip:x%40evil.example%3E',
      'P-Asserted-Identity=%3Csip:x%40evil.example%3E',
      'Referred-By=%3Csip:x%40evil.example%3E',
      'Via=evil',
      'CSeq=9%20BYE',
      'Content-Length=99',
      'Content-Type=text/evil',
      'body=evil',
      'Subject=granted',
    ];
    expect(await stage.answerTo('REFER', [['Refer-To', `<sip:carol@192.0.2.66?${headers.join('&')}>`]])).toBe(200);
    const [invite = ''] = stage.sent('INVITE');
    expect(invite).toMatch(/^INVITE sip:carol@192\.0\.2\.66 SIP\/2\.0\r\n/);
    expect(invite).toContain('Subject: granted\r\n');
    expect(invite).not.toMatch(/evil|192\.0\.2\.99|Content-Length: 99|CSeq: 9/);
    stage.peer.respond({ ...plain, tag: 'c', status: 486, to: 'INVITE' });
    expect(await stage.lastReport()).toContain('SIP/2.0 486');
    await stage.isAsItWas();
  });

  test.each([
    ['by an address without a user', '<sip:192.0.2.1>', undefined],
    ['by a redirection', carol, '<sip:alice@192.0.2.1>'],
  ])('that leads in a circle %s rings nobody: 482 is what comes of it', async (_, referTo, redirection) => {
    const stage = await Stage.set();
    expect(await stage.answerTo('REFER', [['Refer-To', referTo]])).toBe(200);
    if (redirection !== undefined)
      stage.peer.respond({ ...plain, tag: 'c', status: 302, to: 'INVITE', contact: redirection });
    expect(await stage.lastReport()).toContain('SIP/2.0 482');
    expect(stage.alice.story.filter((line) => line.includes('from alice'))).toEqual([]);
    await stage.isAsItWas();
  });

  test('of many at once one is followed, and the others wait for their turn', async () => {
    const stage = await Stage.set();
    const answers: (number | undefined)[] = [];
    for (let index = 0; index < 5; index += 1) answers.push(await stage.answerTo('REFER', [['Refer-To', carol]]));
    expect(answers).toEqual([200, 491, 491, 491, 491]);
    expect(stage.alice.phone.calls).toHaveLength(2);
    stage.peer.respond({ ...plain, tag: 'c', status: 603, to: 'INVITE' });
    expect(await stage.lastReport()).toContain('SIP/2.0 603');
    await stage.isAsItWas();
  });
});

describe('an INVITE that claims the call', () => {
  const named = ({ session }: Call, more = ''): string => {
    const { callId = '', localTag = '', remoteTag = '' } = session?.dialog ?? {};
    return `${callId};to-tag=${localTag};from-tag=${remoteTag}${more}`;
  };
  test.each<[string, (call: Call) => Extras, number, number]>([
    ['by all its ids', (call) => [['Replaces', named(call, ';early-only')]], 403, 486],
    ['that is not there', () => [['Replaces', ids]], 403, 481],
    ['to join one that is not there', () => [['Join', ids]], 403, 481],
    [
      'twice',
      (call) => [
        ['Replaces', named(call)],
        ['Replaces', named(call)],
      ],
      400,
      400,
    ],
    ['twice in one', (call) => [['Replaces', `${named(call)}, ${named(call)}`]], 400, 400],
    ['by Replaces in Replaces', (call) => [['Replaces', named(call, '?Replaces=x')]], 400, 400],
    [
      'to replace and to join it',
      (call) => [
        ['Replaces', named(call)],
        ['Join', named(call)],
      ],
      400,
      400,
    ],
    [
      'as one whom the far end has sent',
      (call) => [
        ['Replaces', named(call, ';early-only')],
        ['Referred-By', '<sip:m@192.0.2.66>'],
      ],
      403,
      486,
    ],
  ])('%s is refused to strangers and to the group', async (_, extras, stranger, known) => {
    for (const [permissions, status] of [
      [undefined, stranger],
      [{ identity: 'claimed', group: ['m@192.0.2.66'] } as const, known],
    ] as const) {
      const stage = await Stage.set(permissions);
      const claim = { ...sdp, tag: 'r', isWithin: false };
      expect(await stage.answerTo('INVITE', extras(stage.call), claim)).toBe(status);
      await stage.isAsItWas();
    }
  });
});

test('a NOTIFY that is not in order changes nothing about what is watched, nor about the call', async () => {
  const stage = await Stage.set();
  const watched = stage.alice.phone.watch('sip:w@192.0.2.66');
  await stage.house.play(100);
  stage.peer.respond({ ...plain, tag: 'w', status: 200, to: 'SUBSCRIBE', extras: [['Expires', '3600']] });
  const notify = (body: string, extras: Extras = [['Event', 'dialog']]): Promise<number | undefined> =>
    stage.answerTo('NOTIFY', [...extras, ['Subscription-State', 'active;expires=3600']], {
      tag: 'w',
      type: 'application/dialog-info+xml',
      of: 'SUBSCRIBE',
      body,
    });
  const root = (version: string, state: string, inner: string, name = 'dialog-info'): string =>
    `<${name} xmlns="urn:ietf:params:xml:ns:dialog-info" version="${version}" state="${state}" entity="sip:w@x">${inner}</${name}>`;
  const dialog = (id: string): string => `<dialog id="${id}"><state>early</state></dialog>`;
  const ids = (): readonly string[] | undefined => watched.latest?.dialogs.map(({ id }) => id);
  expect(await notify(root('5', 'partial', dialog('1')))).toBe(200);
  expect(ids()).toEqual(['1']);
  expect(await notify(root('6', 'full', `<x:y xmlns:x="urn:x"/><z/>${dialog('2')}`))).toBe(200);
  expect(ids()).toEqual(['2']);
  for (const [what, body, status] of [
    ['a version that jumps back', root('5', 'full', dialog('3')), 200],
    ['the same version with changes', root('6', 'partial', dialog('3')), 200],
    ['a version over all', root('4294967296', 'full', dialog('3')), 400],
    ['another root', root('7', 'full', dialog('3'), 'presence'), 400],
    ['an entity bomb', `<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]>${root('7', 'full', dialog('&c;'))}`, 400],
    ['a file for an entity', `<!DOCTYPE a SYSTEM "file:///etc/passwd">${root('7', 'full', dialog('3'))}`, 400],
    ['a deep one', root('7', 'full', '<a>'.repeat(3_000) + '</a>'.repeat(3_000)), 413],
    ['one that breaks off', root('7', 'full', dialog('3')).slice(0, 150), 400],
  ] as const) {
    expect([what, await notify(body), ids()]).toEqual([what, status, ['2']]);
  }
  expect(await notify('', [['Event', 'dialog;id=7']])).toBe(481);
  expect(await notify('', [['Event', 'dance']])).toBe(489);
  const storm = await Promise.all(Array.from({ length: 200 }, () => notify(root('1', 'full', dialog('3')))));
  expect(new Set(storm)).toEqual(new Set([200]));
  expect([ids(), watched.status]).toEqual([['2'], 'active']);
  void watched.unsubscribe();
  await stage.isAsItWas();
});

describe('a SUBSCRIBE', () => {
  test.each<[string, boolean, Extras, number, string | undefined]>([
    [
      'that fetches',
      false,
      [
        ['Event', 'dialog'],
        ['Expires', '0'],
      ],
      200,
      '0',
    ],
    [
      'for 136 years',
      false,
      [
        ['Event', 'dialog'],
        ['Expires', '4294967295'],
      ],
      200,
      '7200',
    ],
    [
      'for longer',
      false,
      [
        ['Event', 'dialog'],
        ['Expires', '99999999999'],
      ],
      400,
      undefined,
    ],
    [
      'to two events',
      false,
      [
        ['Event', 'dialog'],
        ['o', 'dialog'],
      ],
      400,
      undefined,
    ],
    ['to reports that nobody has referred for', true, [['Event', 'refer']], 403, undefined],
    ['to what nobody knows', true, [['Event', 'dance']], 489, undefined],
  ])('%s gets what it may', async (_, isWithin, extras, status, expires) => {
    const stage = await Stage.set({ identity: 'claimed', watchDialogs: 'everybody' });
    const tag = isWithin ? 'b' : 's';
    expect(await stage.answerTo('SUBSCRIBE', extras, { isWithin, tag })).toBe(status);
    expect(stage.peer.answer('Expires')).toBe(expires);
    expect(stage.sent('NOTIFY')).toHaveLength(status === 200 ? 1 : 0);
    await stage.isAsItWas();
  });
});
