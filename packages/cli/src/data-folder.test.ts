import { homedir } from 'node:os';
import { expect, test } from 'vitest';
import { callLogFile } from './data-folder.ts';

test.each([
  ['alice@example.com', {}, undefined, `${homedir()}/.local/state/switchhook/calls/alice@example.com.jsonl`],
  ['alice@example.com', { XDG_STATE_HOME: '/state' }, undefined, '/state/switchhook/calls/alice@example.com.jsonl'],
  [
    'alice@example.com',
    { XDG_STATE_HOME: 'here' },
    undefined,
    `${homedir()}/.local/state/switchhook/calls/alice@example.com.jsonl`,
  ],
  ['alice@example.com:5070', {}, '/srv', '/srv/calls/alice@example.com%3A5070.jsonl'],
  ['../a@example.com', {}, '/srv', '/srv/calls/..%2Fa@example.com.jsonl'],
])('the calls of %s with %j and --data %s are in %s', (address, environment, data, file) => {
  expect(callLogFile({ data }, address, environment)).toBe(file);
});
