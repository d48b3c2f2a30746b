/** The phone for programs: lines of JSON in, lines of JSON out. */
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { commandsAtOnce, runJsonPhone } from '../../packages/cli/src/phone/json-phone.ts';
import { TestHouse } from '../../packages/phone/src/phone.testing.ts';
import type { TestPhone } from '../../packages/phone/src/phone.testing.ts';

let house: TestHouse;
let alice: TestPhone;
let bob: TestPhone;
let input: PassThrough;
let lines: string[];
let running: Promise<void>;
let ending: AbortController;

beforeEach(async () => {
  house = new TestHouse();
  alice = await house.phone('alice');
  bob = await house.phone('bob');
  input = new PassThrough();
  lines = [];
  ending = new AbortController();
  running = runJsonPhone(alice.phone, input, (line) => lines.push(line), ending.signal);
});

afterEach(async () => {
  ending.abort();
  for (const leftOver of await house.stop()) expect(leftOver).toEqual({});
  await running;
});

function tell(command: unknown): void {
  input.write(`${typeof command === 'string' ? command : JSON.stringify(command)}\n`);
}

function events(): Record<string, unknown>[] {
  return lines.map((line) => {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  });
}

/** Lets the phones go on until an event like this has come. */
async function hears(event: Record<string, unknown>): Promise<void> {
  const look = async (): Promise<void> => {
    await house.play(50);
    expect(events()).toContainEqual(expect.objectContaining(event));
  };
  await vi.waitFor(look, { timeout: 20_000, interval: 5 });
}

test('a call in events, from the first to the last', async () => {
  bob.phone.onIncomingCall((call) => void call.answer());
  tell({ id: 'c', command: 'call', to: bob.uri });
  await hears({ event: 'done', id: 'c', command: 'call', call: 1 });
  tell({ command: 'hold' });
  tell({ id: 2, command: 'resume' });
  await hears({ event: 'done', id: 2 });
  tell({ command: 'status', id: 3 });
  await hears({
    event: 'status',
    id: 3,
    calls: [expect.objectContaining({ call: 1, localHold: false, codec: 'PCMU' })],
  });
  tell({ command: 'hangup' });
  await hears({ event: 'call', change: 'ended', state: 'ended', message: 'you hung up on bob' });
  tell({ command: 'log', id: 4 });
  await hears({ event: 'log', entries: [expect.objectContaining({ direction: 'outgoing', missed: false })] });
  const changes = events()
    .filter(({ event }) => event === 'call')
    .map(({ change, state }) => `${String(change)} ${String(state)}`);
  expect(changes.slice(0, 4)).toEqual(['new calling', 'active calling', 'state ringing', 'state connected']);
  expect(events()[0]).toMatchObject({ event: 'started', addressOfRecord: alice.uri });
  tell({ command: 'quit' });
  await running;
  expect(events().at(-1)).toMatchObject({ event: 'stopped' });
});

test('what comes to nothing says why', async () => {
  tell('nonsense');
  await hears({ event: 'failed', kind: 'command', message: 'the line is no JSON' });
  tell({ id: 1, command: 'answer' });
  await hears({ event: 'failed', id: 1, command: 'answer', kind: 'command', message: 'nobody is calling' });
  tell({ id: 2, command: 'hold', call: 7 });
  await hears({ event: 'failed', id: 2, message: 'there is no call 7' });
  bob.phone.doNotDisturb = 'busy';
  tell({ id: 3, command: 'call', to: bob.uri });
  await hears({ event: 'failed', id: 3, kind: 'busy', status: 486, message: 'bob is busy (486)' });
});

test('what others do is told', async () => {
  const call = bob.phone.dial(alice.uri);
  await hears({ event: 'call', change: 'new', direction: 'incoming', waiting: false, name: 'bob' });
  tell({ command: 'answer' });
  await hears({ event: 'call', change: 'state', state: 'connected' });
  const sent = Promise.all([call.sendDigits('9'), bob.phone.sendMessage(alice.uri, 'two\nlines')]);
  await hears({ event: 'digit', call: 1, digit: '9' });
  await hears({ event: 'message', name: 'bob', text: 'two\nlines' });
  await house.play(1_000);
  await sent;
});

test('no more commands than the limit are under way', async () => {
  for (let id = 0; id <= commandsAtOnce; id += 1) tell({ id, command: 'message', to: bob.uri, text: 'x' });
  // The phones' time stands still until all lines are read.
  const refused = { event: 'failed', id: commandsAtOnce, message: 'too many commands at once' };
  await vi.waitFor(() => expect(events()).toContainEqual(expect.objectContaining(refused)), { interval: 5 });
  await hears({ event: 'done', id: commandsAtOnce - 1 });
});

test('at the end of the input the calls end, and what was under way is told before "stopped"', async () => {
  tell({ id: 1, command: 'call', to: bob.uri });
  await hears({ event: 'call', state: 'ringing' });
  input.end();
  await hears({ event: 'stopped' });
  expect(events()).toContainEqual(expect.objectContaining({ event: 'failed', id: 1, kind: 'cancelled' }));
  expect(events()).toContainEqual(expect.objectContaining({ event: 'call', change: 'ended' }));
  expect(events().at(-1)).toMatchObject({ event: 'stopped' });
  expect(alice.phone.stats()).toMatchObject({ calls: 0 });
});
