import { describe, expect, test } from 'vitest';
import {
  messageSummary,
  Notifier,
  type RegisteredAddress,
  type RegisteredContact,
  registrationEvent,
} from '@switchhook/sip';
import { mailbox, Scene, voiceMail } from './subscription.testing.ts';

const nothing = { dialogs: 0, dialogSets: 0, requests: 0, clientTransactions: 0, serverTransactions: 0, timers: 0 };

describe('a subscription from one user agent to another', () => {
  test('tells the state at once and every change, is refreshed, and ends when it is given up', async () => {
    const scene = await Scene.started('both');
    const { userAgent, notifier } = await scene.mailServer();
    notifier.publish(mailbox, voiceMail(1));
    const watch = scene.subscribe({ expires: 600 });
    await scene.clock.play(1000);
    expect(watch.counts).toEqual([1]);
    expect(watch.subscription.status).toBe('active');
    notifier.publish(mailbox, voiceMail(2));
    await scene.clock.play(2000);
    expect(watch.counts).toEqual([1, 2]);
    await scene.clock.play(6 * 3_600_000);
    expect(watch.subscription.status).toBe('active');
    const ended = watch.subscription.unsubscribe();
    expect(watch.subscription.status).toBe('leaving');
    await scene.clock.play(1000);
    await ended;
    expect(watch.end).toBe('unsubscribed');
    expect(scene.subscriber.stats()).toEqual({ subscriptions: 0 });
    expect(notifier.stats()).toEqual({ subscriptions: 0, resources: 1 });
    await scene.clock.play(40_000);
    expect(scene.phone.stats()).toEqual(nothing);
    expect(userAgent.stats()).toEqual(nothing);
    await scene.stop();
    await userAgent.stop();
    expect(scene.clock.pending).toBe(0);
    expect(notifier.stats()).toEqual({ subscriptions: 0, resources: 0 });
  });

  test('a fetch brings the state once (RFC 6665 4.4.3)', async () => {
    const scene = await Scene.started('fetch');
    const { notifier } = await scene.mailServer();
    notifier.publish(mailbox, voiceMail(3));
    const watch = scene.subscribe({ expires: 0 });
    await scene.clock.play(1000);
    expect(watch.counts).toEqual([3]);
    expect(watch.end).toBe('fetched');
    expect(notifier.stats().subscriptions).toBe(0);
  });

  test('what is advertised is what is installed', async () => {
    const scene = await Scene.started('advertised');
    const { userAgent } = await scene.mailServer();
    expect(userAgent.capabilityHeaders(['Allow-Events'])).toEqual([['Allow-Events', messageSummary.name]]);
    expect(String(scene.phone.capabilityHeaders(['Allow'])[0]?.[1])).toContain('NOTIFY');
    expect(scene.phone.capabilityHeaders(['Allow-Events'])).toEqual([]);
    expect(String(scene.phone.capabilityHeaders(['Accept'])[0]?.[1])).toContain('application/reginfo+xml');
  });
});

/** Contacts that come, change and go as the seed has it. */
function registrationsOf(fraction: () => number, before: readonly RegisteredAddress[]): readonly RegisteredAddress[] {
  const known = before[0]?.contacts.filter(({ state }) => state === 'active') ?? [];
  const ids = ['desk', 'mobile', 'browser', 'door'];
  const contacts = ids.flatMap((id): RegisteredContact[] => {
    const stood = known.find((contact) => contact.id === id);
    const q = String(Math.floor(fraction() * 10) / 10);
    if (fraction() < 0.4) return stood === undefined ? [] : [{ ...stood, state: 'terminated', event: 'expired' }];
    const event = stood === undefined ? 'registered' : 'refreshed';
    return [{ id, state: 'active', event, uri: `sip:${id}@192.0.2.7`, q, parameters: [] }];
  });
  return [{ addressOfRecord: 'sip:alice@example.com', id: 'alice', state: 'active', contacts }];
}

const standing = (registrations: readonly RegisteredAddress[] | undefined): string[] =>
  (registrations?.[0]?.contacts ?? [])
    .filter(({ state }) => state === 'active')
    .map(({ id, q }) => `${id} ${q ?? ''}`)
    .sort();

describe('over a network that loses, repeats and overtakes', () => {
  const seeds = Array.from({ length: 100 }, (_, seed) => `seed ${String(seed)}`);

  test.each(seeds)('%s: who watches knows in the end what there is, and nothing is left', async (seed) => {
    const scene = await Scene.started(seed, {
      loss: 0.2,
      duplication: 0.1,
      reordering: 0.1,
      heldBack: 800,
      jitter: 300,
    });
    const { userAgent, notifier } = await scene.mailServer({ minimumExpires: 30 });
    const registrar = new Notifier(userAgent, {
      package: registrationEvent,
      authorize: () => ({ kind: 'accept', resource: 'alice' }),
    });
    userAgent.install(registrar);
    const fraction = (): number => scene.context.random.fraction();
    const watch = scene.subscribe({ expires: 90 });
    const registered = scene.subscriber.subscribe({ package: registrationEvent, target: 'sip:bob@192.0.2.2' });
    let registrations: readonly RegisteredAddress[] = [];
    let messages = 0;
    for (let change = 0; change < 20; change += 1) {
      messages = Math.floor(fraction() * 10);
      registrations = registrationsOf(fraction, registrations);
      notifier.publish(mailbox, voiceMail(messages));
      registrar.publish('alice', registrations);
      await scene.clock.play(fraction() * 20_000);
    }
    await scene.clock.play(100_000);
    expect(watch.subscription.latest).toEqual(voiceMail(messages));
    expect(standing(registered.latest)).toEqual(standing(registrations));
    const closed = scene.subscriber.close();
    await scene.clock.play(100_000);
    await closed;
    expect(scene.subscriber.stats()).toEqual({ subscriptions: 0 });
    expect(notifier.stats().subscriptions + registrar.stats().subscriptions).toBe(0);
    expect(scene.phone.stats()).toEqual(nothing);
    expect(userAgent.stats()).toEqual(nothing);
    await scene.stop();
    await userAgent.stop();
    expect(scene.clock.pending).toBe(0);
  });
});
