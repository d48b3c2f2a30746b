import { simulatedContext } from '@switchhook/sim';
import { SipResponse, UserAgent } from '@switchhook/sip';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { Call } from './call.ts';
import { PhoneError } from './failure.ts';
import { goodbyeTime } from './phone.ts';
import { alice, bob, house, withTwoPhones } from './office.testing.ts';
import { answering } from './phone.testing.ts';
import type { TestPhone } from './phone.testing.ts';
import { patience } from './services/consultation.ts';

withTwoPhones();

function outcomeOf<T>(promise: Promise<T>, milliseconds = 200): Promise<T | PhoneError> {
  return house.outcomeOf(promise, milliseconds);
}

async function connected(from: TestPhone, to: TestPhone): Promise<Call> {
  const call = await outcomeOf(from.phone.call(to.uri));
  if (call instanceof PhoneError) throw call;
  return call;
}

describe('a call', () => {
  test('is made, answered, heard on both sides, and ended', async () => {
    answering(bob);
    const call = await connected(alice, bob);
    expect(call).toMatchObject({ state: 'connected', direction: 'outgoing', active: true, number: 1 });
    expect(call.remote).toEqual({ uri: bob.uri, name: 'bob' });
    expect(call.sound).toEqual({ codec: 'PCMU', encrypted: false });
    expect(await house.heard(alice, bob)).toEqual(['sound', 'sound']);
    await outcomeOf(call.hangUp());
    expect(call.end).toEqual({ kind: 'hung-up', by: 'local' });
    expect(bob.phone.log.entries).toMatchObject([{ direction: 'incoming', end: { kind: 'hung-up', by: 'remote' } }]);
    expect(alice.story).toEqual([
      '1 to bob',
      '1 active',
      '1 ringing',
      '1 connected',
      '1 sound PCMU',
      '1 not active',
      '1 ended hung-up',
    ]);
    expect(alice.phone.stats()).toMatchObject({ calls: 0, dialogs: 0, streams: 0 });
    // For so long another 2xx to the INVITE might come (RFC 3261 13.2.2.4).
    await house.play(33_000);
    expect(alice.phone.stats()).toMatchObject({ sessions: 0, requests: 0, transactions: 0 });
  });

  test.each([
    ['busy', 486, 'bob is busy (486)'],
    ['declined', 603, 'bob declined (603)'],
    ['unavailable', 480, 'bob cannot be reached at the moment (480)'],
  ] as const)('that is rejected as %s says so', async (as, status, message) => {
    bob.phone.onIncomingCall((call) => void call.reject(as));
    const failed = await outcomeOf(alice.phone.call(bob.uri));
    expect(failed).toMatchObject({ message, failure: { kind: as, status } });
    expect(bob.phone.log.missed).toEqual([]);
  });

  test('that rings before anybody looks is among those that come', async () => {
    const incoming = bob.phone.incomingCalls();
    const call = alice.phone.dial(bob.uri);
    await house.play(100);
    const [ringing] = bob.phone.calls;
    expect(await incoming.next()).toEqual({ done: false, value: ringing });
    await incoming.return();
    expect(bob.phone.stats().listeners).toBe(1);
    await outcomeOf(call.hangUp());
  });

  test('is given up by a signal, and missed by who was called', async () => {
    const giveUp = new AbortController();
    const calling = alice.phone.call(bob.uri, { signal: giveUp.signal });
    setTimeoutOf(100, () => giveUp.abort('no patience'));
    const failed = await outcomeOf(calling, 400);
    expect(failed).toMatchObject({ failure: { kind: 'cancelled' }, cause: 'no patience' });
    expect(bob.phone.log.missed).toMatchObject([
      { remote: { name: 'alice' }, end: { kind: 'cancelled', by: 'remote' } },
    ]);
  });

  test('to nobody ends with a word', async () => {
    expect(await outcomeOf(alice.phone.call('sip:carol@192.0.2.99'), 40_000)).toMatchObject({
      message: 'carol did not answer',
      failure: { kind: 'unreachable', code: 'timeout' },
    });
    expect(await outcomeOf(alice.phone.call('not a name'))).toMatchObject({ message: 'there is no not a name' });
  });

  test('whose far end vanishes is lost at the next thing that is wanted of it', async () => {
    answering(bob);
    const call = await connected(alice, bob);
    const heal = house.network.partition(['alice'], ['bob']);
    expect(await outcomeOf(call.hold(), 40_000)).toMatchObject({ failure: { code: 'timeout' } });
    expect(call.end).toMatchObject({ kind: 'lost', failure: { code: 'timeout' } });
    await house.play(40_000);
    expect(alice.phone.stats()).toMatchObject({ calls: 0, dialogs: 0, sessions: 0, streams: 0 });
    heal();
    await outcomeOf(Promise.all(bob.phone.calls.map((each) => each.hangUp())), 40_000);
  });

  test('has events for who wants them, and they end with it', async () => {
    answering(bob);
    const call = alice.phone.dial(bob.uri);
    const kinds: string[] = [];
    const listened = (async () => {
      for await (const event of call.events()) kinds.push(event.kind);
    })();
    await house.play(100);
    await outcomeOf(call.hangUp());
    await listened;
    expect(kinds).toEqual(['active', 'state', 'state', 'sound', 'active', 'ended']);
    await expect(call.hold()).rejects.toMatchObject({ failure: { kind: 'ended' } });
  });

  test('carries digits, and silence from who is muted', async () => {
    answering(bob);
    const call = await connected(alice, bob);
    await outcomeOf(call.sendDigits('12#'), 1_000);
    expect(bob.story.filter((word) => word.includes('digit'))).toEqual(['1 digit 1', '1 digit 2', '1 digit #']);
    call.muted = true;
    expect(await house.heard(alice, bob)).toEqual(['sound', 'silence']);
    call.muted = false;
    expect(await house.heard(alice, bob)).toEqual(['sound', 'sound']);
  });

  test('hears digits in INFO, and says which types of it are understood', async () => {
    answering(bob);
    const { session } = await connected(alice, bob);
    const say = async (contentType: string, body: string): Promise<SipResponse> => {
      const answer = await outcomeOf(session?.info({ contentType, body }) ?? Promise.reject(new Error('no session')));
      if (answer instanceof SipResponse) return answer;
      throw new Error('no answer');
    };
    expect((await say('application/dtmf-relay', 'Signal=5\r\nDuration=160\r\n')).status).toBe(200);
    expect((await say('Application/DTMF-Relay;charset=x', 'signal = d\r\n')).status).toBe(200);
    expect((await say('application/dtmf', '#')).status).toBe(200);
    expect(bob.story.filter((word) => word.includes('digit'))).toEqual(['1 digit 5', '1 digit D', '1 digit #']);
    for (const [type, body] of [
      ['application/dtmf-relay', 'Signal=hf'],
      ['application/dtmf', '55'],
      ['text/plain', '5'],
    ] as const) {
      const refusal = await say(type, body);
      expect(refusal.status).toBe(415);
      expect(refusal.raw('Accept')).toBe('application/dtmf-relay, application/dtmf');
    }
    expect(bob.story.filter((word) => word.includes('digit'))).toHaveLength(3);
  });

  test('says that a far end takes no digits', async () => {
    answering(bob);
    const call = await connected(alice, bob);
    vi.spyOn(call.media, 'sendDigits').mockResolvedValue('not-taken');
    await expect(call.sendDigits('1')).rejects.toMatchObject({ failure: { kind: 'no-digits' } });
    await expect(call.sendDigits('1')).rejects.toThrow(/takes no digits$/);
  });
});

/** Does something after so many milliseconds of the phones' time. */
function setTimeoutOf(milliseconds: number, action: () => void): void {
  house.context.clock.after(milliseconds, action);
}

describe('hold (RFC 5359 2.1)', () => {
  test('lets neither side hear the other until it is resumed', async () => {
    answering(bob);
    const call = await connected(alice, bob);
    await outcomeOf(call.hold());
    expect([call.localHold, bob.phone.calls[0]?.remoteHold]).toEqual([true, true]);
    expect(await house.heard(alice, bob)).toEqual(['silence', 'silence']);
    await outcomeOf(call.resume());
    expect([call.localHold, bob.phone.calls[0]?.remoteHold]).toEqual([false, false]);
    expect(await house.heard(alice, bob)).toEqual(['sound', 'sound']);
  });

  test('of both sides ends when each has resumed his own', async () => {
    answering(bob);
    const call = await connected(alice, bob);
    const theirs = bob.phone.calls[0];
    await outcomeOf(call.hold());
    await outcomeOf(Promise.resolve(theirs?.hold()));
    expect([call.localHold, call.remoteHold]).toEqual([true, true]);
    await outcomeOf(call.resume());
    expect([call.localHold, call.remoteHold]).toEqual([false, true]);
    await outcomeOf(Promise.resolve(theirs?.resume()));
    expect(await house.heard(alice, bob)).toEqual(['sound', 'sound']);
  });

  test('and resume asked for in one breath come one after the other', async () => {
    answering(bob);
    const call = await connected(alice, bob);
    await outcomeOf(Promise.all([call.hold(), call.resume(), call.hold()]));
    expect(call.localHold).toBe(true);
  });
});

describe('two calls', () => {
  let carol: TestPhone;

  beforeEach(async () => {
    carol = await house.phone('carol');
    answering(bob);
    answering(carol);
  });

  test('consultation (RFC 5359 2.2): the first is held before the second is called, and taken up again after it', async () => {
    const first = await connected(alice, bob);
    const second = await connected(alice, carol);
    expect([first.localHold, second.active]).toEqual([true, true]);
    expect(await house.heard(alice, bob, carol)).toEqual(['sound', 'silence', 'sound']);
    await outcomeOf(alice.phone.switchTo(first));
    expect([first.active, second.active, second.localHold]).toEqual([true, false, true]);
    expect(await house.heard(alice, bob, carol)).toEqual(['sound', 'sound', 'silence']);
    await outcomeOf(alice.phone.switchTo(second));
    await outcomeOf(second.hangUp());
    expect(alice.phone.activeCall).toBeUndefined();
    await outcomeOf(first.resume());
    expect(await house.heard(alice, bob)).toEqual(['sound', 'sound']);
  });

  test('call waiting: the second rings beside the first, which is held when it is answered', async () => {
    const first = await connected(alice, bob);
    const calling = carol.phone.call(alice.uri);
    await house.play(100);
    expect(alice.story).toContain('2 from carol, waiting');
    const waiting = alice.phone.calls.find(({ number }) => number === 2);
    await outcomeOf(Promise.resolve(waiting?.answer()));
    expect(await calling).toMatchObject({ state: 'connected' });
    expect([first.localHold, waiting?.active]).toEqual([true, true]);
    expect(await house.heard(alice, bob, carol)).toEqual(['sound', 'silence', 'sound']);
  });

  test('a far end that does not agree to be held does not keep the next one waiting', async () => {
    await connected(alice, bob);
    house.network.partition(['alice'], ['bob']);
    const second = alice.phone.dial(carol.uri);
    await house.play(patience - 100);
    expect(second.state).toBe('calling');
    await house.play(300);
    expect(second.state).toBe('connected');
  });

  test('without call waiting the second hears busy', async () => {
    alice.phone.callWaiting = false;
    await connected(alice, bob);
    expect(await outcomeOf(carol.phone.call(alice.uri))).toMatchObject({ message: 'alice is busy (486)' });
    expect(alice.story).toContain('turned away carol 486');
  });

  test('more than a phone may have are busy, and are not made', async () => {
    const small = await house.phone('dave', { maximumCalls: 1 });
    await connected(small, bob);
    expect(await outcomeOf(carol.phone.call(small.uri))).toMatchObject({ failure: { status: 486 } });
    expect(() => small.phone.dial(carol.uri)).toThrow('now');
  });
});

describe('do not disturb', () => {
  test.each([
    ['busy', 486],
    ['unavailable', 480],
  ] as const)('%s answers %i and does not ring', async (mode, status) => {
    bob.phone.doNotDisturb = mode;
    expect(await outcomeOf(alice.phone.call(bob.uri))).toMatchObject({ failure: { status } });
    expect(bob.story).toEqual([`turned away alice ${String(status)}`]);
    // RFC 3261 11.2: OPTIONS is told what a call would be.
    const asker = new UserAgent(simulatedContext('asker', house.context.clock), {
      address: '<sip:asker@192.0.2.5>',
      transports: [house.network.host('asker', ['192.0.2.5']).transport('UDP')],
      resolver: { resolve: ({ host: address }) => [{ protocol: 'UDP', address, port: 5060 }] },
    });
    await asker.start();
    expect(await outcomeOf(asker.options(bob.uri))).toMatchObject({ status });
    bob.phone.doNotDisturb = 'off';
    expect(await outcomeOf(asker.options(bob.uri))).toMatchObject({ status: 200 });
    await asker.stop();
    answering(bob);
    expect(await connected(alice, bob)).toMatchObject({ state: 'connected' });
  });
});

describe('texts', () => {
  test('arrive as they were written, in their order', async () => {
    const sent = Promise.all(['Grüße', 'zweite Zeile\n漢字'].map((text) => alice.phone.sendMessage(bob.uri, text)));
    await outcomeOf(sent, 500);
    expect(bob.story).toEqual(['alice: Grüße', 'alice: zweite Zeile\n漢字']);
  });

  test('to nobody end with a word', async () => {
    const failed = await outcomeOf(alice.phone.sendMessage('sip:carol@192.0.2.99', 'hello'), 40_000);
    expect(failed).toMatchObject({ message: 'carol did not answer' });
  });
});

test('a phone that stops in the middle of everything says goodbye and holds nothing', async () => {
  answering(bob);
  const carol = await house.phone('carol');
  await connected(alice, bob);
  alice.phone.dial(carol.uri);
  await house.play(3_000);
  const stopped = alice.phone.stop();
  await house.play(3_000);
  await stopped;
  expect(bob.phone.log.entries).toMatchObject([{ end: { kind: 'hung-up', by: 'remote' } }]);
  expect(carol.phone.log.missed).toHaveLength(1);
  expect(Object.values(alice.phone.stats()).every((count) => count === 0)).toBe(true);
});

test('a phone that stops does not wait for far ends that are gone', async () => {
  answering(bob);
  await connected(alice, bob);
  const heal = house.network.partition(['alice'], ['bob']);
  let stopped = false;
  void alice.phone.stop().then(() => (stopped = true));
  await house.play(goodbyeTime - 10);
  expect(stopped).toBe(false);
  await house.play(20);
  expect(stopped).toBe(true);
  expect(Object.values(alice.phone.stats()).every((count) => count === 0)).toBe(true);
  heal();
});

test('who calls past the proxy that screens is sent there, and nothing rings (RFC 5359 2.13)', async () => {
  const screened = await house.phone('carol', { screeningProxy: 'sip:192.0.2.3' });
  const outcome = await outcomeOf(alice.phone.call(screened.uri));
  expect(outcome).toBeInstanceOf(PhoneError);
  expect(screened.story).toEqual([]);
  expect(screened.phone.calls).toEqual([]);
});
