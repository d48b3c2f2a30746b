import { NameAddr, parseUri, referTo, targetDialogOf, SipUri } from '@switchhook/sip';
import type { Uri } from '@switchhook/sip';
import { describe, expect, test } from 'vitest';
import { eventsOf, storyOf } from './invite-sessions.testing.ts';
import { ReferralStage, toldOf } from './referral.testing.ts';

const carol = NameAddr.of({ uri: 'sip:carol@example.com' });

function uri(text: string): Uri {
  const read = parseUri(text);
  if (!('equals' in read)) throw new Error(read.reason);
  return read;
}

describe('a REFER in the dialog of a call (RFC 3515)', () => {
  test('CX-14 is accepted, reported on, and ends with the last report', async () => {
    const { stage, session, theirs } = await ReferralStage.connected();
    const from = stage.network.trace.entries.length;
    const referral = stage.alice.referrals.refer({
      within: session.dialog,
      referTo: carol,
      referredBy: stage.alice.agent.address,
    });
    const told = toldOf(referral);
    await stage.settle();
    const { asked } = stage.bob;
    expect(asked.session).toBe(theirs);
    expect(asked.reference).toMatchObject({ method: 'INVITE', headers: [] });
    expect(asked.reference.uri.toString()).toBe('sip:carol@example.com');
    expect(asked.headers).toEqual([['Referred-By', '<sip:alice@example.com>']]);
    expect(told).toEqual([]);
    expect(asked.accept()).toBe(true);
    await stage.settle(2_000);
    asked.progress(180);
    await stage.settle(2_000);
    asked.finish(200);
    await stage.settle();
    expect(told).toEqual(['accepted', '100', '180', 'succeeded 200']);
    expect(await referral.outcome).toEqual({ kind: 'succeeded', status: 200, reason: 'OK' });
    expect(storyOf(stage.network, from)).toEqual([
      'alice: REFER',
      'bob: 200 REFER',
      'bob: NOTIFY',
      'alice: 200 NOTIFY',
      'bob: NOTIFY',
      'alice: 200 NOTIFY',
      'bob: NOTIFY',
      'alice: 200 NOTIFY',
    ]);
    const [first, , last] = stage.network.trace.entries
      .map(({ text }) => text)
      .filter((text) => text.startsWith('NOTIFY'));
    expect(first).toMatch(/^Event: refer\r$/m);
    expect(first).toMatch(/^Subscription-State: active;expires=300\r$/m);
    expect(first).toMatch(/^Content-Type: message\/sipfrag\r$/m);
    expect(first).toContain('\r\n\r\nSIP/2.0 100 Trying\r\n');
    expect(last).toMatch(/^Subscription-State: terminated;reason=noresource\r$/m);
    expect(last).toContain('\r\n\r\nSIP/2.0 200 OK\r\n');
    expect(session.state).toBe('confirmed');
    void session.hangUp();
    expect(await stage.leftOvers()).toEqual([]);
  });

  test('C2.4-06 C2.4-07 goes on being reported after the BYE, and the dialog ends with the last report (RFC 5057)', async () => {
    const { stage, session } = await ReferralStage.connected();
    const told = toldOf(stage.alice.referrals.refer({ within: session.dialog, referTo: carol }));
    await stage.settle();
    stage.bob.asked.accept();
    await stage.settle();
    void session.hangUp();
    await stage.settle();
    expect(session.dialog.state).toBe('confirmed');
    stage.bob.asked.finish(486, 'Busy Here');
    await stage.settle();
    expect(told).toEqual(['accepted', '100', 'failed 486']);
    expect(session.dialog.state).toBe('terminated');
    expect(await stage.leftOvers()).toEqual([]);
  });

  test('may be followed by a BYE before anybody has decided', async () => {
    const { stage, session } = await ReferralStage.connected();
    const told = toldOf(stage.alice.referrals.refer({ within: session.dialog, referTo: carol }));
    void session.hangUp();
    await stage.settle();
    expect(stage.bob.asked.accept()).toBe(true);
    await stage.settle();
    stage.bob.asked.finish(200);
    await stage.settle();
    expect(told).toEqual(['accepted', '100', 'succeeded 200']);
    expect(await stage.leftOvers()).toEqual([]);
  });

  test('C2.4-10 is refused with the call as it was, and leaves nothing', async () => {
    const { stage, session } = await ReferralStage.connected();
    const events = eventsOf(session);
    const told = toldOf(stage.alice.referrals.refer({ within: session.dialog, referTo: carol }));
    await stage.settle();
    stage.bob.asked.reject();
    await stage.settle();
    expect(told).toEqual(['refused 603']);
    expect(events).toEqual([]);
    expect(session.dialog.usages.size).toBe(1);
    void session.hangUp();
    expect(await stage.leftOvers()).toEqual([]);
  });

  test('does not wait for a person: 200 after three seconds, and his no is the last report', async () => {
    const { stage, session } = await ReferralStage.connected();
    const told = toldOf(stage.alice.referrals.refer({ within: session.dialog, referTo: carol }));
    await stage.settle(2_900);
    expect(told).toEqual([]);
    await stage.settle(200);
    expect(told).toEqual(['accepted', '100']);
    stage.bob.asked.reject(603, { reason: 'Not Now' });
    await stage.settle();
    expect(told).toEqual(['accepted', '100', 'failed 603']);
    void session.hangUp();
    expect(await stage.leftOvers()).toEqual([]);
  });

  test('C2.5-12 beside others is told apart by the id of its events (RFC 3515 2.4.6)', async () => {
    const { stage, session } = await ReferralStage.connected();
    const { referrals } = stage.alice;
    const told = ['sip:carol@example.com', 'sip:dave@example.com', 'sip:erin@example.com'].map((target) =>
      toldOf(referrals.refer({ within: session.dialog, referTo: NameAddr.of({ uri: target }) })),
    );
    await stage.settle();
    for (const referral of stage.bob.referred) referral.accept();
    await stage.settle();
    const [first, second, third] = stage.bob.referred;
    third?.finish(404);
    first?.finish(486);
    await stage.settle();
    second?.finish(200);
    await stage.settle();
    expect(told.map((each) => each.at(-1))).toEqual(['failed 486', 'succeeded 200', 'failed 404']);
    const events = stage.network.trace.entries.flatMap(({ text }) =>
      text.startsWith('NOTIFY') ? [/^Event: (.*)\r$/m.exec(text)?.[1]] : [],
    );
    expect([...new Set(events)]).toEqual(['refer', 'refer;id=3', 'refer;id=4']);
    void session.hangUp();
    expect(await stage.leftOvers()).toEqual([]);
  });

  test('without reports has none, and nothing to wait for (RFC 4488)', async () => {
    const { stage, session } = await ReferralStage.connected();
    const told = toldOf(stage.alice.referrals.refer({ within: session.dialog, referTo: carol, subscribe: false }));
    await stage.settle();
    expect(stage.bob.asked.subscribes).toBe(false);
    stage.bob.asked.accept();
    stage.bob.asked.finish(200);
    await stage.settle(2_000);
    expect(told).toEqual(['accepted', 'unknown']);
    expect(stage.network.trace.entries.some(({ text }) => text.startsWith('NOTIFY'))).toBe(false);
    expect(stage.network.trace.entries.at(-1)?.text).toMatch(/^Refer-Sub: false\r$/m);
    void session.hangUp();
    expect(await stage.leftOvers()).toEqual([]);
  });

  test('C2.4-12 that is given up is unsubscribed from, and followed all the same', async () => {
    const { stage, session } = await ReferralStage.connected();
    const referral = stage.alice.referrals.refer({ within: session.dialog, referTo: carol });
    await stage.settle();
    stage.bob.asked.accept();
    await stage.settle();
    referral.end();
    await stage.settle();
    expect(await referral.outcome).toEqual({ kind: 'unknown' });
    expect(stage.bob.asked.state).toBe('followed');
    expect(stage.bob.referrals.stats()).toEqual({ outgoing: 0, incoming: 1, subscriptions: 0 });
    stage.bob.asked.finish(200);
    void session.hangUp();
    expect(await stage.leftOvers()).toEqual([]);
  });

  test('that takes longer than its subscription is refreshed', async () => {
    const { stage, session } = await ReferralStage.connected({ expires: 60 });
    const told = toldOf(stage.alice.referrals.refer({ within: session.dialog, referTo: carol }));
    await stage.settle();
    stage.bob.asked.accept();
    await stage.settle(150_000);
    stage.bob.asked.finish(200);
    await stage.settle();
    expect(told.at(-1)).toBe('succeeded 200');
    void session.hangUp();
    expect(await stage.leftOvers()).toEqual([]);
  });

  test('without an answer says so', async () => {
    const { stage, session } = await ReferralStage.connected();
    const heal = stage.network.partition(['alice'], ['bob']);
    const told = toldOf(stage.alice.referrals.refer({ within: session.dialog, referTo: carol }));
    await stage.settle(33_000);
    expect(told).toEqual(['unreachable']);
    expect(session.state).toBe('confirmed');
    heal();
    void session.hangUp();
    expect(await stage.leftOvers()).toEqual([]);
  });

  test('carries what the request to the reference shall carry, and nothing that it may not', async () => {
    const { stage, session } = await ReferralStage.connected();
    const replaces = 'ab@c;to-tag=7;from-tag=8';
    const address = referTo(uri('sip:carol@192.0.2.3;gr=x'), [
      ['Replaces', replaces],
      ['Require', 'replaces'],
      ['From', '<sip:mallory@example.com>'],
      ['Route', '<sip:192.0.2.66;lr>'],
      ['Refer-To', 'sip:dave@example.com'],
    ]);
    stage.alice.referrals.refer({ within: session.dialog, referTo: address });
    await stage.settle();
    const { reference } = stage.bob.asked;
    expect(reference.uri.toString()).toBe('sip:carol@192.0.2.3;gr=x');
    expect(reference.replaces).toMatchObject({ callId: 'ab@c', toTag: '7', fromTag: '8' });
    expect(reference.headers).toEqual([
      ['Replaces', replaces],
      ['Require', 'replaces'],
    ]);
    stage.bob.asked.reject();
    void session.hangUp();
    expect(await stage.leftOvers()).toEqual([]);
  });
});

describe('a REFER outside of a call', () => {
  const bob = uri('sip:bob@192.0.2.2');

  test('C2.4-13 has a dialog of its own, and names the call that it is about (RFC 4538)', async () => {
    const { stage, session, theirs } = await ReferralStage.connected();
    const referral = stage.alice.referrals.refer({
      target: bob,
      referTo: carol,
      targetDialog: targetDialogOf(session.dialog),
    });
    const told = toldOf(referral);
    await stage.settle();
    expect(stage.bob.asked.session).toBe(theirs);
    stage.bob.asked.accept();
    await stage.settle();
    void session.hangUp();
    await stage.settle(1_000);
    expect(session.dialog.state).toBe('terminated');
    stage.bob.asked.finish(200);
    await stage.settle();
    expect(told).toEqual(['accepted', '100', 'succeeded 200']);
    expect(await stage.leftOvers()).toEqual([]);
  });

  test('is told of what this side notifies, as every request and 2xx that makes a dialog tells it (RFC 6665 4.4.4)', async () => {
    const { stage, session } = await ReferralStage.connected();
    stage.alice.referrals.refer({ target: bob, referTo: carol });
    await stage.settle();
    stage.bob.asked.accept();
    stage.alice.referrals.refer({ within: session.dialog, referTo: carol });
    await stage.settle();
    stage.bob.asked.accept();
    await stage.settle();
    const told = stage.network.trace.entries
      .filter(({ text }) => /^CSeq: \d+ (INVITE|REFER)\r$/m.test(text) && !text.startsWith('SIP/2.0 100 '))
      .map(
        ({ text }) =>
          `${text.split(' sip:')[0]?.split('\r')[0] ?? ''}: ${/^Allow-Events: (.*)\r$/m.exec(text)?.[1] ?? ''}`,
      );
    expect(told).toEqual([
      'INVITE: refer',
      'SIP/2.0 200 OK: refer',
      'REFER: refer',
      'SIP/2.0 200 OK: refer',
      'REFER: ',
      'SIP/2.0 200 OK: ',
    ]);
    for (const referral of stage.bob.referred) referral.finish(200);
    void session.hangUp();
    expect(await stage.leftOvers()).toEqual([]);
  });

  test('of a stranger who names a call that is not there is about no call', async () => {
    const { stage, session } = await ReferralStage.connected();
    stage.alice.referrals.refer({
      target: bob,
      referTo: carol,
      targetDialog: { callId: 'guessed', localTag: 'a', remoteTag: 'b' },
    });
    await stage.settle();
    expect(stage.bob.asked).toMatchObject({ session: undefined, about: undefined });
    stage.bob.asked.reject(403);
    void session.hangUp();
    expect(await stage.leftOvers()).toEqual([]);
  });

  test('whose Target-Dialog does not read is about no call (RFC 4538 4)', async () => {
    const { stage, session } = await ReferralStage.connected();
    const headers = [['Target-Dialog', `${session.dialog.callId};local-tag=${session.dialog.remoteTag}`]] as const;
    stage.alice.referrals.refer({ target: bob, referTo: carol, headers });
    await stage.settle();
    expect(stage.bob.asked).toMatchObject({ session: undefined, about: undefined });
    stage.bob.asked.reject(403);
    void session.hangUp();
    expect(await stage.leftOvers()).toEqual([]);
  });

  test('without reports makes no dialog (RFC 5359 2.18)', async () => {
    const { stage, session } = await ReferralStage.connected();
    const dialogs = stage.bob.agent.stats().dialogs;
    const told = toldOf(stage.alice.referrals.refer({ target: bob, referTo: carol, subscribe: false }));
    await stage.settle();
    stage.bob.asked.accept();
    await stage.settle();
    expect(told).toEqual(['accepted', 'unknown']);
    expect(stage.bob.agent.stats().dialogs).toBe(dialogs);
    stage.bob.asked.finish(200);
    void session.hangUp();
    expect(await stage.leftOvers()).toEqual([]);
  });

  test('is the only thing that makes such a subscription: a SUBSCRIBE gets 403', async () => {
    const { stage, session } = await ReferralStage.connected();
    const statuses: number[] = [];
    session.dialog.send(
      'SUBSCRIBE',
      { response: ({ status }) => statuses.push(status), failed: () => undefined },
      {
        headers: [
          ['Event', 'refer'],
          ['Expires', '60'],
        ],
      },
    );
    const headers = [
      ['Event', 'refer'],
      ['Contact', '<sip:alice@192.0.2.1>'],
    ] as const;
    const outside = stage.alice.agent.ask({ method: 'SUBSCRIBE', target: bob, headers });
    await stage.settle();
    expect(statuses).toEqual([403]);
    expect(await outside).toMatchObject({ status: 403 });
    void session.hangUp();
    expect(await stage.leftOvers()).toEqual([]);
  });
});

test('a user agent that stops in the middle of it holds nothing', async () => {
  const { stage, session } = await ReferralStage.connected();
  const told = toldOf(stage.alice.referrals.refer({ within: session.dialog, referTo: carol }));
  stage.alice.referrals.refer({ target: SipUri.of({ user: 'bob', host: '192.0.2.2' }), referTo: carol });
  await stage.settle();
  stage.bob.referred[0]?.accept();
  await stage.settle();
  await stage.alice.agent.stop();
  expect(stage.alice.referrals.stats()).toEqual({ outgoing: 0, incoming: 0, subscriptions: 0 });
  expect(told.at(-1)).toBe('unknown');
  await stage.bob.agent.stop();
  expect(stage.bob.referrals.stats()).toEqual({ outgoing: 0, incoming: 0, subscriptions: 0 });
  expect(stage.clock.pending).toBe(0);
});
