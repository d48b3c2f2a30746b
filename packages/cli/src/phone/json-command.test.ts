import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { jsonCommandNames, longestLine, readJsonCommand } from './json-command.ts';

describe('a line of JSON', () => {
  test.each([
    [{ command: 'call', to: 'sip:bob@example.com', id: 7 }],
    [{ command: 'answer', call: 2, id: 'x' }],
    [{ command: 'reject', as: 'unavailable' }],
    [{ command: 'hangup' }],
    [{ command: 'transfer', to: 'carol', call: 1, stay: true }],
    [{ command: 'connect', call: 1, other: 2 }],
    [{ command: 'offer', to: 'carol' }],
    [{ command: 'accept', question: 4 }],
    [{ command: 'conference', calls: [1, 2], lasting: true }],
    [{ command: 'drop', call: 2 }],
    [{ command: 'mute', on: true, call: 2 }],
    [{ command: 'join', to: 'bob' }],
    [{ command: 'pickup', from: ['bob', 'carol'], answered: true }],
    [{ command: 'redial', to: 'bob', mode: 'off' }],
    [{ command: 'park', at: 'park', call: 1 }],
    [{ command: 'retrieve', from: '5001', whom: 'bob' }],
    [{ command: 'dialwith', device: 'desk', to: 'bob' }],
    [{ command: 'digits', digits: '12#A' }],
    [{ command: 'mute', on: false }],
    [{ command: 'message', to: 'bob', text: 'Grüße\nvon mir' }],
    [{ command: 'dnd', mode: 'off' }],
    [{ command: 'why' }],
    [{ command: 'quit' }],
  ])('%j is a command', (line) => {
    const { id, ...command } = { id: undefined, ...line };
    expect(readJsonCommand(JSON.stringify(line))).toEqual({ id, command });
  });

  test('has defaults where the input line has them', () => {
    expect(readJsonCommand('{"command":"mute"}')).toMatchObject({ command: { on: true } });
    expect(readJsonCommand('{"command":"dnd"}')).toMatchObject({ command: { mode: 'busy' } });
  });

  test.each([
    ['', 'no JSON'],
    ['[1]', 'no JSON object'],
    ['null', 'no JSON object'],
    ['{}', '"command" has to be one of call, '],
    ['{"command":"constructor"}', 'there is no command "constructor": "command" has to be one of call, '],
    [`{"command":"${'x'.repeat(500)}"}`, `there is no command "${'x'.repeat(64)}": `],
    ['{"command":"call"}', '"to" has to be a text'],
    ['{"command":"call","to":5}', '"to" has to be a text'],
    ['{"command":"call","to":"bob","too":1}', 'call has no "too"'],
    ['{"command":"hold","call":"1"}', '"call" has to be the number'],
    ['{"command":"conference","calls":["1"]}', '"calls" has to be a list of numbers'],
    ['{"command":"drop"}', '"call" has to be the number of a call'],
    ['{"command":"pickup","from":[]}', '"from" has to be a text, or a list of texts'],
    ['{"command":"refuse","question":"1"}', '"question" has to be the number of a question'],
    ['{"command":"transfer","to":"bob","stay":1}', '"stay" has to be true or false'],
    ['{"command":"hold","call":1.5}', '"call" has to be the number'],
    ['{"command":"reject","as":"rude"}', '"as" has to be busy, declined, unavailable'],
    ['{"command":"digits","digits":"x"}', '"digits" are'],
    ['{"command":"waiting","on":"yes"}', '"on" has to be true or false'],
    ['{"command":"log","id":{}}', '"id" has to be'],
    [`{"command":"log","x":"${'x'.repeat(longestLine)}"}`, 'longer than'],
  ])('%.60s is none', (line, complaint) => {
    const read = readJsonCommand(line);
    expect('complaint' in read && read.complaint).toContain(complaint);
  });

  test('brings its id and its name back with the complaint', () => {
    expect(readJsonCommand('{"command":"call","id":"c1"}')).toMatchObject({ id: 'c1', name: 'call' });
  });

  test('never throws', () => {
    fc.assert(
      fc.property(
        fc.json(),
        fc.constantFrom(...jsonCommandNames),
        fc.dictionary(fc.string(), fc.jsonValue()),
        (...any) => {
          const [json, command, fields] = any;
          for (const line of [json, JSON.stringify({ ...fields, command })]) {
            const read = readJsonCommand(line);
            expect('command' in read || 'complaint' in read).toBe(true);
          }
        },
      ),
    );
  });
});
