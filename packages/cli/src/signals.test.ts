import { EventEmitter } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { demonstration } from '@switchhook/exchange';
import type { Configuration } from '@switchhook/exchange';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { serveUntilSignal } from './signals.ts';

const { configuration } = demonstration({ dataFolder: mkdtempSync(join(tmpdir(), 'switchhook-signals-')) });

let source: EventEmitter;
let heard: string[];
let drained: PromiseWithResolvers<undefined>;
let serving: Promise<void>;

const exchange = {
  drain: () => {
    heard.push('drain');
    return drained.promise;
  },
  reload: (changed: Configuration) => {
    heard.push(`reload ${String(changed.listeners.length)}`);
    return Promise.resolve([]);
  },
  stop: () => {
    heard.push('stop');
    return Promise.resolve();
  },
};

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
  source = new EventEmitter();
  heard = [];
  drained = Promise.withResolvers();
  serving = serveUntilSignal(
    exchange,
    () => configuration,
    () => heard.push('ready'),
    source,
  );
});

afterEach(async () => {
  vi.useRealTimers();
  await serving;
  expect(source.eventNames()).toEqual([]);
});

test.each(['SIGTERM', 'SIGINT'])('%s lets what has begun finish', async (signal) => {
  source.emit(signal);
  await Promise.resolve();
  expect(heard).toEqual(['ready', 'drain']);
  drained.resolve(undefined);
  await serving;
  expect(heard).toEqual(['ready', 'drain', 'stop']);
});

test('a second one ends it at once, but not the echo of the first', async () => {
  source.emit('SIGINT');
  vi.advanceTimersByTime(499);
  source.emit('SIGINT');
  await new Promise(setImmediate);
  expect(heard).toEqual(['ready', 'drain']);
  vi.advanceTimersByTime(1);
  source.emit('SIGINT');
  await serving;
  expect(heard).toEqual(['ready', 'drain', 'stop']);
});

test('SIGHUP reads the configuration again', async () => {
  source.emit('SIGHUP');
  await new Promise(setImmediate);
  expect(heard).toEqual(['ready', 'reload 5']);
  source.emit('SIGTERM');
  drained.resolve(undefined);
  await serving;
});

test('a second SIGHUP waits until the configuration of the first is taken up', async () => {
  const first = Promise.withResolvers<readonly string[]>();
  const taken: string[] = [];
  const reloads = [() => first.promise, () => Promise.resolve([])];
  const slow = {
    ...exchange,
    reload: async () => {
      const name = `reload ${String(3 - reloads.length)}`;
      await reloads.shift()?.();
      taken.push(name);
      return [];
    },
  };
  const terminal = new EventEmitter();
  const other = serveUntilSignal(
    slow,
    () => configuration,
    () => undefined,
    terminal,
  );
  terminal.emit('SIGHUP');
  terminal.emit('SIGHUP');
  await new Promise(setImmediate);
  expect(taken).toEqual([]);
  first.resolve([]);
  await new Promise(setImmediate);
  expect(taken).toEqual(['reload 1', 'reload 2']);
  terminal.emit('SIGTERM');
  drained.resolve(undefined);
  await other;
  source.emit('SIGTERM');
});

test('SIGHUP ends what has no configuration: its terminal was closed', async () => {
  const terminal = new EventEmitter();
  const demonstrated = serveUntilSignal(exchange, undefined, () => undefined, terminal);
  terminal.emit('SIGHUP');
  drained.resolve(undefined);
  await demonstrated;
  expect(heard).toEqual(['ready', 'drain', 'stop']);
  source.emit('SIGTERM');
});
