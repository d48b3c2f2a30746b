import { PhoneError } from '@switchhook/phone';
import type { Call } from '@switchhook/phone';
import { expect, test } from 'vitest';
import { RaceHouse } from './race-house.testing.ts';

/** Interleavings in all, in so many tests; `SEEDS=10000` for a night. */
const interleavings = Number(process.env['SEEDS'] ?? 3_000);
const parts = 10;

/** Milliseconds within which everything happens that races: a few round trips. */
const span = 300;

type Hangup = 'nobody' | 'alice' | 'bob' | 'both' | 'carol';

/**
 * Alice is in a call with Bob and hands him on to Carol, while any of them may hang up at any moment. Answers with what is
 * not right in the end.
 */
async function race(seed: number): Promise<string[]> {
  const house = await RaceHouse.started(seed);
  const { alice, bob, carol, random } = house;
  const wrong: string[] = [];
  const say = (is: boolean, what: string): void => {
    if (!is) wrong.push(what);
  };
  const within = (): number => Math.floor(random.fraction() * span);
  const one = <T>(choices: readonly T[], otherwise: T): T =>
    choices[Math.floor(random.fraction() * choices.length)] ?? otherwise;

  const ends = new Map<Call, number>();
  for (const phone of [alice, bob, carol]) {
    phone.onEvent((event) => {
      if (event.kind === 'call' && event.event.kind === 'ended') ends.set(event.call, (ends.get(event.call) ?? 0) + 1);
    });
  }
  const stopAnswering = bob.onIncomingCall((call) => void call.answer().catch(() => undefined));
  const calling = alice.call(bob.addressOfRecord);
  await house.play(1_000);
  const call = await calling;
  stopAnswering();
  const [theirs] = bob.calls;

  const hangup: Hangup = one(['nobody', 'alice', 'bob', 'both', 'carol'], 'nobody');
  const stay = random.fraction() < 0.5;
  const patience = within();
  const carolTakes = random.fraction() < 0.7;
  const settled: string[] = [];
  carol.onIncomingCall((incoming) => {
    house.after(patience, () => {
      if (incoming.state !== 'ringing') return;
      void (carolTakes ? incoming.answer() : incoming.reject()).catch(() => undefined);
    });
  });
  void call.transfer(carol.addressOfRecord, { stay }).then(
    () => settled.push('succeeded'),
    (error: unknown) => settled.push(error instanceof PhoneError ? 'failed' : String(error)),
  );
  const hangUp = (each: Call | undefined): void => {
    if (each !== undefined) house.after(within(), () => void each.hangUp());
  };
  if (hangup === 'alice' || hangup === 'both') hangUp(call);
  if (hangup === 'bob' || hangup === 'both') hangUp(theirs);
  if (hangup === 'carol') house.after(within(), () => void Promise.all(carol.calls.map((each) => each.hangUp())));
  await house.play(120_000);

  const between = (phone: typeof alice, name: string): boolean =>
    phone.calls.some(({ remote, state }) => state === 'connected' && remote.name === name);
  say(settled.length === 1, `the transfer has ${String(settled.length)} ends`);
  say(settled[0] === 'succeeded' || settled[0] === 'failed', `the transfer ended with ${String(settled[0])}`);
  say(between(bob, 'carol') === between(carol, 'bob'), 'Bob and Carol do not agree whether they talk');
  say(between(alice, 'bob') === between(bob, 'alice'), 'Alice and Bob do not agree whether they talk');
  if (hangup === 'nobody' || hangup === 'alice') {
    say(between(bob, 'carol') === carolTakes, `Bob ${carolTakes ? 'has not' : 'has'} Carol`);
    say((settled[0] === 'succeeded') === carolTakes, `Alice hears that it ${String(settled[0])}`);
  }
  if (hangup === 'nobody') say(between(alice, 'bob') === (stay && !carolTakes), 'Alice has Bob or has him not');
  for (const [, count] of ends) say(count === 1, `a call has ${String(count)} ends`);
  for (const left of await house.leftOvers()) wrong.push(left);
  return wrong;
}

test.each(Array.from({ length: parts }, (_, part) => part))(
  `transfer against hang-up: a tenth of ${String(interleavings)} interleavings have one clear end each (part %i)`,
  async (part) => {
    const size = interleavings / parts;
    const wrong: string[] = [];
    for (let seed = part * size; seed < (part + 1) * size; seed++) {
      for (const what of await race(seed)) wrong.push(`seed ${String(seed)}: ${what}`);
    }
    expect(wrong).toEqual([]);
  },
);
