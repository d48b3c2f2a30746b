import { PhoneError } from '@switchhook/phone';
import type { Call, Phone } from '@switchhook/phone';
import { describe, expect, test } from 'vitest';
import { RaceHouse } from './race-house.testing.ts';

/** Interleavings of each race; `SEEDS=10000` for a night. */
const interleavings = Number(process.env['SEEDS'] ?? 1_000);

/** Milliseconds within which everything happens that races: a few round trips. */
const span = 300;

/** Alice is in a call with Bob, and asks Carol about it; Bob has her on the line. */
class Consultation {
  readonly house: RaceHouse;
  /** Alice's call with Bob, and his side of it. */
  readonly call: Call;
  readonly bobs: Call;
  /** Alice's call with Carol. */
  readonly other: Call;
  /** How each transfer that was begun has ended. */
  readonly settled: string[][] = [];
  readonly #ends = new Map<Call, number>();

  private constructor(house: RaceHouse, call: Call, bobs: Call, other: Call) {
    this.house = house;
    this.call = call;
    this.bobs = bobs;
    this.other = other;
    for (const phone of house.phones) {
      phone.onEvent((event) => {
        if (event.kind !== 'call' || event.event.kind !== 'ended') return;
        this.#ends.set(event.call, (this.#ends.get(event.call) ?? 0) + 1);
      });
    }
  }

  /** `answered` where Carol has taken Alice's call already; else it rings. */
  static async begun(seed: number, answered: boolean): Promise<Consultation> {
    const house = await RaceHouse.started(seed);
    const { alice, bob, carol } = house;
    const call = alice.dial(bob.addressOfRecord);
    await house.play(300);
    await house.settle(bob.calls[0]?.answer());
    const other = alice.dial(carol.addressOfRecord);
    await house.play(500);
    if (answered) await house.settle(carol.calls[0]?.answer());
    const [bobs] = bob.calls;
    if (bobs?.state !== 'connected') throw new Error('Bob is not there');
    return new Consultation(house, call, bobs, other);
  }

  /** Does something within the race, whenever the seed has it. */
  sometime(action: () => void): void {
    this.house.after(Math.floor(this.house.random.fraction() * span), action);
  }

  perhaps(action: () => void): boolean {
    const does = this.house.random.fraction() < 0.5;
    if (does) this.sometime(action);
    return does;
  }

  complete(call: Call, other: Call): void {
    const ends: string[] = [];
    this.settled.push(ends);
    call.transferTo(other).then(
      () => ends.push('succeeded'),
      (error: unknown) => ends.push(error instanceof PhoneError ? 'failed' : String(error)),
    );
  }

  /** What is not right whatever has happened: everything has one end, both sides know the same, nothing is left. */
  async end(): Promise<string[]> {
    await this.house.play(150_000);
    const wrong: string[] = [];
    for (const ends of this.settled) {
      if (ends.length !== 1 || !['succeeded', 'failed'].includes(ends[0] ?? '')) {
        wrong.push(`a transfer ended so: ${ends.join(', ') || 'not at all'}`);
      }
    }
    for (const one of this.house.phones) {
      for (const other of this.house.phones) {
        if (talks(one, other) !== talks(other, one)) wrong.push(`${nameOf(one)} and ${nameOf(other)} do not agree`);
      }
      const open = one.calls.filter(({ state }) => state !== 'connected');
      if (open.length > 0) wrong.push(`${nameOf(one)} has a call that is ${open.map(({ state }) => state).join()}`);
    }
    for (const [call, count] of this.#ends) {
      if (count !== 1) wrong.push(`the call with ${call.remote.name} has ${String(count)} ends`);
    }
    return [...wrong, ...(await this.house.leftOvers())];
  }
}

const nameOf = (phone: Phone): string => phone.addressOfRecord.replace(/^sip:|@.*/g, '');
const talks = (one: Phone, other: Phone): number =>
  one.calls.filter(({ remote, state }) => state === 'connected' && remote.name === nameOf(other)).length;

/** What came of a race, and what is wrong with it. */
interface Result {
  readonly outcome: string;
  readonly wrong: readonly string[];
}

/** Who talks to whom in the end. */
function talking({ house: { alice, bob, carol } }: Consultation): string {
  const pairs: (readonly [Phone, Phone])[] = [
    [alice, bob],
    [alice, carol],
    [bob, carol],
  ];
  return pairs
    .filter(([one, other]) => talks(one, other) > 0)
    .map(([one, other]) => `${nameOf(one)} and ${nameOf(other)}`)
    .join(', ');
}

async function resultOf(race: Consultation, rightOnes: (settled: string) => readonly string[]): Promise<Result> {
  await race.house.play(150_000);
  const found = talking(race);
  const settled = race.settled.map(([first = 'open']) => first).join();
  const right = rightOnes(settled);
  const wrong = right.includes(found) ? [] : [`${settled}: ${found || 'nobody talks'}`];
  return { outcome: `${settled}: ${found || 'nobody talks'}`, wrong: [...wrong, ...(await race.end())] };
}

const handedOn = 'bob and carol';
const asBefore = 'alice and bob, alice and carol';

const races: Readonly<Record<string, (seed: number) => Promise<Result>>> = {
  'completed against the answer or the refusal of whom it is to': async (seed) => {
    const race = await Consultation.begun(seed, false);
    const { call, other, house } = race;
    const { carol } = house;
    const takes = house.random.fraction() < 0.6;
    // While it rings it is given up and Bob calls anew: whichever call Carol is rung by, she does the same.
    const does = (each: Call | undefined): void => {
      if (each?.state === 'ringing') void (takes ? each.answer() : each.reject()).catch(() => undefined);
    };
    race.sometime(() => does(carol.calls[0]));
    carol.onIncomingCall((each) => house.after(Math.floor(house.random.fraction() * span), () => does(each)));
    race.sometime(() => race.complete(call, other));
    // Once she has refused there is nobody to hand Bob to.
    return resultOf(race, (settled) =>
      settled === 'succeeded' ? [handedOn] : ['alice and bob', ...(takes ? [asBefore] : [])],
    );
  },

  'completed while whom it is to hangs up': async (seed) => {
    const race = await Consultation.begun(seed, true);
    const { call, other, house } = race;
    race.sometime(() => race.complete(call, other));
    race.sometime(() => void house.carol.calls[0]?.hangUp());
    // She may have hung up on Bob, who had come into the place of Alice.
    return resultOf(race, (settled) => (settled === 'succeeded' ? ['', handedOn] : ['alice and bob']));
  },

  'completed while who is handed on hangs up': async (seed) => {
    const race = await Consultation.begun(seed, true);
    const { call, other, bobs, house } = race;
    race.sometime(() => race.complete(call, other));
    const isOfAll = house.random.fraction() < 0.3;
    race.sometime(() => void (isOfAll ? Promise.all(house.bob.calls.map((each) => each.hangUp())) : bobs.hangUp()));
    // Who gives up his call to Carol as her answer comes has hung up on her in the place of Alice.
    const failed = isOfAll ? ['alice and carol', ''] : ['alice and carol'];
    return resultOf(race, (settled) => (settled === 'succeeded' ? ['', handedOn] : failed));
  },

  'completed while who hands on hangs up': async (seed) => {
    const race = await Consultation.begun(seed, true);
    const { call, other } = race;
    race.sometime(() => race.complete(call, other));
    const first = race.perhaps(() => void call.hangUp());
    const second = race.perhaps(() => void other.hangUp());
    return resultOf(race, (settled) => {
      if (settled === 'succeeded') return [handedOn];
      // What she has not hung up on is still hers.
      return [[first ? '' : 'alice and bob', second ? '' : 'alice and carol'].filter((each) => each !== '').join(', ')];
    });
  },

  'completed by both sides at once': async (seed) => {
    const race = await Consultation.begun(seed, true);
    const { call, other, bobs, house } = race;
    const { bob, carol } = house;
    // Bob has asked Carol, too.
    const asked = bob.dial(carol.addressOfRecord);
    await house.play(500);
    await house.settle(carol.calls.find(({ state }) => state === 'ringing')?.answer());
    race.sometime(() => race.complete(call, other));
    race.sometime(() => race.complete(bobs, asked));
    return resultOf(race, () => [
      handedOn,
      'alice and carol',
      'alice and carol, bob and carol',
      'alice and bob, alice and carol, bob and carol',
    ]);
  },
};

describe.each(Object.keys(races).map((name) => [name] as const))('an attended transfer %s', (name) => {
  test(`has one clear end in each of ${String(interleavings)} interleavings`, async () => {
    const race = races[name];
    const faults: string[] = [];
    const outcomes = new Map<string, number>();
    for (let seed = 1; race !== undefined && seed <= interleavings && faults.length < 5; seed += 1) {
      const { outcome, wrong } = await race(seed);
      for (const each of wrong) faults.push(`seed ${String(seed)}: ${each}`);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
    expect(faults).toEqual([]);
    // A race that can end in one way only is none.
    expect(outcomes.size, [...outcomes].join('; ')).toBeGreaterThan(1);
  });
});
