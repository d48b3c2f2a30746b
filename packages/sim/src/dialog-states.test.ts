/** RFC 4235: what a user agent tells of its dialogs, and whom. */
import {
  dialogEvent,
  DialogStatePublisher,
  parseDialogInformation,
  Subscriber,
  SyntaxFault,
  type DialogInformation,
  type WatchedDialog,
  type WatcherRights,
} from '@switchhook/sip';
import { describe, expect, onTestFinished, test } from 'vitest';
import { nothingHeld, TestPhone } from './invite-sessions.testing.ts';
import { simulatedContext } from './context.ts';
import { SimulatedNetwork } from './network.ts';
import { SeededRandom } from './seeded-random.ts';
import { Peer } from './subscription.testing.ts';
import { VirtualClock } from './virtual-clock.ts';

/** What a watcher has been told. */
class Watcher {
  readonly peer: Peer;
  readonly documents: DialogInformation[] = [];
  readonly states: string[] = [];
  #calls = 0;

  constructor(peer: Peer) {
    this.peer = peer;
    peer.answer = (transaction) => {
      const { body } = transaction.request;
      this.states.push(transaction.request.raw('Subscription-State') ?? '');
      const document = body === '' ? undefined : parseDialogInformation(body);
      if (document instanceof SyntaxFault) throw new Error(document.reason);
      if (document !== undefined) this.documents.push(document);
      peer.respond(200, [], transaction);
    };
  }

  /** Subscribes to Bob. */
  subscribe(event = 'dialog'): void {
    this.#calls += 1;
    this.peer.subscribe(
      [
        ['Event', event],
        ['Expires', '3600'],
      ],
      { callId: `watch-${String(this.#calls)}` },
    );
  }

  get status(): number | undefined {
    return this.peer.statuses.at(-1);
  }

  /** The dialogs of each document, a few words each. */
  get told(): string[] {
    return this.documents.map(({ dialogs }) => dialogs.map(words).join(', '));
  }

  get last(): readonly WatchedDialog[] {
    return this.documents.at(-1)?.dialogs ?? [];
  }
}

function words({ state, event, code }: WatchedDialog): string {
  return [state, event, code].filter((part) => part !== undefined).join(' ');
}

interface Stage {
  readonly clock: VirtualClock;
  readonly alice: TestPhone;
  readonly bob: TestPhone;
  readonly watcher: Watcher;
  readonly publisher: DialogStatePublisher;
  rights: WatcherRights;
}

/** Alice calls, Bob is watched. */
async function staged(): Promise<Stage> {
  const clock = new VirtualClock();
  const network = new SimulatedNetwork(clock, new SeededRandom(1), { link: { delay: 10 } });
  const phone = (name: string, address: string): TestPhone => new TestPhone(network, clock, name, address);
  const [alice, bob] = [phone('alice', '192.0.2.1'), phone('bob', '192.0.2.2')];
  const peer = new Peer(simulatedContext('carol', clock), network.host('carol', ['192.0.2.3']), '192.0.2.3');
  await peer.start();
  const stage: { rights: WatcherRights } = { rights: 'dialogs' };
  const publisher = new DialogStatePublisher(bob.agent, bob.sessions, { mayWatch: () => stage.rights });
  bob.agent.install(publisher.notifier);
  for (const { agent } of [alice, bob]) await agent.start();
  publisher.start();
  onTestFinished(async () => {
    void publisher.close();
    await clock.play(40_000);
    for (const { agent } of [alice, bob]) await agent.stop();
    await peer.stop();
    await clock.play(1_000);
    expect(publisher.notifier.stats()).toEqual({ subscriptions: 0, resources: 0 });
    for (const each of [alice, bob]) expect(each.held()).toEqual(nothingHeld);
    expect(clock.pending).toBe(0);
  });
  return Object.assign(stage, { clock, alice, bob, publisher, watcher: new Watcher(peer) });
}

describe('a dialog of the callee (RFC 4235 3.7.1)', () => {
  test('is told from the first ring to the BYE, with what it takes to name it', async () => {
    const { clock, alice, bob, watcher } = await staged();
    watcher.subscribe();
    await clock.play(2_000);
    bob.answer = (invite) => {
      invite.ring();
    };
    const call = alice.call(bob);
    await clock.play(3_000);
    const { dialog } = bob.ringing.session;
    expect(watcher.last).toMatchObject([
      {
        state: 'early',
        callId: call.callId,
        localTag: dialog.localTag,
        remoteTag: dialog.remoteTag,
        direction: 'recipient',
        local: { identity: { uri: 'sip:bob@192.0.2.2' }, target: { uri: 'sip:bob@192.0.2.2:5060' } },
        remote: { identity: { uri: 'sip:alice@example.com' }, target: { uri: 'sip:alice@192.0.2.1:5060' } },
      },
    ]);
    void bob.ringing.accept();
    await clock.play(61_000);
    const outcome = await call.outcome;
    if (outcome.kind === 'answered') void outcome.session.hangUp();
    await clock.play(3_000);
    expect(watcher.told).toEqual(['', 'early', 'confirmed', 'terminated remote-bye']);
    expect(watcher.documents.map(({ version, whole }) => [version, whole])).toEqual([
      [0, true],
      [1, false],
      [2, false],
      [3, false],
    ]);
    expect(new Set(watcher.documents.slice(1).flatMap(({ dialogs }) => dialogs.map(({ id }) => id))).size).toBe(1);
    expect(watcher.last[0]?.duration).toBeGreaterThan(60);
  });

  test.each<readonly [string, string, (stage: Stage, call: ReturnType<TestPhone['call']>) => void]>([
    [
      'the caller gives up',
      'terminated cancelled 487',
      (_, call) => {
        call.cancel();
      },
    ],
    [
      'the callee says no',
      'terminated rejected 603',
      ({ bob }) => {
        bob.ringing.reject(603);
      },
    ],
  ])('C2.16-12 ends when %s: %s', async (_, expected, end) => {
    const stage = await staged();
    const { clock, alice, bob, watcher } = stage;
    watcher.subscribe();
    bob.answer = (invite) => {
      invite.ring();
    };
    const call = alice.call(bob);
    await clock.play(3_000);
    end(stage, call);
    await clock.play(3_000);
    expect(watcher.told.at(-1)).toBe(expected);
  });

  test('of a call that is turned away at once nobody hears', async () => {
    const { clock, alice, bob, watcher, publisher } = await staged();
    watcher.subscribe();
    await clock.play(2_000);
    bob.answer = (invite) => {
      invite.reject(486);
    };
    alice.call(bob);
    await clock.play(3_000);
    expect(watcher.told).toEqual(['']);
    expect(publisher.dialogs).toEqual([]);
  });

  test('what happens within a second is told at once, and what has ended is not left out', async () => {
    const { clock, alice, bob, watcher } = await staged();
    watcher.subscribe();
    await clock.play(100);
    bob.answer = (invite) => {
      invite.ring();
    };
    for (let count = 0; count < 3; count += 1) {
      const call = alice.call(bob);
      await clock.play(100);
      call.cancel();
      await clock.play(100);
    }
    await clock.play(2_000);
    expect(watcher.told).toEqual(['', 'terminated cancelled 487, terminated cancelled 487, terminated cancelled 487']);
  });
});

describe('a dialog of the caller (RFC 4235 3.7.1)', () => {
  test('is half a dialog first, and keeps its id', async () => {
    const { clock, alice, bob, watcher } = await staged();
    watcher.subscribe();
    await clock.play(2_000);
    alice.answer = (invite) => {
      clock.after(4_000, () => invite.ring());
      clock.after(8_000, () => void invite.accept());
    };
    const call = bob.call(alice, 'alice');
    await clock.play(2_000);
    expect(watcher.last).toMatchObject([{ state: 'trying', direction: 'initiator', callId: call.callId }]);
    expect(watcher.last[0]?.remoteTag).toBeUndefined();
    await clock.play(9_000);
    const outcome = await call.outcome;
    if (outcome.kind === 'answered') void outcome.session.hangUp();
    await clock.play(3_000);
    expect(watcher.told).toEqual(['', 'trying', 'early', 'confirmed', 'terminated local-bye']);
    expect(new Set(watcher.documents.slice(1).flatMap(({ dialogs }) => dialogs.map(({ id }) => id))).size).toBe(1);
  });

  test.each<readonly [string, string, (alice: TestPhone) => void]>([
    [
      'rejected 486',
      'the far end is busy',
      (alice) =>
        (alice.answer = (invite) => {
          invite.reject(486);
        }),
    ],
    ['cancelled', 'this side gives up', () => undefined],
  ])('%s: %s', async (expected, why, prepare) => {
    const { clock, alice, bob, watcher } = await staged();
    watcher.subscribe();
    await clock.play(2_000);
    prepare(alice);
    const call = bob.call(alice, 'alice');
    await clock.play(2_000);
    if (why === 'this side gives up') call.cancel();
    await clock.play(3_000);
    expect(watcher.told.at(-1)).toBe(`terminated ${expected}`);
  });
});

describe('who is told what (RFC 4235 3.6, 3.7.2)', () => {
  test('C2.17-09 who may know only whether somebody is in a call is told of one dialog without a name', async () => {
    const stage = await staged();
    const { clock, alice, bob, watcher } = stage;
    stage.rights = 'occupation';
    watcher.subscribe();
    bob.answer = (invite) => {
      invite.ring();
      clock.after(3_000, () => void invite.accept());
    };
    const one = alice.call(bob);
    await clock.play(5_000);
    const two = alice.call(bob);
    await clock.play(5_000);
    for (const call of [one, two]) {
      const outcome = await call.outcome;
      if (outcome.kind === 'answered') void outcome.session.hangUp();
      await clock.play(3_000);
    }
    expect(watcher.told).toEqual(['', 'early', 'confirmed', 'terminated']);
    for (const { dialogs } of watcher.documents) {
      for (const dialog of dialogs) {
        const { id, state, duration, ...more } = dialog;
        expect([typeof id, typeof state, typeof duration]).toEqual(['string', 'string', 'number']);
        expect(
          Object.values(more)
            .flat()
            .filter((value) => value !== undefined),
        ).toEqual([]);
      }
    }
    const again = alice.call(bob);
    await clock.play(2_000);
    const ids = watcher.documents.map(({ dialogs }) => dialogs[0]?.id);
    expect(ids.at(-1)).not.toBe(ids.at(-2));
    again.cancel();
    await clock.play(1_000);
  });

  test('C3-03 C3-07 who may know nothing gets 403, whether there is what he asks for or not', async () => {
    const stage = await staged();
    const { clock, alice, bob, watcher } = stage;
    bob.answer = (invite) => {
      invite.ring();
    };
    const call = alice.call(bob);
    await clock.play(1_000);
    stage.rights = 'nothing';
    for (const event of ['dialog', `dialog;call-id="${call.callId ?? ''}"`, 'dialog;call-id=other']) {
      watcher.subscribe(event);
      await clock.play(1_000);
      expect(watcher.status).toBe(403);
    }
    // Nor does one who may see the occupation learn of single dialogs.
    stage.rights = 'occupation';
    watcher.subscribe(`dialog;call-id="${call.callId ?? ''}"`);
    await clock.play(1_000);
    expect(watcher.status).toBe(403);
    expect(watcher.documents).toEqual([]);
    call.cancel();
    await clock.play(1_000);
  });

  test('a watcher is not told of a dialog that he is in himself', async () => {
    const { clock, alice, bob } = await staged();
    bob.answer = (invite) => {
      invite.ring();
    };
    const subscriber = new Subscriber(alice.agent, [dialogEvent]);
    alice.agent.install(subscriber);
    const subscription = subscriber.subscribe({ package: dialogEvent, target: 'sip:bob@192.0.2.2' });
    await clock.play(2_000);
    const call = alice.call(bob);
    await clock.play(3_000);
    expect(subscription.latest?.dialogs).toEqual([]);
    call.cancel();
    void subscription.unsubscribe();
    await clock.play(1_000);
  });

  test('a subscription to one dialog ends with it (RFC 4235 3.4), and to none is none', async () => {
    const { clock, alice, bob, watcher } = await staged();
    bob.answer = (invite) => {
      invite.ring();
    };
    const call = alice.call(bob);
    const other = alice.call(bob);
    await clock.play(1_000);
    watcher.subscribe('dialog;call-id=nobody');
    await clock.play(1_000);
    expect(watcher.status).toBe(404);
    watcher.subscribe('dialog;to-tag=x');
    await clock.play(1_000);
    expect(watcher.status).toBe(400);
    const [dialog] = bob.incoming.map(({ session }) => session.dialog);
    watcher.subscribe(
      `dialog;call-id="${call.callId ?? ''}";to-tag=${dialog?.localTag ?? ''};from-tag=${dialog?.remoteTag ?? ''}`,
    );
    await clock.play(3_000);
    expect(watcher.last).toMatchObject([{ callId: call.callId, state: 'early' }]);
    other.cancel();
    await clock.play(2_000);
    expect(watcher.states).toHaveLength(1);
    call.cancel();
    await clock.play(3_000);
    expect(watcher.told.at(-1)).toBe('terminated cancelled 487');
    expect(watcher.states.at(-1)).toBe('terminated;reason=noresource');
  });

  test('when what they may see is otherwise, watchers are to ask anew', async () => {
    const stage = await staged();
    const { clock, watcher, publisher } = stage;
    watcher.subscribe();
    await clock.play(2_000);
    publisher.rightsChanged();
    await clock.play(2_000);
    expect(watcher.states.at(-1)).toBe('terminated;reason=deactivated');
  });
});
