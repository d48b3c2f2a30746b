import { VirtualClock } from '@switchhook/sim';
import { expect, test } from 'vitest';
import { checkFlow } from '../checker/check.ts';
import { Recorder } from '../conversation/recorder.ts';
import type { SaidMessage } from '../conversation/conversation.ts';
import { consultationHold } from '../flow/consultation-hold.ts';
import { findMe } from '../flow/find-me.ts';
import { callHold } from '../flow/call-hold.ts';
import { findFlow } from '../oracle/oracle.ts';
import { simulateFlow } from '../simulation/simulate-flow.ts';
import { printConclusion } from '../checker/print-report.ts';
import { drawReport } from './flow-ladder.ts';
import { LiveLadder } from './live-ladder.ts';

const flow = findFlow('2.1') ?? expect.unreachable();
const { conversation } = await simulateFlow(callHold);

/** What a ladder has drawn, with the time of the conversation when it did. */
interface Drawn {
  readonly time: number;
  readonly text: string;
}

/** Tells a recorder once more what was said and sent, at its times, and draws. */
async function draw(change: (said: SaidMessage) => SaidMessage | undefined = (said) => said): Promise<{
  readonly drawn: readonly Drawn[];
  readonly whole: string;
}> {
  const clock = new VirtualClock();
  const recorder = new Recorder(conversation.participants);
  recorder.watchRtp();
  const drawn: Drawn[] = [];
  const ladder = new LiveLadder(flow, recorder, clock, (text) => drawn.push({ time: clock.now(), text }));
  ladder.start();
  for (const said of conversation.messages) {
    const { time, from, to, protocol, text } = change(said) ?? { ...said, text: '\r\n' };
    clock.after(said.time, () => recorder.say({ time, from, to, protocol, text }));
  }
  for (const { from, to, start, end } of conversation.rtp ?? []) {
    for (let time = start; time <= end; time += 20) clock.after(time, () => recorder.packet(time, from, to));
  }
  await clock.play(conversation.end);
  const report = checkFlow(flow, recorder.conversation(conversation.end));
  ladder.finish(report);
  expect(clock.pending).toBe(0);
  return { drawn, whole: drawReport(report) };
}

test('every line is drawn once, in the order of the whole ladder', async () => {
  const { drawn, whole } = await draw();
  expect(drawn.map(({ text }) => text).join('')).toBe(whole);
});

test('a line is drawn while the flow goes on, with its number and a tick', async () => {
  const { drawn } = await draw();
  const invite = conversation.messages.find(({ text }) => text.startsWith('INVITE'));
  const line = drawn.find(({ text }) => text.includes('INVITE F1 '));
  expect(line?.text).toMatch(/✓\n$/);
  expect((line?.time ?? Infinity) - (invite?.time ?? 0)).toBeLessThan(300);
});

test('what is wrong with a message is told with it', async () => {
  const { drawn } = await draw((said) =>
    said.text.startsWith('BYE') && said.from === 'alice'
      ? { ...said, text: said.text.replace(/\r\nMax-Forwards:.*/, '') }
      : said,
  );
  expect(drawn.map(({ text }) => text).find((text) => text.includes('BYE F22'))).toMatch(/✗ .*R-REQ/);
});

test('what is missing is drawn when all is over', async () => {
  const { drawn, whole } = await draw((said) => (/^CSeq: \d+ BYE/m.test(said.text) ? undefined : said));
  const missing = drawn.find(({ text }) => text.includes('BYE F22'));
  expect(missing).toMatchObject({ time: conversation.end });
  expect(drawn.map(({ text }) => text).join('')).toBe(whole);
});

test('what turns out to be wrong afterwards is told below', async () => {
  const held = conversation.messages.find(({ text }) => text.includes('a=sendonly'))?.time ?? 0;
  const { drawn } = await draw((said) => said);
  expect(drawn.some(({ text }) => text.includes('after all'))).toBe(false);
  const clock = new VirtualClock();
  const recorder = new Recorder(conversation.participants);
  const texts: string[] = [];
  const ladder = new LiveLadder(flow, recorder, clock, (text) => void texts.push(text));
  ladder.start();
  for (const said of conversation.messages) clock.after(said.time, () => recorder.say(said));
  await clock.play(conversation.end);
  // Music that nobody should hear goes on while the call is held.
  for (let time = held; time < conversation.end; time += 20) recorder.packet(time, 'alice', 'bob');
  ladder.finish(checkFlow(flow, recorder.conversation(conversation.end)));
  expect(texts.join('')).toMatch(/after all: ✗ media|✗ media/);
});

test('who has stopped holds nothing', async () => {
  const clock = new VirtualClock();
  const recorder = new Recorder(conversation.participants);
  const texts: string[] = [];
  const ladder = new LiveLadder(flow, recorder, clock, (text) => void texts.push(text));
  ladder.start();
  const [first] = conversation.messages;
  if (first !== undefined) recorder.say(first);
  expect(clock.pending).toBe(1);
  ladder.finish(checkFlow(flow, recorder.conversation(0)));
  expect(clock.pending).toBe(0);
  const { length } = texts;
  if (first !== undefined) recorder.say(first);
  await clock.play(10_000);
  expect(texts).toHaveLength(length);
});

test('where a call has two streams, the ladder says of each what a description says, if there is room, and the end counts them', async () => {
  const { report } = await simulateFlow(callHold, { protocol: 'UDP', pictures: ['alice', 'bob'] });
  expect(drawReport(report)).toMatch(/INVITE F10 .*✓ audio inactive, video inactive$/m);
  expect(
    drawReport(report, 80)
      .split('\n')
      .filter((line) => line.length > 80),
  ).toEqual([]);
  expect(drawReport(report, 80)).toMatch(/INVITE F10 .*✓$/m);
  expect(printConclusion(report)).toContain(', two streams in 12 of 12 session descriptions, ');
  const { report: refused } = await simulateFlow(callHold, { protocol: 'UDP', pictures: ['alice'] });
  expect(drawReport(refused)).toMatch(/200 OK F6 .*✓ audio sendrecv, video refused$/m);
  expect(printConclusion(refused)).toContain(', two streams in 2 of 12 session descriptions, ');
  const one = checkFlow(flow, conversation);
  expect(printConclusion(one)).not.toContain('two streams');
  expect(drawReport(one)).not.toContain('audio');
});

test('a ladder that is stopped draws nothing of what did not come', async () => {
  const clock = new VirtualClock();
  const recorder = new Recorder(conversation.participants);
  const drawn: string[] = [];
  const ladder = new LiveLadder(flow, recorder, clock, (text) => drawn.push(text));
  ladder.start();
  ladder.stop();
  for (const { time, from, to, protocol, text } of conversation.messages) {
    recorder.say({ time, from, to, protocol, text });
  }
  await clock.play(1_000);
  expect(drawn).toHaveLength(1);
});

test('in a narrow terminal a ladder of four lifelines keeps its lines, and of six that have no room each line names who speaks to whom', async () => {
  const longest = (text: string): number => Math.max(...text.split('\n').map((line) => line.length));
  const four = await simulateFlow(consultationHold);
  for (let columns = 60; columns < 80; columns++) {
    const text = drawReport(four.report, columns);
    expect(longest(text)).toBeLessThanOrEqual(columns);
    expect(text).toMatch(/\|-* ?INVITE F17 -*>\|/);
    expect(text).toMatch(/\|<-* ?200 OK F21 -*\|/);
  }
  const six = await simulateFlow(findMe);
  const words = drawReport(six.report, 79);
  expect(longest(words)).toBeLessThanOrEqual(79);
  expect(words).toMatch(/^ +\d\.\d{3} Proxy -> B2: INVITE F10 {2}✓$/m);
  expect(drawReport(six.report, 87)).toMatch(/INVITE F10/);
  expect(longest(drawReport(six.report, 87))).toBeLessThanOrEqual(87);
});
