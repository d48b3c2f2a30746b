import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { commandWords, findCommand, parseLine } from './grammar.ts';

describe('the input line', () => {
  test.each([
    ['call bob', { command: 'call', to: 'bob' }],
    ['  c   sip:bob@example.com ', { command: 'call', to: 'sip:bob@example.com' }],
    ['why', { command: 'why' }],
    ['answer', { command: 'answer' }],
    ['a 2', { command: 'answer', call: 2 }],
    ['reject', { command: 'reject' }],
    ['reject 3 unavailable', { command: 'reject', call: 3, as: 'unavailable' }],
    ['reject declined', { command: 'reject', as: 'declined' }],
    ['hold', { command: 'hold' }],
    ['resume 1', { command: 'resume', call: 1 }],
    ['switch', { command: 'switch' }],
    ['hangup', { command: 'hangup' }],
    ['hang up', { command: 'hangup' }],
    ['Hang  Up 2', { command: 'hangup', call: 2 }],
    ['x', { command: 'hangup' }],
    ['music', { command: 'music' }],
    ['music 1 jazz', { command: 'music', call: 1, from: 'jazz' }],
    ['conference', { command: 'conference' }],
    ['conf 1 and 2 lasting', { command: 'conference', calls: [1, 2], lasting: true }],
    ['add carol', { command: 'add', whom: 'carol' }],
    ['drop 2', { command: 'drop', call: 2 }],
    ['who', { command: 'roster' }],
    ['leave', { command: 'leave' }],
    ['join bob', { command: 'join', to: 'bob' }],
    ['mute 2', { command: 'mute', call: 2, on: true }],
    ['mute 2 off', { command: 'mute', call: 2, on: false }],
    ['hold bob', { command: 'hold', call: 'bob' }],
    ['reject bob busy', { command: 'reject', call: 'bob', as: 'busy' }],
    ['conference bob and carol', { command: 'conference', calls: ['bob', 'carol'] }],
    ['drop bob', { command: 'drop', call: 'bob' }],
    ['mute bob off', { command: 'mute', call: 'bob', on: false }],
    ['connect bob with carol', { command: 'connect', call: 'bob', other: 'carol' }],
    ['park bob 5001', { command: 'park', at: '5001', call: 'bob' }],
    ['park 5001lot', { command: 'park', at: '5001lot' }],
    ['music jazz', { command: 'music', from: 'jazz' }],
    ['transfer bob carol', { command: 'transfer', to: 'carol', call: 'bob' }],
    ['transfer carol', { command: 'transfer', to: 'carol' }],
    ['t 2 201', { command: 'transfer', to: '201', call: 2 }],
    ['connect', { command: 'connect' }],
    ['connect 1 and 2', { command: 'connect', call: 1, other: 2 }],
    ['offer 1 carol', { command: 'offer', to: 'carol', call: 1 }],
    ['follow', { command: 'follow' }],
    ['yes', { command: 'accept' }],
    ['refuse 3', { command: 'refuse', question: 3 }],
    ['dialwith sip:desk@192.0.2.7 bob', { command: 'dialwith', device: 'sip:desk@192.0.2.7', to: 'bob' }],
    ['pickup bob, carol', { command: 'pickup', from: ['bob', 'carol'] }],
    ['redial', { command: 'redial', mode: 'call' }],
    ['redial bob ask', { command: 'redial', mode: 'ask', to: 'bob' }],
    ['park', { command: 'park', at: 'park' }],
    ['park 2', { command: 'park', at: 'park', call: 2 }],
    ['park 2 5001', { command: 'park', at: '5001', call: 2 }],
    ['retrieve', { command: 'retrieve' }],
    ['retrieve 5001 bob', { command: 'retrieve', from: '5001', whom: 'bob' }],
    ['digits 12# a', { command: 'digits', digits: '12#A' }],
    ['mute', { command: 'mute', on: true }],
    ['mute OFF', { command: 'mute', on: false }],
    ['message bob I am  late, sorry', { command: 'message', to: 'bob', text: 'I am  late, sorry' }],
    ['dnd', { command: 'dnd', mode: 'busy' }],
    ['dnd unavailable', { command: 'dnd', mode: 'unavailable' }],
    ['dnd off', { command: 'dnd', mode: 'off' }],
    ['waiting off', { command: 'waiting', on: false }],
    ['log', { command: 'log' }],
    ['?', { command: 'help' }],
    ['help call', { command: 'help', about: 'call' }],
    ['q', { command: 'quit' }],
    ['unreg', { command: 'unregister' }],
  ])('"%s"', (line, command) => {
    expect(parseLine(line)).toEqual(command);
  });

  test.each([
    ['', 'say what to do'],
    ['dance', 'there is no command "dance"'],
    ['pickup', 'say where it rings'],
    ['drop', 'say which call'],
    ['drop bob carol', 'say which call'],
    ['mute bob maybe', 'say: mute [CALL] [on|off]'],
    ['redial bob now', 'say: redial'],
    ['retrieve 1 2 3', 'say: retrieve'],
    ['transfer', 'say: transfer [CALL] TO'],
    ['connect bob and carol bill', 'say: connect'],
    ['park bob 5001 now', 'say: park'],
    ['no thanks', '"thanks" is not the number of a question'],
    ['dialwith bob', 'say: dialwith PHONE TO'],
    ['re', 'there is no command "re"'],
    ['call', 'say whom'],
    ['call bob carol', 'say whom'],
    ['hold bob carol', 'say: hold [CALL]'],
    ['reject bob rudely', 'say: reject'],
    ['reject bob busy declined', 'say: reject'],
    ['digits', 'digits are'],
    ['digits 12x', 'digits are'],
    ['message bob', 'say: message TO TEXT'],
    ['dnd perhaps', 'say: dnd'],
    ['mute perhaps not', 'say: mute'],
    ['quit now', 'quit takes nothing'],
  ])('"%s" is no command', (line, complaint) => {
    const parsed = parseLine(line);
    expect('complaint' in parsed && parsed.complaint).toContain(complaint);
  });

  test('whatever is typed is a command or a complaint', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'grapheme' }), fc.stringMatching(/^[a-z]+ .*$/)), (line) => {
        const parsed = parseLine(line);
        expect('command' in parsed || 'complaint' in parsed).toBe(true);
      }),
    );
  });

  test('no two commands share a word', () => {
    const words = commandWords.flatMap(({ name, aliases }) => [name, ...aliases]);
    expect(new Set(words).size).toBe(words.length);
    for (const command of commandWords) expect(findCommand(command.name)).toBe(command);
  });
});
