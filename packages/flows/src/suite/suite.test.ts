import { describe, expect, test } from 'vitest';
import { checkFlow } from '../checker/check.ts';
import { check } from './check.ts';
import type { Recording } from './check.ts';
import { flow } from './flow.ts';
import { verdictOf } from './verdict.ts';

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

test('of what a flow did not come to only the first is a problem', () => {
  const { conversation, report, leftOvers } = played.played;
  const f10 = report.matched.get('F10')?.time ?? Infinity;
  const begun = { ...conversation, messages: conversation.messages.filter(({ time }) => time < f10) };
  const error = new Error('bob has waited 63 s for a call');
  const { problems, text } = verdictOf({
    conversation: begun,
    report: checkFlow(report.flow, begun),
    error,
    leftOvers,
  });
  expect(problems.filter((each) => each.includes(' message (must)'))).toEqual([
    expect.stringMatching(/^2\.1 F10 message/),
  ]);
  expect(problems.at(-1)).toBe(`2.1 was not played to its end: ${error.message}`);
  expect(text).not.toContain('F16 message');
});

test('a section, a part and a sender that are none are errors of the caller', async () => {
  await expect(flow('2.19')).rejects.toThrow(RangeError);
  await expect(flow('2.19')).rejects.toMatchObject({ name: 'FlowError', code: 'unknown-section' });
  expect(() => check('3.1', recording())).toThrow('name one of 2.1 to 2.18');
  expect(() => check('2.1', { participants: { dora: { hosts: [] } }, messages: [] })).toThrow('2.1 has no dora');
  const message = { time: 0, from: '192.0.2.99', to: 'bob', text: '' };
  expect(() => check('2.1', { ...recording(), messages: [message] })).toThrow('nobody is 192.0.2.99');
});

describe('a program without types', () => {
  test.each([
    [{ on: 'socket' }, 'the options: on: it is "simulator" or "sockets"'],
    [{ seed: 'seven' }, 'the options: seed: '],
    [{ seed: -1 }, 'the options: seed: '],
    [{ protocol: 'udp' }, 'the options: protocol: '],
    [{ on: 'sockets', protocol: 'SCTP' }, 'the options: protocol: '],
    [{ addressFamily: 5 }, 'the options: addressFamily: '],
    [{ link: { loss: 20 } }, 'the options: link.loss: '],
    [{ link: { lost: 0.2 } }, 'the options: link: Unrecognized key: "lost"'],
    [{ guests: { bob: 'sip:bob@192.0.2.7' } }, 'the options: Unrecognized key: "guests"'],
    [{ on: 'sockets', seed: 3 }, 'the options: Unrecognized key: "seed"'],
    [{ on: 'sockets', director: {} }, 'the options: director.direct: '],
    ['2.1', 'the options: '],
    [null, 'the options: '],
  ])('is told what is wrong with the options %j', async (options, words) => {
    const untyped: (section: string, options: unknown) => Promise<unknown> = flow as never;
    const refused = untyped('2.1', options);
    await expect(refused).rejects.toMatchObject({ name: 'FlowError', code: 'invalid-option' });
    await expect(refused).rejects.toThrow(words);
  });

  test.each([
    [{}, 'the recording: participants: '],
    [undefined, 'the recording: '],
    [{ participants: { bob: {} }, messages: [] }, 'the recording: participants.bob.hosts: '],
    [{ participants: {}, messages: [{ time: 'now' }] }, 'the recording: messages.0.time: '],
    [{ participants: {}, messages: [], packets: {} }, 'the recording: packets: '],
  ])('is told what is wrong with the recording %j', (given, words) => {
    const untyped: (section: string, recording: unknown) => unknown = check as never;
    expect(() => untyped('2.1', given)).toThrow(words);
    expect(() => untyped('2.1', given)).toThrow(expect.objectContaining({ code: 'invalid-recording' }));
  });
});
