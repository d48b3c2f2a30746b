import { EventEmitter } from 'node:events';
import { beforeEach, expect, test } from 'vitest';
import { Suspension } from './suspension.ts';

/** A process that notes when it is stopped, and whether somebody would have kept it from that. */
class FakeProcess extends EventEmitter {
  readonly pid = 42;
  readonly stops: { readonly pid: number; readonly heard: number }[] = [];

  kill(pid: number): void {
    this.stops.push({ pid, heard: this.listenerCount('SIGTSTP') });
  }
}

let process: FakeProcess;
let acts: string[];
let suspension: Suspension;

beforeEach(() => {
  process = new FakeProcess();
  acts = [];
  suspension = new Suspension((stop) => {
    acts.push('leave');
    stop();
    acts.push('enter');
  }, process);
  suspension.start();
});

test('told to stop from outside, it leaves the terminal, stops itself, and takes the terminal again', () => {
  process.emit('SIGTSTP');
  process.emit('SIGTSTP');
  expect(acts).toEqual(['leave', 'enter', 'leave', 'enter']);
  expect(process.stops).toEqual([
    { pid: 42, heard: 0 },
    { pid: 42, heard: 0 },
  ]);
});

test('the key stops all of the foreground', () => {
  suspension.stop();
  expect(process.stops).toEqual([{ pid: 0, heard: 0 }]);
  expect(process.listenerCount('SIGTSTP')).toBe(1);
});

test('when it has ended, nobody listens', () => {
  suspension.end();
  expect(process.listenerCount('SIGTSTP')).toBe(0);
});
