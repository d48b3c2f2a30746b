import { describe, expect, it } from 'vitest';
import { AgentBench, TestCalls } from './agent.testing.ts';
import { InstantMessages } from './instant-messages.ts';
import type { InstantMessage } from './instant-messages.ts';

const sdp = ['Content-Type: application/sdp', '', 'v=0'];
const text = ['Content-Type: text/plain', '', 'hello'];
const html = ['Content-Type: text/html', '', '<p>hello'];
const isup = (disposition: string): string[] => [
  'Content-Type: application/isup;version=nxv3',
  ...(disposition === '' ? [] : [`Content-Disposition: ${disposition}`]),
  '',
  'bits',
];

function multipart(...parts: readonly (readonly string[])[]): string {
  return [...parts.flatMap((part) => ['--edge', ...part]), '--edge--', ''].join('\r\n');
}

const ofType = (subtype: string): string => `Content-Type: multipart/${subtype};boundary=edge`;

/** What an INVITE with that body is answered with: 180 where its user has it. */
async function statusOf(headers: readonly string[], body: string): Promise<number | undefined> {
  const bench = await AgentBench.started();
  const calls = new TestCalls(bench.agent);
  bench.receive('INVITE', { headers, body });
  if (calls.invites.length > 0) calls.accept(486);
  const [response] = bench.responses;
  if (response?.status === 415) expect(response.raw('Accept')).toBe('application/sdp');
  expect(await bench.leftOvers()).toEqual([]);
  return response?.status;
}

describe('the body of a request (RFC 5621)', () => {
  it.each<[string, string, string]>([
    ['one part', ofType('mixed'), multipart(sdp)],
    ['a part that may be passed over', ofType('mixed'), multipart(sdp, isup('signal;handling=optional'))],
    ['another multipart, which is read as mixed', ofType('related'), multipart(sdp)],
    ['an alternative that is understood', ofType('alternative'), multipart(text, sdp)],
    ['nothing but what may be passed over', ofType('mixed'), multipart(isup('signal;handling=optional'))],
  ])('4.2 with %s is let in', async (_, header, body) => {
    expect(await statusOf([header], body)).toBe(486);
  });

  it('8.3 of alternatives goes by what is said of them all', async () => {
    expect(await statusOf([ofType('alternative')], multipart(text, html))).toBe(415);
    const optional = 'Content-Disposition: render;handling=optional';
    expect(await statusOf([ofType('alternative'), optional], multipart(text, html))).toBe(486);
  });

  it.each<[string, string[], string]>([
    ['a part that has to be understood', [ofType('mixed')], multipart(sdp, isup('signal;handling=required'))],
    ['a part of which nothing is said', [ofType('mixed')], multipart(sdp, isup(''))],
    [
      'such a part deeper down',
      [ofType('mixed')],
      multipart(sdp, [ofType('mixed').replace('edge', 'in'), '', '--in', ...isup(''), '--in--']),
    ],
    [
      'a session description for something else',
      ['Content-Type: application/sdp', 'Content-Disposition: early-session'],
      'v=0',
    ],
    ['a session description to be shown', [ofType('mixed')], multipart(['Content-Disposition: render', ...sdp])],
  ])('8.4 with %s gets 415', async (_, headers, body) => {
    expect(await statusOf(headers, body)).toBe(415);
  });

  it('that does not read gets 400', async () => {
    expect(await statusOf([ofType('mixed')], 'no edge')).toBe(400);
    const deep = Array.from({ length: 10 }).reduce<string[]>(
      (inner, _, level) => [
        `Content-Type: multipart/mixed;boundary=e${level}`,
        '',
        `--e${level}`,
        ...inner,
        `--e${level}--`,
      ],
      sdp,
    );
    expect(await statusOf([ofType('mixed')], multipart(deep))).toBe(400);
  });
});

describe('a message of several parts', () => {
  async function read(subtype: string, ...parts: readonly (readonly string[])[]): Promise<(string | undefined)[]> {
    const bench = await AgentBench.started();
    const messages: InstantMessage[] = [];
    bench.agent.install(new InstantMessages(bench.agent, { onMessage: (message) => void messages.push(message) }));
    bench.receive('MESSAGE', { headers: [ofType(subtype)], body: multipart(...parts), contact: '' });
    expect(await bench.leftOvers()).toEqual([]);
    return [String(bench.responses[0]?.status), messages[0]?.contentType, messages[0]?.text];
  }

  it('is read as far as it can be', async () => {
    expect(await read('mixed', text)).toEqual(['200', 'text/plain', 'hello']);
    expect(await read('alternative', ['Content-Type: text/plain', '', 'poor'], text, html)).toEqual([
      '200',
      'text/plain',
      'hello',
    ]);
    expect(await read('mixed', html)).toEqual(['415', undefined, undefined]);
  });
});
