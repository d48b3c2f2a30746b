import { afterEach, describe, expect, it } from 'vitest';
import { Town } from './simulated/town.testing.ts';
import { ask, PlainCalls, Resident } from './simulated/user-agent.testing.ts';

let town = new Town();

afterEach(async () => {
  await town.stop();
  expect(town.leftOvers()).toEqual([]);
});

async function aliceAndBob(): Promise<{ alice: Resident; bob: Resident }> {
  town = new Town();
  const alice = await town.moveIn(new Resident(town, 'alice', { at: '192.0.2.1' }));
  const bob = await town.moveIn(new Resident(town, 'bob', { at: '192.0.2.2' }));
  return { alice, bob };
}

describe('a user agent', () => {
  it('answers OPTIONS with what is installed', async () => {
    const { alice, bob } = await aliceAndBob();
    new PlainCalls(bob.agent);
    const told = ask(alice.agent, { method: 'OPTIONS', target: 'sip:bob@192.0.2.2' });
    await town.clock.play(60_000);
    expect(told.statuses).toEqual([200]);
    const [response] = told.responses;
    expect(response?.raw('Allow')).toBe('OPTIONS, INVITE, BYE, INFO, ACK, CANCEL');
    expect(response?.raw('Accept')).toBe('application/sdp');
    expect(response?.raw('Supported')).toBe('outbound, gruu');
    expect(told.ends).toBe(1);
    expect(town.leftOvers()).toEqual([]);
  });

  it('calls and hangs up', async () => {
    const { alice, bob } = await aliceAndBob();
    const here = new PlainCalls(alice.agent);
    const there = new PlainCalls(bob.agent);
    here.call({ target: 'sip:bob@192.0.2.2' });
    await town.clock.play(1_000);
    expect(here.outcomes[0]?.statuses).toEqual([180, 200]);
    expect(here.calls).toHaveLength(1);
    expect(there.calls[0]?.acks).toHaveLength(1);
    expect(here.calls[0]?.dialog.state).toBe('confirmed');
    const bye = here.calls[0]?.hangUp();
    await town.clock.play(60_000);
    expect(bye?.statuses).toEqual([200]);
    expect(town.leftOvers()).toEqual([]);
    expect(town.ladder()).toEqual([
      'alice > bob INVITE',
      'bob > alice 180 INVITE',
      'bob > alice 200 INVITE',
      'alice > bob ACK',
      'alice > bob BYE',
      'bob > alice 200 BYE',
    ]);
  });
});
