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

type Answer = 'at once' | 'after a second' | 'busy';

/** Alice hangs up so many milliseconds after she has handed Bob on. Answers with what is not right in the end. */
async function hungUpAfter(delay: number, answer: Answer): Promise<string[]> {
  const house = await RaceHouse.started(delay);
  const { alice, bob, carol } = house;
  const wrong: string[] = [];
  const say = (is: boolean, what: string): void => {
    if (!is) wrong.push(what);
  };
  bob.onIncomingCall((call) => void call.answer().catch(() => undefined));
  carol.onIncomingCall((call) => {
    if (answer === 'busy') void call.reject();
    else house.after(answer === 'at once' ? 0 : 1_000, () => void call.answer().catch(() => undefined));
  });
  const calling = alice.call(bob.addressOfRecord);
  await house.play(1_000);
  const call = await calling;
  const states: string[] = [];
  bob.onEvent((event) => {
    if (event.kind === 'referral') states.push(event.state);
  });
  const told: unknown[] = [];
  void call.transfer(carol.addressOfRecord, { stay: true }).then(
    () => told.push('succeeded'),
    (error: unknown) => told.push(error instanceof PhoneError ? error.failure.status : error),
  );
  house.after(delay, () => void call.hangUp());
  await house.play(5_000);
  const talks = (phone: typeof alice, name: string): boolean =>
    phone.calls.length === 1 && phone.calls.every(({ remote, state }) => state === 'connected' && remote.name === name);
  say(alice.calls.length === 0, 'Alice is in a call');
  if (answer === 'busy') {
    say(told.join() === '486' && states.at(-1) === 'failed', `told ${told.join()}, ${states.join()}`);
    alice.onIncomingCall((incoming) => void incoming.answer().catch(() => undefined));
    const back = bob.call(alice.addressOfRecord).catch(() => undefined);
    await house.play(1_000);
    await back;
    say(talks(bob, 'alice') && talks(alice, 'bob'), 'Bob cannot call back');
  } else {
    say(told.join() === 'succeeded' && states.at(-1) === 'succeeded', `told ${told.join()}, ${states.join()}`);
    say(talks(bob, 'carol') && talks(carol, 'bob'), 'Bob and Carol do not talk');
  }
  for (const left of await house.leftOvers()) wrong.push(left);
  return wrong;
}

test.each(['at once', 'after a second', 'busy'] as const)(
  'who has handed somebody on may hang up at any moment between 0 and 2 s: the target answers %s (RFC 5359 2.4)',
  async (answer) => {
    const wrong: string[] = [];
    for (let delay = 0; delay <= 2_000; delay += 10) {
      for (const what of await hungUpAfter(delay, answer)) wrong.push(`${String(delay)} ms: ${what}`);
    }
    expect(wrong).toEqual([]);
  },
);
