import { describe, expect, test } from 'vitest';
import { messageSummary } from '@switchhook/sip';
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
