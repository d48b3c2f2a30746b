import { describe, expect, it } from 'vitest';
import { encodeUtf8 } from '../message/utf8.ts';
import { AgentBench } from './agent.testing.ts';
import { InstantMessages } from './instant-messages.ts';
import type { InstantMessage } from './instant-messages.ts';

const bob = 'sip:bob@192.0.2.9';

describe('an instant message (RFC 3428)', () => {
  it('goes out as UTF-8, without a Contact', async () => {
    const bench = await AgentBench.started();
    const messages = new InstantMessages(bench.agent, { onMessage: () => undefined });
    bench.agent.install(messages);
    const sent = messages.send(bob, 'Grüß Gott', { headers: [['Subject', 'hello']] });
    expect(bench.last.body).toBe(encodeUtf8('Grüß Gott'));
    expect(bench.last.raw('Content-Type')).toBe('text/plain;charset=UTF-8');
    expect(bench.last.raw('Subject')).toBe('hello');
    expect(bench.last.has('Contact')).toBe(false);
    bench.answer(bench.last, 202);
    expect(await sent).toHaveProperty('status', 202);
    expect(await bench.leftOvers()).toEqual([]);
  });

  it('waits for the one before it to the same address, and for no other', async () => {
    const bench = await AgentBench.started();
    const messages = new InstantMessages(bench.agent, { onMessage: () => undefined });
    const sent = [messages.send(bob, 'one'), messages.send(bob, 'two'), messages.send('sip:carol@192.0.2.8', 'three')];
    expect(bench.requests.map(({ body }) => body)).toEqual(['one', 'three']);
    const [one, three] = bench.requests;
    if (one === undefined || three === undefined) throw new Error('nothing was sent');
    bench.answer(one, 480);
    expect(bench.last.body).toBe('two');
    bench.answer(bench.last, 200);
    bench.answer(three, 200);
    expect((await Promise.all(sent)).map(({ status }) => status)).toEqual([480, 200, 200]);
    expect(await bench.leftOvers()).toEqual([]);
  });

  it('is not sent where it is too large for a hop that may not control congestion, with its credentials or without', async () => {
    const bench = await AgentBench.started();
    const messages = new InstantMessages(bench.agent, { onMessage: () => undefined });
    const large = messages.send(`${bob};transport=tcp`, 'x'.repeat(1_000));
    bench.clock.advance(1);
    expect(await large).toHaveProperty('code', 'too-large');
    expect(bench.requests).toEqual([]);
    const sent = messages.send(bob, 'x'.repeat(700));
    const headers = [['WWW-Authenticate', 'Digest realm="server", nonce="n", algorithm=SHA-256, qop="auth"']] as const;
    bench.answer(bench.last, 401, { headers });
    bench.clock.advance(1);
    expect(await sent).toHaveProperty('code', 'too-large');
    expect(bench.requests).toHaveLength(1);
    const secure = messages.send('sips:bob@192.0.2.9', 'x'.repeat(5_000));
    bench.answer(bench.last, 200);
    expect(await secure).toHaveProperty('status', 200);
    expect(await bench.leftOvers()).toEqual([]);
  });

  it('is turned away when too many wait, and when the user agent stops', async () => {
    const bench = await AgentBench.started();
    const messages = new InstantMessages(bench.agent, { onMessage: () => undefined });
    bench.agent.install(messages);
    const sent = Array.from({ length: 102 }, (_, index) => messages.send(bob, String(index)));
    expect(await sent[101]).toHaveProperty('code', 'overflow');
    await bench.agent.stop();
    const outcomes = await Promise.all(sent.slice(0, 101));
    expect(outcomes.every((outcome) => 'code' in outcome && outcome.code === 'stopped')).toBe(true);
  });

  it('is read by whoever is asked to, who says what becomes of it', async () => {
    const bench = await AgentBench.started();
    const read: InstantMessage[] = [];
    const onMessage = (message: InstantMessage): number | undefined => {
      read.push(message);
      return message.text === 'spam' ? 603 : undefined;
    };
    bench.agent.install(new InstantMessages(bench.agent, { onMessage }));
    const headers = ['Content-Type: Text/Plain;charset=utf-8'];
    bench.receive('MESSAGE', { headers, body: encodeUtf8('Grüß Gott'), contact: '' });
    bench.receive('MESSAGE', { headers, body: 'spam', callId: 'two' });
    bench.receive('MESSAGE', { headers: ['Content-Type: text/html'], body: '<p>', callId: 'three' });
    expect(bench.responses.map(({ status }) => status)).toEqual([200, 603, 415]);
    expect(bench.responses[0]?.has('Contact')).toBe(false);
    expect(read.map(({ text, contentType }) => [text, contentType])).toEqual([
      ['Grüß Gott', 'text/plain'],
      ['spam', 'text/plain'],
    ]);
    expect(read[0]?.caller.address.displayName).toBe('Bob');
    expect(await bench.leftOvers()).toEqual([]);
  });
});
