import { expect, test } from 'vitest';
import { check } from './check.ts';
import type { Recording } from './check.ts';
import { flow } from './flow.ts';

const played = await flow('2.1', { protocol: 'UDP', seed: 3 });

/** What was played, as somebody who has only seen it pass tells it. */
function recording(change: (text: string) => string = (text) => text): Recording {
  const { participants, messages } = played.played.conversation;
  return {
    participants: Object.fromEntries(
      participants.map(({ element, hosts, addressOfRecord }) => [
        element,
        { hosts, ...(addressOfRecord !== undefined && { addressOfRecord }) },
      ]),
    ),
    messages: messages.map(({ time, from, to, text }) => ({ time, from, to, text: change(text), protocol: 'UDP' })),
  };
}

test('a flow that is played is right, message by message', () => {
  expect(played.problems).toEqual([]);
  expect(played.passed).toBe(true);
  expect(played.messages).toHaveLength(25);
  expect(played.messages[9]).toMatchObject({ number: 'F10', title: 'INVITE(hold) from bob to proxy', problems: [] });
  expect(played.messages[9]?.said?.text).toContain('a=inactive');
  expect(played.text).toContain('25 of 25 messages');
});

test('a recording is checked the same way, without sound', () => {
  const { problems, messages } = check('2.1', recording());
  expect(problems).toEqual([]);
  expect(messages.filter(({ said }) => said === undefined)).toEqual([]);
});

test('what is wrong is told with the message, the rule and where it is written', () => {
  const { passed, problems, messages } = check(
    '2.1',
    recording((text) => (text.startsWith('INVITE') ? text.replace('a=inactive', 'a=sendrecv') : text)),
  );
  expect(passed).toBe(false);
  expect(problems.join('\n')).toMatch(/^2\.1 F10 sdp\.direction \(must\): .*\n {2}RFC 3264 6\.1, 8\.4/m);
  expect(messages[9]?.problems).not.toEqual([]);
  expect(messages[0]?.problems).toEqual([]);
});

test('senders may be told by their hosts, and messages by their bytes', () => {
  const { participants, messages } = recording();
  const hostOf = (element: string): string => participants[element]?.hosts[0]?.toUpperCase() ?? element;
  const byHost = messages.map(({ from, to, text, time }) => {
    return {
      time,
      from: hostOf(from),
      to: hostOf(to),
      text: Buffer.from(String(text), 'latin1'),
      protocol: 'UDP' as const,
    };
  });
  expect(check('2.1', { participants, messages: byHost }).problems).toEqual([]);
});

test('where packets are watched, that none went is a problem', () => {
  const { problems } = check('2.1', { ...recording(), packets: [] });
  expect(problems.join('\n')).toContain('expected: RTP from alice to bob');
});

test('a section, a part and a sender that are none are errors of the caller', async () => {
  await expect(flow('2.19')).rejects.toThrow(RangeError);
  expect(() => check('3.1', recording())).toThrow('name one of 2.1 to 2.18');
  expect(() => check('2.1', { participants: { dora: { hosts: [] } }, messages: [] })).toThrow('2.1 has no dora');
  const message = { time: 0, from: '192.0.2.99', to: 'bob', text: '' };
  expect(() => check('2.1', { ...recording(), messages: [message] })).toThrow('nobody is 192.0.2.99');
});
