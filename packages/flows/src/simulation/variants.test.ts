import { describe, expect, test } from 'vitest';
import { Mutation } from '../checker/mutation.testing.ts';
import { printReport } from '../checker/print-report.ts';
import type { FlowScript } from '../flow/flow-script.ts';
import { flowScripts } from '../flow/flow-scripts.ts';
import type { PlayedFlow } from '../stage/played.ts';
import { simulateFlow } from './simulate-flow.ts';
import type { SimulationOptions } from './simulation-options.ts';

const protocols = ['UDP', 'WSS'] as const;

/** A play that has to be right. */
async function play(script: FlowScript, options: SimulationOptions): Promise<PlayedFlow> {
  const played = await simulateFlow(script, options);
  expect(played.error, script.flow).toBeUndefined();
  expect(played.leftOvers, script.flow).toEqual([]);
  expect(played.report.passed, printReport(played.report)).toBe(true);
  expect(played.report.advice, script.flow).toEqual([]);
  return played;
}

test.each(protocols)('C1.1-01 every flow passes without the messages that are optional, over %s', async (protocol) => {
  for (const script of flowScripts) {
    const { report } = await play(script, { protocol, optionalMessages: false });
    const missing = report.flow.messages.filter(({ f }) => !report.matched.has(f));
    expect(missing, script.flow).toEqual(report.flow.messages.filter(({ optional }) => optional));
    const excused = report.tolerated
      .filter(({ message }) => message?.optional === true)
      .map(({ tolerance }) => tolerance);
    expect(excused, script.flow).toEqual(missing.map(({ status }) => (status === 100 ? 'T1' : 'T2')));
  }
});

describe('with two m-lines', () => {
  const everybody = ['alice', 'bob', 'carol', 'bill', 'b1', 'b2', 'b3', 'b4', 'gateway', 'pc'];
  const linesIn = (text: string): readonly string[] => text.match(/^m=\w+ \d+/gm) ?? [];
  const isOpen = (line: string): boolean => !line.endsWith(' 0');

  test.each(protocols)('C1-07 every flow passes with two streams, each held and resumed, over %s', async (protocol) => {
    for (const script of flowScripts) {
      const two = await play(script, { protocol, pictures: everybody });
      const one = await simulateFlow(script, { protocol });
      // A server knows no picture: it refuses that stream, or does not offer it.
      const phones = two.report.flow.elements.filter(({ id }) => everybody.includes(id)).map(({ id }) => id);
      const isBetweenPhones = (element: string): boolean => phones.includes(element) || element === 'proxy';
      for (const { from, to, text } of two.report.messages.filter(({ text: each }) => each.includes('m=audio'))) {
        const lines = linesIn(text);
        if (!isBetweenPhones(from) || !isBetweenPhones(to)) continue;
        expect(
          lines.map((line) => line.split(' ')[0]),
          text,
        ).toEqual(['m=audio', 'm=video']);
        expect(lines.every(isOpen), text).toBe(true);
      }
      const packets = (of: PlayedFlow): number =>
        (of.conversation.rtp ?? []).reduce((sum, each) => sum + each.packets, 0);
      if (packets(one) > 0 && phones.length === two.report.flow.elements.length)
        expect(packets(two), script.flow).toBeGreaterThan(1.5 * packets(one));
    }
  });

  test.each([['alice'], ['bob'], ['carol']])(
    'C1-07 every flow passes when only %s has a picture: the others answer port 0',
    async (element) => {
      let refused = 0;
      for (const script of flowScripts) {
        const { report } = await play(script, { protocol: 'TLS', pictures: [element] });
        const answers = report.messages.filter(
          ({ message, text }) => message !== undefined && 'status' in message && text.includes('m=video'),
        );
        refused += answers.filter(({ text }) => /^m=video 0 /m.test(text)).length;
      }
      expect(refused).toBeGreaterThan(0);
    },
  );

  /** 2.1 with a second stream in every description. */
  function withTwo(): Mutation {
    const mutation = new Mutation('2.1');
    for (const draft of mutation.conversation.drafts) {
      const direction = /^a=(send|recv|inactive).*/m.exec(draft.body)?.[0];
      if (direction !== undefined) draft.body += `m=video 50000 RTP/AVP 34\r\n${direction}\r\n`;
    }
    return mutation;
  }

  const found = (mutation: Mutation): readonly string[] =>
    mutation.report().failures.map(({ message, rule, expected }) => `${message ?? ''} ${rule} ${expected}`);

  test('C1-07 the checker looks at each stream: one that is not held with the other, and one that is lost', () => {
    expect(found(withTwo())).toEqual([]);
    const unheld = withTwo();
    for (const f of ['F10', 'F11']) unheld.replaceInBody(f, /a=sendonly\r\n$/, 'a=sendrecv\r\n');
    expect(found(unheld)).toContain('F10 sdp.direction sendonly or inactive');
    const lost = withTwo();
    for (const f of ['F10', 'F11', 'F12', 'F13']) lost.replaceInBody(f, 'm=video 50000', 'm=video 0');
    expect(found(lost)).toEqual(['F10 R-SDP the video stream']);
  });
});
