import { SwitchhookError } from '@switchhook/sip';
import { describe, expect, test } from 'vitest';
import type { Call } from './call.ts';
import type { Phone } from './phone.ts';
import { PhoneError } from './failure.ts';
import { alice, bob, house, withTwoPhones } from './office.testing.ts';
import { answering } from './phone.testing.ts';

/** Everything that a call can be asked for. */
const deeds = {
  answered: (call: Call) => call.answered(),
  answer: (call: Call) => call.answer(),
  answerBeside: (call: Call) => call.answerBeside(),
  reject: (call: Call) => call.reject(),
  hold: (call: Call) => call.hold(),
  holdWithMusic: (call: Call) => call.holdWithMusic('sip:music@192.0.2.99'),
  resume: (call: Call) => call.resume(),
  transfer: (call: Call) => call.transfer('sip:carol@192.0.2.99'),
  transferTo: (call: Call) => call.transferTo(call),
  transferByMessage: (call: Call) => call.transferByMessage('sip:carol@192.0.2.99'),
  sendDigits: (call: Call) => call.sendDigits('1'),
  hangUp: (call: Call) => call.hangUp(),
} satisfies Record<string, (call: Call) => Promise<unknown>>;
type Deed = keyof typeof deeds;
const all = Object.keys(deeds) as Deed[];

withTwoPhones();

/** Where a call is when it is asked. */
const moments = {
  calling: () => Promise.resolve(alice.phone.dial('sip:nobody@192.0.2.99')),
  async 'ringing there'() {
    const call = alice.phone.dial(bob.uri);
    await house.play(100);
    return call;
  },
  async 'ringing here'() {
    bob.phone.dial(alice.uri);
    await house.play(100);
    return theCall();
  },
  async connected() {
    answering(bob);
    const call = alice.phone.dial(bob.uri);
    await house.play(100);
    return call;
  },
  async held() {
    const call = await moments.connected();
    await house.outcomeOf(call.hold(), 100);
    return call;
  },
  async 'held there'() {
    const call = await moments.connected();
    await house.outcomeOf(bob.phone.calls[0]?.hold() ?? Promise.resolve(), 100);
    return call;
  },
  async ended() {
    const call = await moments.connected();
    await house.outcomeOf(call.hangUp(), 100);
    return call;
  },
  async 'ended there'() {
    const call = await moments.connected();
    await house.outcomeOf(bob.phone.calls[0]?.hangUp() ?? Promise.resolve(), 100);
    return call;
  },
  async 'never answered'() {
    const call = await moments['ringing here']();
    await house.outcomeOf(call.reject(), 100);
    return call;
  },
};
type Moment = keyof typeof moments;

function theCall(): Call {
  const [call] = alice.phone.calls;
  if (call === undefined) throw new Error('no call');
  return call;
}

/** What a promise comes to: `done`, the kind of the failure, or the code of the misuse. Anything else is a fault. */
async function word(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'done';
  } catch (error) {
    if (error instanceof PhoneError) return error.failure.kind;
    if (error instanceof SwitchhookError) return error.code;
    throw error;
  }
}

/** What they come to, played for as long as it takes, which is bounded. */
async function words(asked: readonly Promise<unknown>[]): Promise<string> {
  let found: readonly string[] | undefined;
  void Promise.all(asked.map(word)).then((all) => (found = all));
  for (let seconds = 0; found === undefined && seconds < 250; seconds += 1) await house.play(1_000);
  return [...new Set(found ?? ['never'])].join(', then ');
}

/** Asked twice in one breath: what both come to, or each of them. Whom it concerns besides is not there. */
const atThatMoment: Readonly<Record<Moment, Partial<Record<Deed, string>>>> = {
  calling: { answered: 'unreachable', hold: 'ended', holdWithMusic: 'ended', resume: 'done' },
  'ringing there': { answered: 'no-answer', hold: 'ended', holdWithMusic: 'ended', resume: 'done' },
  'ringing here': {
    answered: 'cancelled',
    answer: 'done, then not-now',
    answerBeside: 'done, then not-now',
    reject: 'done, then ended',
  },
  connected: standing({ sendDigits: 'done' }),
  held: standing({}),
  'held there': standing({}),
  ended: { answered: 'done' },
  'ended there': { answered: 'done' },
  'never answered': { answered: 'cancelled' },
};

function standing(more: Partial<Record<Deed, string>>): Partial<Record<Deed, string>> {
  return {
    answered: 'done',
    hold: 'done',
    holdWithMusic: 'unreachable',
    resume: 'done',
    transfer: 'no-answer, then not-now',
    transferByMessage: 'unreachable',
    ...more,
  };
}

describe.each(Object.keys(moments) as Moment[])('a call that is %s', (moment) => {
  test.each(all)('has a word for %s, twice in one breath', async (deed) => {
    const call = await moments[moment]();
    const otherwise = deed === 'hangUp' ? 'done' : call.state === 'ended' ? 'ended' : 'not-now';
    expect(await words([deeds[deed](call), deeds[deed](call)])).toBe(atThatMoment[moment][deed] ?? otherwise);
  });
});

describe('what a signal gives up', () => {
  const abortable = {
    call: (signal: AbortSignal) => alice.phone.call(bob.uri, { signal }),
    pickUp: (signal: AbortSignal) => alice.phone.pickUp(bob.uri, { signal }),
    retrieve: (signal: AbortSignal) => alice.phone.retrieve(bob.uri, { signal }),
    join: (signal: AbortSignal) => alice.phone.join(bob.uri, { signal }),
    register: (signal: AbortSignal) => alice.phone.register({ signal }),
  };

  test.each(Object.keys(abortable) as (keyof typeof abortable)[])('rejects as a phone does: %s', async (wish) => {
    const begun = await house.outcomeOf<unknown>(abortable[wish](AbortSignal.abort('no patience')), 0);
    expect(begun).toMatchObject({ name: 'PhoneError', failure: { kind: 'cancelled' }, cause: 'no patience' });
    // Nobody has heard of it, nor lost the sound for it.
    expect(alice.story.filter((event) => !event.startsWith('regist'))).toEqual([]);
    const giveUp = new AbortController();
    const asked = abortable[wish](giveUp.signal);
    house.context.clock.after(3, () => giveUp.abort('enough'));
    expect(await house.outcomeOf<unknown>(asked, 20)).toMatchObject({
      failure: { kind: 'cancelled' },
      cause: 'enough',
    });
  });
});

/** Everything that a phone can be asked for. */
const wishes = {
  dial: async (phone: Phone) => phone.dial(bob.uri).answered(),
  call: (phone: Phone) => phone.call(bob.uri),
  register: (phone: Phone) => phone.register(),
  unregister: (phone: Phone) => phone.unregister(),
  sendMessage: (phone: Phone) => phone.sendMessage(bob.uri, 'hello'),
  pickUp: (phone: Phone) => phone.pickUp(bob.uri),
  retrieve: (phone: Phone) => phone.retrieve(bob.uri),
  join: (phone: Phone) => phone.join(bob.uri),
  telephones: (phone: Phone) => phone.telephones(),
  dialWith: (phone: Phone) => phone.dialWith(bob.uri, bob.uri),
  redial: async (phone: Phone) => phone.redial(bob.uri).connected(),
  conference: (phone: Phone) => phone.conference([]),
  watch: async (phone: Phone) => {
    for await (const _ of phone.watch(bob.uri)) return;
  },
  watchConference: async (phone: Phone) => {
    for await (const _ of phone.watchConference(bob.uri)) return;
  },
};

describe.each(['has not been started', 'has been stopped'])('a phone that %s', (state) => {
  test.each(Object.keys(wishes) as (keyof typeof wishes)[])('has a word for %s', async (wish) => {
    const { phone } = house.idlePhone('carol');
    if (state === 'has been stopped') {
      await phone.start();
      await phone.stop();
    }
    const expected = wish === 'unregister' ? 'done' : wish === 'conference' ? 'not-now' : 'not-running';
    expect(await words([wishes[wish](phone)])).toBe(expected);
    const held = Object.entries(phone.stats()).filter(([what, count]) => what !== 'listeners' && count !== 0);
    expect(held).toEqual([]);
    await phone.stop();
  });
});
