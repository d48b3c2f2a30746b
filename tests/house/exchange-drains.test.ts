/** An exchange that is told to end waits for what its servers play, for as long as it is to. */
import type { InviteSession } from '@switchhook/sip';
import { afterEach, expect, test } from 'vitest';
import { startExchange } from './hostile/house.testing.ts';
import { SubscriberPhone } from '../peers/support/subscriber-phone.ts';

let ends: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const end of ends.toReversed()) await end();
  ends = [];
});

/** A call of Alice to a server of an exchange that has just been told to end. */
async function during(
  target: string,
  drainTime: number,
): Promise<{ session: InviteSession; exited: Promise<number | null> }> {
  const { exchange, end } = await startExchange({
    servers: { announcement: {}, music: {}, drainTime },
    media: { address: '127.0.0.1' },
  });
  ends.push(end);
  const alice = await SubscriberPhone.start('alice', exchange);
  ends.push(() => alice.stop());
  const session = await alice.call(target);
  exchange.process.child.kill('SIGTERM');
  await exchange.process.waitFor(/"msg":"draining"/);
  const refused = await alice.sessions.invite({ target }).outcome;
  expect(refused).toMatchObject({ kind: 'refused', response: { status: 503 } });
  return { session, exited: exchange.process.exited };
}

test('an announcement plays to its end', async () => {
  const began = performance.now();
  const { session, exited } = await during('sip:announcement@127.0.0.1', 60);
  await new Promise<void>((resolve) => {
    session.listen(({ kind }) => {
      if (kind === 'ended') resolve();
    });
  });
  expect(session.end?.kind).toBe('remote');
  expect(performance.now() - began).toBeGreaterThan(3_000);
  expect(await exited).toBe(0);
});

test('music, which has no end, is cut off after that time, and who hears it is not hung up on', async () => {
  const { session, exited } = await during('sip:music@127.0.0.1', 1);
  expect(await exited).toBe(0);
  expect(session.end).toBeUndefined();
});
