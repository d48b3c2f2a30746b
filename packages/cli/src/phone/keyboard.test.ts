import { describe, expect, test } from 'vitest';
import { pasted, pressed } from './keyboard.ts';
import type { Desk } from './keyboard.ts';
import { emptyLine, withText } from './line-editor.ts';
import type { Key } from './line-editor.ts';
import { keysOf } from './situation.ts';
import type { Situation } from './situation.ts';

const desk: Desk = { input: emptyLine, hint: '', hintTone: 'plain', page: undefined, scrolled: 0, leaving: undefined };
const quiet: Situation = {
  vocabulary: { parties: ['bob'], calls: [] },
  calls: 0,
  rings: false,
  talks: false,
  confers: false,
  deaf: undefined,
  hold: undefined,
  others: false,
  muted: false,
  doNotDisturb: false,
};
const ringing: Situation = { ...quiet, calls: 1, rings: true };
const talking: Situation = { ...quiet, calls: 1, talks: true, hold: 'hold' };
const between: Situation = { ...quiet, calls: 2, talks: true, hold: 'hold', others: true };

function key(name: string, changes: Partial<Key> = {}): Key {
  return { name, ctrl: false, meta: false, sequence: name.length === 1 ? name : `\u001b[${name}`, ...changes };
}

const confers: Situation = { ...quiet, calls: 2, confers: true, others: true };

const enter = key('return', { sequence: '\r' });
const space = key('space', { sequence: ' ' });
const interrupt = key('c', { ctrl: true, sequence: '\u0003' });

describe('in an empty line', () => {
  test.each<[string, Key, Situation, string | undefined]>([
    ['Enter answers what rings', enter, ringing, 'answer'],
    ['Enter does nothing else', enter, talking, undefined],
    ['Space holds', space, talking, 'hold'],
    ['Space resumes', space, { ...talking, talks: false, hold: 'resume' }, 'resume'],
    ['digits go to the far end', key('1'), talking, 'digits 1'],
    ['so does #', key('#', { name: undefined, sequence: '#' }), talking, 'digits #'],
    ['but not while nobody would hear them', key('1'), ringing, undefined],
    ['F2 answers', key('f2'), ringing, 'answer'],
    ['F4 switches', key('f4'), between, 'switch'],
    ['F5 mutes', key('f5'), talking, 'mute on'],
    ['F5 unmutes', key('f5'), { ...talking, muted: true }, 'mute off'],
    ['F5 mutes in a conference', key('f5'), confers, 'mute on'],
    ['F5 unmutes in a conference', key('f5'), { ...confers, muted: true }, 'mute off'],
    ['F8 leaves a conference', key('f8'), confers, 'leave'],
    ['F6 does not want to be disturbed', key('f6'), quiet, 'dnd on'],
    ['F6 wants to be disturbed again', key('f6'), { ...quiet, doNotDisturb: true }, 'dnd off'],
    ['F8 rejects', key('f8'), ringing, 'reject'],
    ['F8 hangs up', key('f8'), talking, 'hangup'],
    ['F8 without a call does nothing', key('f8'), quiet, undefined],
    ['Ctrl-C quits', interrupt, quiet, 'quit'],
    ['F10 quits', key('f10'), quiet, 'quit'],
  ])('%s', (_, pressedKey, situation, line) => {
    expect(pressed(desk, pressedKey, situation).line).toBe(line);
  });
});

test('in a line that is begun, digits and spaces are written', () => {
  const begun = { ...desk, input: withText(emptyLine, 'call 20') };
  expect(pressed(begun, key('1'), talking)).toMatchObject({ desk: { input: { text: 'call 201' } } });
  expect(pressed(begun, space, talking).line).toBeUndefined();
});

test('Enter carries the line out and remembers it', () => {
  const { desk: after, line } = pressed({ ...desk, input: withText(emptyLine, 'call bob') }, enter, quiet);
  expect(line).toBe('call bob');
  expect(after.input).toMatchObject({ text: '', history: ['call bob'] });
});

test('quitting with a call wants to be asked twice in a row', () => {
  const once = pressed(desk, interrupt, talking);
  expect(once.line).toBeUndefined();
  expect(once.desk.hint).toContain('once more');
  expect(pressed(once.desk, interrupt, talking).line).toBe('quit');
  const thoughtBetter = pressed(once.desk, key('a'), talking).desk;
  expect(pressed(thoughtBetter, interrupt, talking).line).toBeUndefined();
});

test('so does stopping the phone, and asking for the one is not asking for the other', () => {
  const stop = key('z', { ctrl: true, sequence: '\u001a' });
  expect(pressed(desk, stop, quiet)).toMatchObject({ suspends: true });
  const once = pressed(desk, stop, talking);
  expect(once.suspends).toBeUndefined();
  expect(once.desk.hint).toContain('once more stops the phone');
  expect(pressed(once.desk, interrupt, talking).line).toBeUndefined();
  expect(pressed(once.desk, stop, talking).suspends).toBe(true);
});

test('a digit that nobody would hear is not sent, nor left in the line: it is said why', () => {
  for (const situation of [
    { ...talking, deaf: 'bob has put you on hold' },
    { ...quiet, calls: 1, deaf: 'bob plays' },
  ]) {
    const { desk: after, line } = pressed(desk, key('1'), situation);
    expect(line).toBeUndefined();
    expect(after.input.text).toBe('');
    expect(after.hint).toBe(`${situation.deaf}: digits reach nobody`);
    const begun = { ...desk, input: withText(emptyLine, 'call 20') };
    expect(pressed(begun, key('1'), situation).desk.input.text).toBe('call 201');
  }
});

test('Tab completes, and shows what there is to choose from', () => {
  const completed = pressed({ ...desk, input: withText(emptyLine, 'call b') }, key('tab', { sequence: '\t' }), quiet);
  expect(completed.desk.input.text).toBe('call bob ');
  const offered = pressed({ ...desk, input: withText(emptyLine, 'h') }, key('tab', { sequence: '\t' }), quiet);
  expect(offered.desk.hint).toBe('hold  hangup  help');
});

test('a page opens and closes, and is leafed through', () => {
  const question = key('?', { name: undefined, sequence: '?' });
  const open = pressed(desk, question, quiet).desk;
  expect(open.page).toBe('help');
  const lower = pressed(open, key('pagedown'), quiet).desk;
  expect(lower.scrolled).toBeGreaterThan(0);
  expect(pressed(pressed(lower, key('pageup'), quiet).desk, key('pageup'), quiet).desk.scrolled).toBe(0);
  expect(pressed(lower, key('escape'), quiet).desk.page).toBeUndefined();
  expect(pressed(open, question, quiet).desk.page).toBeUndefined();
});

test('what is pasted is not carried out', () => {
  expect(pasted(desk, 'call bob\nquit\n').input.text).toBe('call bob quit ');
});

test('the last line names the keys that do something now', () => {
  const acts = (situation: Situation): string[] => keysOf(situation).map(({ key: name, act }) => `${name} ${act}`);
  expect(acts(quiet)).toEqual(['F1 help', 'F6 do not disturb', 'F7 log', 'F10 quit']);
  expect(acts(ringing)).toContain('F2 answer');
  expect(acts({ ...quiet, doNotDisturb: true })).toContain('F6 disturb me');
  expect(acts(confers)).toEqual(expect.arrayContaining(['F5 mute', 'F8 leave']));
  expect(acts(between)).toEqual(expect.arrayContaining(['F3 hold', 'F4 switch', 'F5 mute', 'F8 hang up']));
});
