import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Call } from '../call.ts';
import { PhoneError } from '../failure.ts';
import { answering, TestHouse } from '../phone.testing.ts';
import type { Phone } from '../phone.ts';
import type { TestPhone } from '../phone.testing.ts';
import type { CallLink } from './call-link.ts';

let house: TestHouse;
let alice: TestPhone;
let bob: TestPhone;
let carol: TestPhone;
const links = new WeakMap<Phone, CallLink>();

beforeEach(async () => {
  house = new TestHouse();
  alice = await house.phone('alice');
  bob = await house.phone('bob');
  carol = await house.phone('carol');
  carol.phone.onEvent((event) => {
    if (event.kind === 'message' && event.message.link !== undefined) links.set(carol.phone, event.message.link);
  });
});

afterEach(async () => {
  for (const leftOver of await house.stop()) expect(leftOver).toEqual({});
});

function outcomeOf<T>(promise: Promise<T>, milliseconds = 500): Promise<T | PhoneError> {
  return house.outcomeOf(promise, milliseconds);
}

async function connected(from: TestPhone, to: TestPhone): Promise<Call> {
  const call = await outcomeOf(from.phone.call(to.uri));
  if (call instanceof PhoneError) throw call;
  return call;
}

/** The requests that went over the network since then, and who sent them. */
function requestsSince(from: number): string[] {
  return house.network.trace.entries
    .slice(from)
    .filter(({ text }) => /^[A-Z]+ sip/.test(text) && !text.startsWith('ACK'))
    .map(({ from: { host }, text }) => `${host} ${text.slice(0, text.indexOf(' '))}`);
}

describe('unattended (RFC 5359 2.4)', () => {
  test('the far end is handed on, and who did it is out of it at once', async () => {
    for (const phone of [bob, carol]) answering(phone);
    const call = await connected(alice, bob);
    const before = house.network.trace.entries.length;
    const transferred = call.transfer(carol.uri);
    await house.play(60);
    expect(call.state).toBe('ended');
    expect(await outcomeOf(transferred)).toBeUndefined();
    expect(requestsSince(before)).toEqual(['alice REFER', 'bob NOTIFY', 'bob INVITE', 'alice BYE', 'bob NOTIFY']);
    const [invite] = house.network.trace.entries.slice(before).filter(({ text }) => text.startsWith('INVITE'));
    expect(invite?.text).toContain(`Referred-By: <${alice.uri}>`);
    expect(await house.heard(alice, bob, carol)).toEqual(['silence', 'sound', 'sound']);
    expect(bob.phone.calls.map(({ remote }) => remote.name)).toEqual(['carol']);
    expect(alice.story.slice(-4)).toEqual([
      'transfer to carol: accepted',
      '1 not active',
      '1 ended hung-up',
      'transfer to carol: succeeded',
    ]);
  });

  test('when all have hung up, nothing is left but the INVITE to which another 2xx may come (RFC 3261 13.2.2.4)', async () => {
    for (const phone of [bob, carol]) answering(phone);
    const call = await connected(alice, bob);
    expect(await outcomeOf(call.transfer(carol.uri))).toBeUndefined();
    await Promise.all([...bob.phone.calls.map((each) => each.hangUp()), house.play(500)]);
    const all = [alice, bob, carol];
    // Whoever called may get another 2xx; who was called has nothing to wait for.
    expect(all.map(({ phone }) => phone.stats().sessions)).toEqual([1, 1, 0]);
    expect(all.map(({ phone }) => phone.stats().streams)).toEqual([0, 0, 0]);
    await house.play(32_000);
    expect(all.map(({ phone }) => phone.stats().sessions)).toEqual([0, 0, 0]);
    expect(all.map(({ phone }) => phone.stats().dialogs)).toEqual([0, 0, 0]);
  });

  test.each([
    ['busy', 486, 'carol is busy (486)'],
    ['declined', 603, 'carol declined (603)'],
  ] as const)(
    'C2.4-08 a target that is %s: the failure comes back, and the far end can call back',
    async (as, status, message) => {
      answering(bob);
      carol.phone.onIncomingCall((call) => void call.reject(as));
      const call = await connected(alice, bob);
      expect(await outcomeOf(call.transfer(carol.uri))).toMatchObject({ message, failure: { status } });
      expect(bob.story).toContain('alice refers to carol: failed');
      answering(alice);
      expect(await connected(bob, alice)).toMatchObject({ state: 'connected' });
    },
  );

  test('who stays has the call again when it fails, and is out of it when it does not', async () => {
    answering(bob);
    const stopRejecting = carol.phone.onIncomingCall((call) => void call.reject('busy'));
    const call = await connected(alice, bob);
    expect(await outcomeOf(call.transfer(carol.uri, { stay: true }))).toBeInstanceOf(PhoneError);
    expect(await house.heard(alice, bob)).toEqual(['sound', 'sound']);
    stopRejecting();
    answering(carol);
    expect(await outcomeOf(call.transfer(carol.uri, { stay: true }))).toBeUndefined();
    expect(await house.heard(alice, bob, carol)).toEqual(['silence', 'sound', 'sound']);
    const notified = house.network.trace.entries.filter(({ text }) => text.startsWith('NOTIFY'));
    expect(notified.at(-1)?.text).toMatch(/^Event: refer;id=\d+\r$/m);
  });

  test.each([0, 10, 20, 30, 50, 100, 500, 1_000, 2_000])(
    'who hangs up %i ms after asking hurts nobody',
    async (delay) => {
      for (const phone of [bob, carol]) answering(phone);
      const call = await connected(alice, bob);
      const transferred = call.transfer(carol.uri, { stay: true });
      house.context.clock.after(delay, () => void call.hangUp());
      expect(await outcomeOf(transferred, 3_000)).toBeUndefined();
      expect(await house.heard(bob, carol)).toEqual(['sound', 'sound']);
    },
  );

  test('C2.18-07 is refused by a phone whose far end is not in a call with it', async () => {
    answering(bob);
    await connected(alice, bob);
    const refused = await outcomeOf(carol.phone.dialWith(bob.uri, alice.uri));
    expect(refused).toMatchObject({ failure: { kind: 'forbidden', status: 403 } });
    expect(bob.story.some((line) => line.includes('refers'))).toBe(false);
    expect(bob.phone.calls).toHaveLength(1);
  });

  test('is done once at a time', async () => {
    answering(bob);
    const call = await connected(alice, bob);
    const first = outcomeOf(call.transfer(carol.uri, { stay: true }));
    const second = await outcomeOf(call.transfer(carol.uri));
    expect(second).toMatchObject({ failure: { kind: 'not-now' } });
    await outcomeOf(Promise.resolve(carol.phone.calls[0]?.reject('busy')));
    expect(await first).toMatchObject({ failure: { status: 486 } });
    await outcomeOf(call.hangUp());
  });
});

describe('a far end whose Contact is a GRUU (RFC 7647 4)', () => {
  /** The REFERs that went over the network: their Call-IDs, and what Target-Dialog says. */
  function refers(): { readonly inCall: boolean; readonly targetDialog: string | undefined }[] {
    const requests = house.network.trace.entries.map(({ text }) => text);
    const callId = idOf(requests.find((text) => text.startsWith('INVITE')) ?? '');
    return requests
      .filter((text) => text.startsWith('REFER'))
      .map((text) => ({
        inCall: idOf(text) === callId,
        targetDialog: /^Target-Dialog: (.*)\r$/m.exec(text)?.[1],
      }));
  }

  const idOf = (text: string): string | undefined => /^Call-ID: (.*)\r$/m.exec(text)?.[1];

  test('is referred outside of the call, which the far end finds by its own tags', async () => {
    const dan = await house.phone('dan', { contact: 'sip:dan@192.0.2.4;gr=1', permissions: { identity: 'claimed' } });
    for (const phone of [dan, carol]) answering(phone);
    const call = await connected(alice, dan);
    const [answer] = house.network.trace.entries.filter(({ text }) => /^SIP\/2\.0 200/.test(text));
    const tag = (header: string): string =>
      new RegExp(`^${header}: .*tag=(.*)\r$`, 'm').exec(answer?.text ?? '')?.[1] ?? '';
    expect(await outcomeOf(call.transfer(carol.uri))).toBeUndefined();
    expect(refers()).toEqual([
      {
        inCall: false,
        targetDialog: `${idOf(answer?.text ?? '') ?? ''};local-tag=${tag('To')};remote-tag=${tag('From')}`,
      },
    ]);
    expect(dan.story).toContain('alice refers to carol: followed');
    expect(await house.heard(alice, dan, carol)).toEqual(['silence', 'sound', 'sound']);
  });

  test('and who does not believe there who asks, is referred in the call', async () => {
    const dan = await house.phone('dan', { contact: 'sip:dan@192.0.2.4;gr=1' });
    for (const phone of [dan, carol]) answering(phone);
    const call = await connected(alice, dan);
    expect(await outcomeOf(call.transfer(carol.uri))).toBeUndefined();
    expect(refers().map(({ inCall }) => inCall)).toEqual([false, true]);
    expect(alice.story.filter((line) => line.startsWith('transfer'))).toEqual([
      'transfer to carol: accepted',
      'transfer to carol: succeeded',
    ]);
  });

  test('and who says no, is not asked again', async () => {
    const dan = await house.phone('dan', {
      contact: 'sip:dan@192.0.2.4;gr=1',
      permissions: { refer: { allow: 'nobody', ask: 'everybody' } },
    });
    answering(dan);
    dan.phone.onEvent((event) => {
      if (event.kind === 'referral' && event.state === 'asked') event.referral.refuse();
    });
    const call = await connected(alice, dan);
    expect(await outcomeOf(call.transfer(carol.uri))).toMatchObject({ failure: { status: 603 } });
    expect(refers()).toHaveLength(1);
  });
});

describe('attended (RFC 5359 2.5)', () => {
  /** Without an exchange that proves who calls. */
  const trusting = { permissions: { identity: 'claimed' } } as const;

  test('the far ends of two calls have each other, and who did it has neither', async () => {
    const dave = await house.phone('dave', trusting);
    for (const phone of [bob, dave]) answering(phone);
    const call = await connected(alice, bob);
    const consultation = await connected(alice, dave);
    const before = house.network.trace.entries.length;
    expect(await outcomeOf(call.transferTo(consultation), 1_000)).toBeUndefined();
    expect(requestsSince(before)).toEqual([
      'alice INVITE',
      'alice REFER',
      'bob NOTIFY',
      'bob INVITE',
      'bob NOTIFY',
      'dave BYE',
      'alice BYE',
    ]);
    expect(alice.phone.calls).toEqual([]);
    expect(await house.heard(alice, bob, dave)).toEqual(['silence', 'sound', 'sound']);
    expect(dave.phone.calls.map(({ remote }) => remote.name)).toEqual(['bob']);
    const refer = house.network.trace.entries.find(({ text }) => text.startsWith('REFER'))?.text ?? '';
    expect(refer).toMatch(/^Refer-To: <sip:dave@192\.0\.2\.4:5060\?Replaces=[^&]+&Require=replaces>\r$/m);
  });

  test('C2.5-13 one that is not allowed leaves both calls on hold, and either can be taken up again', async () => {
    // Carol believes nobody who says that he was sent by Alice.
    for (const phone of [bob, carol]) answering(phone);
    const call = await connected(alice, bob);
    const consultation = await connected(alice, carol);
    const failed = await outcomeOf(call.transferTo(consultation), 2_000);
    expect(failed).toMatchObject({ failure: { kind: 'forbidden', status: 403 } });
    expect([call.localHold, consultation.localHold]).toEqual([true, true]);
    const refers = house.network.trace.entries.filter(({ text }) => text.startsWith('REFER'));
    // First to her contact, then to her address (RFC 5359 2.5).
    expect(refers.map(({ text }) => /^Refer-To: <([^?]+)/m.exec(text)?.[1])).toEqual([
      'sip:carol@192.0.2.3:5060',
      'sip:carol@192.0.2.3',
    ]);
    await outcomeOf(call.resume());
    expect(await house.heard(alice, bob, carol)).toEqual(['sound', 'sound', 'silence']);
    await outcomeOf(alice.phone.switchTo(consultation));
    expect(await house.heard(alice, bob, carol)).toEqual(['sound', 'silence', 'sound']);
  });

  test('who has hung up meanwhile is not called anew: it fails, and the other call is as it was', async () => {
    for (const phone of [bob, carol]) answering(phone);
    const call = await connected(alice, bob);
    const other = await connected(alice, carol);
    await outcomeOf(carol.phone.calls[0]?.hangUp() ?? Promise.resolve());
    const before = house.network.trace.entries.length;
    expect(await outcomeOf(call.transferTo(other))).toMatchObject({ failure: { kind: 'ended' } });
    expect(requestsSince(before)).toEqual([]);
    // Her goodbye comes while Bob is being put on hold.
    await outcomeOf(call.resume());
    const again = await connected(alice, carol);
    await outcomeOf(call.resume());
    const transferred = call.transferTo(again);
    void carol.phone.calls[0]?.hangUp();
    expect(await outcomeOf(transferred)).toMatchObject({ failure: { kind: 'ended' } });
    expect(requestsSince(before).filter((line) => line.includes('REFER'))).toEqual([]);
    expect(call.state).toBe('connected');
  });

  test('C2.5-11 while the target still rings it is given up, and the far end calls in its place', async () => {
    answering(bob);
    const call = await connected(alice, bob);
    const consultation = alice.phone.dial(carol.uri);
    await house.play(300);
    expect(consultation.state).toBe('ringing');
    const transferred = call.transferTo(consultation);
    await house.play(500);
    expect(consultation.state).toBe('ended');
    await outcomeOf(Promise.resolve(carol.phone.calls[0]?.answer()));
    expect(await outcomeOf(transferred)).toBeUndefined();
    expect(alice.phone.calls).toEqual([]);
    expect(await house.heard(alice, bob, carol)).toEqual(['silence', 'sound', 'sound']);
  });
});

describe('by message (RFC 5359 2.6)', () => {
  test('sends a link with the place of this side in the call', async () => {
    answering(bob);
    const call = await connected(alice, bob);
    expect(await outcomeOf(call.transferByMessage(carol.uri))).toBeUndefined();
    expect(carol.story).toEqual(['alice: Please take over my call: bob']);
    const sent = house.network.trace.entries.find(({ text }) => text.startsWith('MESSAGE'))?.text ?? '';
    const { callId = '', localTag, remoteTag } = call.session?.dialog ?? {};
    expect(sent).toContain(
      `?Replaces=${callId}%3Bto-tag%3D${remoteTag ?? ''}%3Bfrom-tag%3D${localTag ?? ''}%3Bfor%3D%22sip:carol%40192.0.2.3%22&amp;Require=replaces">`,
    );
    await outcomeOf(call.hangUp());
  });

  test('who follows the link has the call, once', async () => {
    const dave = await house.phone('dave', { permissions: { identity: 'claimed', group: ['carol@192.0.2.3'] } });
    answering(dave);
    const call = await connected(alice, dave);
    await outcomeOf(call.transferByMessage(carol.uri));
    const link = linkOf(carol);
    expect(link).toMatchObject({ target: { name: 'dave' }, replaces: true });
    const followed = link.follow();
    expect(() => link.follow()).toThrow(PhoneError);
    await house.play(1_000);
    expect([followed.state, call.state]).toEqual(['connected', 'ended']);
    expect(await house.heard(alice, carol, dave)).toEqual(['silence', 'sound', 'sound']);
    expect(() => link.follow()).toThrow(PhoneError);
  });

  /** Dave, in whose group carol and erin are, talks to alice, who has offered that call to carol by a message. */
  async function offered(): Promise<{ dave: TestPhone; erin: TestPhone; call: Call }> {
    const group = ['carol@192.0.2.3', 'erin@192.0.2.5'];
    const dave = await house.phone('dave', { permissions: { identity: 'claimed', group } });
    const erin = await house.phone('erin');
    answering(dave);
    const call = await connected(alice, dave);
    await outcomeOf(call.transferByMessage(carol.uri));
    return { dave, erin, call };
  }

  test('it is for whom it was sent to: somebody else with a copy is refused, whatever he may else, and it works on', async () => {
    const { dave, erin, call } = await offered();
    const copy = await copied(erin);
    expect(copy).toMatchObject({ target: { name: 'dave' }, replaces: true });
    const stolen = copy.follow();
    await house.play(1_000);
    expect(stolen.end).toMatchObject({ kind: 'failed', failure: { kind: 'forbidden', status: 403 } });
    expect([dave.phone.calls.length, await house.heard(alice, dave)]).toEqual([1, ['sound', 'sound']]);
    const followed = linkOf(carol).follow();
    await house.play(1_000);
    expect([followed.state, call.state]).toEqual(['connected', 'ended']);
    expect(await house.heard(alice, carol, dave)).toEqual(['silence', 'sound', 'sound']);
  });

  test('a link in the plain text of a plain phone does: who follows it says who has sent it, and needs no other right', async () => {
    const dave = await house.phone('dave', { permissions: { identity: 'claimed' } });
    answering(dave);
    const { dialog } = (await connected(alice, dave)).session ?? {};
    if (dialog === undefined) throw new Error('there is no call');
    const { callId, localTag, remoteTag, remoteTarget } = dialog;
    const replaces = `${callId}%3Bto-tag%3D${remoteTag}%3Bfrom-tag%3D${localTag}`;
    const uri = `${remoteTarget.toString()}?Replaces=${replaces}&Require=replaces`;
    await outcomeOf(alice.phone.sendMessage(carol.uri, `Take this: ${uri}`));
    const before = house.network.trace.entries.length;
    const followed = linkOf(carol).follow();
    await house.play(1_000);
    const invite = house.network.trace.entries.slice(before).find(({ text: each }) => each.startsWith('INVITE'));
    expect(invite?.text).toContain(`Referred-By: <${alice.uri}>`);
    expect(followed.state).toBe('connected');
    expect(await house.heard(alice, carol, dave)).toEqual(['silence', 'sound', 'sound']);
  });

  test('C2.6-09 a stranger who follows it is refused, and the call goes on', async () => {
    answering(bob);
    const call = await connected(alice, bob);
    await outcomeOf(call.transferByMessage(carol.uri));
    const followed = linkOf(carol).follow();
    await house.play(1_000);
    expect(followed.end).toMatchObject({ kind: 'failed', failure: { status: 403 } });
    expect(await house.heard(alice, bob)).toEqual(['sound', 'sound']);
  });

  test('a link that somebody else has followed, or whose call is over, comes to nothing, and nobody rings', async () => {
    const { dave, erin } = await offered();
    const link = linkOf(carol);
    const copy = await copied(carol);
    const followed = link.follow();
    await house.play(1_000);
    const late = copy.follow();
    await house.play(1_000);
    expect(late.end).toMatchObject({ kind: 'failed', failure: { status: 603 } });
    // Somebody else does not even learn that.
    const stolen = (await copied(erin)).follow();
    await house.play(1_000);
    expect(stolen.end).toMatchObject({ kind: 'failed', failure: { status: 403 } });
    expect([followed.state, dave.phone.calls.length]).toEqual(['connected', 1]);
    await outcomeOf(followed.resume());
    expect(await house.heard(carol, dave)).toEqual(['sound', 'sound']);
  });

  test('a plain text will do, and nothing is done about it by itself', async () => {
    const before = house.network.trace.entries.length;
    await outcomeOf(alice.phone.sendMessage(carol.uri, `Try ${bob.uri}, he knows.`));
    expect(requestsSince(before)).toEqual(['alice MESSAGE']);
    answering(bob);
    const link = linkOf(carol);
    expect(link).toMatchObject({ target: { uri: bob.uri }, replaces: false });
    const followed = link.follow();
    await house.play(500);
    expect(followed.state).toBe('connected');
  });
});

/** Somebody else gets the link that Alice has sent last, as it stands in a text. */
async function copied(to: TestPhone): Promise<CallLink> {
  const texts = house.network.trace.entries.map(({ text }) => text).filter((text) => text.includes('href="'));
  const link = /href="([^"]*)"/.exec(texts.at(-1) ?? '')?.[1]?.replaceAll('&amp;', '&') ?? '';
  const came: CallLink[] = [];
  const unlisten = to.phone.onEvent((event) => {
    if (event.kind === 'message' && event.message.link !== undefined) came.push(event.message.link);
  });
  await outcomeOf(alice.phone.sendMessage(to.uri, `As I was told: ${link}`));
  unlisten();
  const [copy] = came;
  if (copy === undefined) throw new Error('there was no link');
  return copy;
}

/** The link in the last text that came. */
function linkOf({ phone }: TestPhone): CallLink {
  const link = links.get(phone);
  if (link === undefined) throw new Error('there was no link');
  return link;
}

describe('click to dial (RFC 5359 2.18)', () => {
  test('a phone that its person has told to calls at once, and makes no dialog with who asked', async () => {
    const desk = await house.phone('desk', { permissions: { identity: 'claimed', refer: { allow: 'everybody' } } });
    answering(carol);
    const before = house.network.trace.entries.length;
    expect(await outcomeOf(alice.phone.dialWith(desk.uri, carol.uri))).toBeUndefined();
    expect(requestsSince(before)).toEqual(['alice REFER', 'desk INVITE']);
    expect(await house.heard(desk, carol)).toEqual(['sound', 'sound']);
    expect(alice.phone.stats()).toMatchObject({ dialogs: 0, calls: 0 });
  });

  test.each([
    ['yes', ['alice refers to carol: asked', 'alice refers to carol: followed', 'alice refers to carol: succeeded']],
    ['no', ['alice refers to carol: asked', 'alice refers to carol: refused']],
  ])('C2.4-11 C2.18-04 a person who is asked says %s', async (word, story) => {
    const rule = { allow: 'nobody', ask: 'everybody' } as const;
    const desk = await house.phone('desk', { permissions: { refer: rule } });
    answering(carol);
    desk.phone.onEvent((event) => {
      if (event.kind !== 'referral' || event.state !== 'asked') return;
      const { referral } = event;
      house.context.clock.after(5_000, () => {
        if (word === 'yes') referral.accept();
        else referral.refuse();
      });
    });
    const asked = alice.phone.dialWith(desk.uri, carol.uri);
    await house.play(4_000);
    expect(carol.phone.calls).toEqual([]);
    expect(await outcomeOf(asked, 3_000)).toBeUndefined();
    expect(desk.story.filter((line) => line.includes('refers'))).toEqual(story);
    expect(carol.phone.calls).toHaveLength(word === 'yes' ? 1 : 0);
  });
});
