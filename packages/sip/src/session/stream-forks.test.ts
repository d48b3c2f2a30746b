import fc from 'fast-check';
import { expect, it } from 'vitest';
import { countingRandom } from '../auth/auth-context.testing.ts';
import { audio, FakeEngine } from './media-engine.testing.ts';
import { StreamNegotiation } from './stream-negotiation.ts';

/** The far end of a branch: its answers come from a port of its own. */
const answer = (branch: number): string =>
  [
    'v=0',
    'o=- 1 1 IN IP4 198.51.100.9',
    's=-',
    'c=IN IP4 198.51.100.9',
    't=0 0',
    `m=audio ${String(4_000 + branch)} RTP/AVP 0`,
    '',
  ].join('\r\n');

const step = fc.record({
  what: fc.constantFrom('early', 'answer', 'offer', 'rollback', 'answerOffer', 'close'),
  branch: fc.nat({ max: 3 }),
});

it('whatever branches do, a port is closed once, and not before the last of them is', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
      const engine = new FakeEngine('192.0.2.1', [audio()]);
      const root = new StreamNegotiation({ random: countingRandom() }, engine);
      await root.createOffer();
      const branches = [0, 1, 2, 3].map(() => root.fork());
      const closed = new Set<number>();
      for (const { what, branch } of steps) {
        const media = branches[branch];
        if (media === undefined || closed.has(branch)) continue;
        if (what === 'early') await media.acceptAnswer(answer(branch), true);
        else if (what === 'answer') await media.acceptAnswer(answer(branch));
        else if (what === 'offer') {
          media.rollback();
          await media.createOffer();
        } else if (what === 'rollback') media.rollback();
        else if (what === 'answerOffer') {
          media.rollback();
          await media.createAnswer(answer(branch));
          media.commit();
        } else {
          media.close();
          closed.add(branch);
        }
        const [shared] = engine.streams;
        expect(shared?.closed).toBe(0);
      }
      for (const media of [root, ...branches]) media.close();
      expect(engine.streams.map((stream) => stream.closed)).toEqual(engine.streams.map(() => 1));
    }),
  );
});

it('the last to agree has the port, then the one before it; what others agree on later waits', async () => {
  const engine = new FakeEngine('192.0.2.1', [audio()]);
  const root = new StreamNegotiation({ random: countingRandom() }, engine);
  await root.createOffer();
  const [one, two] = [root.fork(), root.fork()];
  const heard = (): number | undefined => engine.streams[0]?.agreement?.remote.port;
  await one.acceptAnswer(answer(1), true);
  await two.acceptAnswer(answer(2), true);
  expect(heard()).toBe(4_002);
  await one.acceptAnswer(answer(3));
  expect([heard(), one.direction]).toEqual([4_002, 'sendrecv']);
  two.close();
  expect(heard()).toBe(4_003);
  root.close();
  expect(engine.standing).toHaveLength(1);
  one.close();
  expect(engine.standing).toHaveLength(0);
});
