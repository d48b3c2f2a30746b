import { expect, test } from 'vitest';
import { EventStream, eventsKept } from './event-stream.ts';

interface Numbered {
  readonly number: number;
}

async function numbersOf(events: AsyncIterable<Numbered>, most = Infinity): Promise<number[]> {
  const numbers: number[] = [];
  for await (const { number } of events) {
    numbers.push(number);
    if (numbers.length === most) break;
  }
  return numbers;
}

test('an iterator has what came since it was made, and ends with the stream', async () => {
  const stream = new EventStream<Numbered>();
  stream.emit({ number: 1 });
  const events = stream.iterate();
  stream.emit({ number: 2 });
  const read = numbersOf(events);
  await Promise.resolve();
  stream.emit({ number: 3 });
  stream.end();
  stream.emit({ number: 4 });
  expect(await read).toEqual([2, 3]);
  expect(stream.size).toBe(0);
  expect(await numbersOf(stream.iterate())).toEqual([]);
});

test('who leaves the loop, or aborts, is let go of', async () => {
  const stream = new EventStream<Numbered>();
  const left = numbersOf(stream.iterate(), 1);
  const abort = new AbortController();
  const aborted = numbersOf(stream.iterate(abort.signal));
  expect(stream.size).toBe(2);
  stream.emit({ number: 1 });
  expect(await left).toEqual([1]);
  abort.abort();
  expect(await aborted).toEqual([1]);
  expect(stream.size).toBe(0);
  expect(await numbersOf(stream.iterate(AbortSignal.abort()))).toEqual([]);
});

test('a reader who does not read keeps the newest, and not more', async () => {
  const stream = new EventStream<Numbered>();
  const events = stream.iterate();
  for (let number = 1; number <= eventsKept + 5; number += 1) stream.emit({ number });
  stream.end();
  const numbers = await numbersOf(events);
  expect([numbers.length, numbers[0]]).toEqual([eventsKept, 6]);
});

test('a listener that is taken back is not called, even by the event under way', () => {
  const stream = new EventStream<Numbered>();
  const heard: string[] = [];
  let second = (): void => undefined;
  stream.listen(() => {
    heard.push('first');
    second();
  });
  second = stream.listen(() => heard.push('second'));
  stream.emit({ number: 1 });
  expect(heard).toEqual(['first']);
});
