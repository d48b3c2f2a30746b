import { describe, expect, it } from 'vitest';
import { eventsOf, nothingHeld, storyOf, TestPhone } from './invite-sessions.testing.ts';
import { SimulatedNetwork } from './network.ts';
import { SeededRandom } from './seeded-random.ts';
import { VirtualClock } from './virtual-clock.ts';

interface Stage {
  readonly clock: VirtualClock;
  readonly network: SimulatedNetwork;
  readonly alice: TestPhone;
  readonly bob: TestPhone;
}

async function stage(): Promise<Stage> {
  const clock = new VirtualClock();
  const network = new SimulatedNetwork(clock, new SeededRandom(1));
  const alice = new TestPhone(network, clock, 'alice', '192.0.2.1');
  const bob = new TestPhone(network, clock, 'bob', '192.0.2.2');
  await alice.agent.start();
  await bob.agent.start();
  return { clock, network, alice, bob };
}

describe('a call between two', () => {
  it('is INVITE, 180, 200, ACK, and ends by BYE (RFC 3261 13, 15)', async () => {
    const { clock, network, alice, bob } = await stage();
    const invite = alice.call(bob);
    await clock.play(100);
    bob.ringing.ring();
    await clock.play(1_000);
    const accepted = bob.ringing.accept();
    await clock.play(1_000);
    const outcome = await invite.outcome;
    if (outcome.kind !== 'answered') throw new Error(outcome.kind);
    expect((await accepted).kind).toBe('answered');
    const { session } = outcome;
    expect([session.state, bob.ringing.session.state]).toEqual(['confirmed', 'confirmed']);
    expect([session.direction, bob.ringing.session.direction]).toEqual(['sendrecv', 'sendrecv']);
    const events = eventsOf(bob.ringing.session);
    void session.hangUp();
    await clock.play(1_000);
    expect(events).toMatchObject([{ kind: 'ended', end: { kind: 'remote' } }]);
    expect(storyOf(network)).toEqual([
      'alice: INVITE',
      'bob: 180 INVITE',
      'bob: 200 INVITE',
      'alice: ACK',
      'alice: BYE',
      'bob: 200 BYE',
    ]);
    await clock.play(64_000);
    expect([alice.held(), bob.held()]).toEqual([nothingHeld, nothingHeld]);
    await alice.agent.stop();
    await bob.agent.stop();
    expect(clock.pending).toBe(0);
  });
});
