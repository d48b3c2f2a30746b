import { describe, expect, it } from 'vitest';
import { nothingHeld, storyOf, TestPhone } from './invite-sessions.testing.ts';
import { SimulatedNetwork } from './network.ts';
import { SeededRandom } from './seeded-random.ts';
import { VirtualClock } from './virtual-clock.ts';

const link = { delay: 20, jitter: 30, loss: 0.2, duplication: 0.2, reordering: 0.2, heldBack: 200 };

/** A call over a bad network, in which both do something at random times, and one of them hangs up. */
async function run(seed: number): Promise<string[]> {
  const clock = new VirtualClock();
  const network = new SimulatedNetwork(clock, new SeededRandom(seed), { link });
  const random = new SeededRandom(`${String(seed)}/people`);
  const options = {
    reliableProvisionals: random.fraction() < 0.5 ? ('supported' as const) : ('media' as const),
    sessionTimer: { interval: 180, minimum: 90 },
  };
  const alice = new TestPhone(network, clock, 'alice', '192.0.2.1', options, seed);
  const bob = new TestPhone(network, clock, 'bob', '192.0.2.2', options, seed);
  await alice.agent.start();
  await bob.agent.start();
  const faults: string[] = [];
  const isEarly = random.fraction() < 0.5;
  bob.answer = (invite) => {
    invite.ring();
    clock.after(random.fraction() * 3_000, () => {
      if (isEarly) invite.progress({ media: true });
    });
    clock.after(3_000 + random.fraction() * 5_000, () => void invite.accept());
  };
  const invite = alice.sessions.invite({ target: 'sip:bob@192.0.2.2', lateOffer: random.fraction() < 0.3 });
  const cancels = random.fraction() < 0.2;
  if (cancels) clock.after(random.fraction() * 10_000, () => invite.cancel());
  await clock.play(60_000);
  const outcome = await invite.outcome;
  if (outcome.kind === 'answered') {
    const { session } = outcome;
    const others = bob.ringing.session;
    const settled: Promise<{ readonly kind: string }>[] = [];
    for (let step = 0; step < 4; step += 1) {
      for (const each of [session, others]) {
        if (random.fraction() < 0.6) {
          const hold = random.fraction() < 0.5;
          settled.push(hold ? each.hold(random.fraction() < 0.5 ? 'sendonly' : 'inactive') : each.resume());
        }
      }
      await clock.play(random.fraction() * 4_000);
    }
    await clock.play(120_000);
    const outcomes = await Promise.all(settled);
    const isStanding = session.state === 'confirmed' && others.state === 'confirmed';
    for (const { kind } of outcomes) {
      if (isStanding && kind !== 'done' && kind !== 'superseded') faults.push(`a change was ${kind}`);
    }
    if (isStanding) {
      if (session.remoteHold !== (others.localHold !== 'none')) faults.push('alice has the hold of bob wrong');
      if (others.remoteHold !== (session.localHold !== 'none')) faults.push('bob has the hold of alice wrong');
      const isMirrored =
        { sendrecv: 'sendrecv', sendonly: 'recvonly', recvonly: 'sendonly', inactive: 'inactive' }[
          session.direction
        ] === others.direction;
      if (!isMirrored) faults.push(`${session.direction} here and ${others.direction} there`);
    } else faults.push(`${session.state} ${String(session.end?.kind)} / ${others.state} ${String(others.end?.kind)}`);
    void (random.fraction() < 0.5 ? session : others).hangUp();
    if (random.fraction() < 0.2) void session.hangUp();
  } else if (!cancels) faults.push(`the call came to ${outcome.kind}`);
  await clock.play(200_000);
  for (const phone of [alice, bob]) {
    const held = phone.held();
    if (JSON.stringify(held) !== JSON.stringify(nothingHeld)) faults.push(JSON.stringify(held));
    const { requests, clientTransactions, serverTransactions, dialogSets } = phone.agent.stats();
    const left = requests + clientTransactions + serverTransactions + dialogSets;
    if (left > 0) faults.push(`${String(left)} left: ${JSON.stringify(phone.agent.stats())}`);
  }
  if (clock.pending > 2) faults.push(`${String(clock.pending)} timers`);
  await alice.agent.stop();
  await bob.agent.stop();
  if (clock.pending > 0) faults.push(`${String(clock.pending)} timers after the stop`);
  return faults.length === 0 ? [] : [...faults, ...storyOf(network)];
}

describe('calls over a network that loses, repeats and reorders', () => {
  it('come to the right end, and leave nothing', async () => {
    for (let seed = 1; seed <= 100; seed += 1) {
      expect({ seed, faults: await run(seed) }).toEqual({ seed, faults: [] });
    }
  });
});
