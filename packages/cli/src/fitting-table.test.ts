import { describe, expect, test } from 'vitest';
import { FittingTable } from './fitting-table.ts';
import { printProse } from './prose.ts';

const columns = [
  { head: 'FLOW' },
  { head: 'SERVICE', least: 12 },
  { head: 'ROLES', least: 8 },
  { head: 'COUNT', spare: 1 },
];
const rows = [
  ['2.1', 'Call Hold', 'alice, bob', '25'],
  ['2.10', 'Third Party Is Added', 'alice, bob, carol', '11'],
];

function drawn(room?: number): string {
  const table = new FittingTable(columns, rows, room);
  return table.head() + rows.map((row) => table.row(row)).join('');
}

describe('a table', () => {
  test('is as wide as it likes where nobody says how wide it may be', () => {
    expect(drawn()).toBe(
      'FLOW  SERVICE               ROLES              COUNT\n' +
        '2.1   Call Hold             alice, bob         25\n' +
        '2.10  Third Party Is Added  alice, bob, carol  11\n',
    );
  });

  test('breaks what is widest first', () => {
    expect(drawn(48)).toBe(
      'FLOW  SERVICE           ROLES              COUNT\n' +
        '2.1   Call Hold         alice, bob         25\n' +
        '2.10  Third Party Is    alice, bob, carol  11\n' +
        '      Added\n',
    );
  });

  test('leaves out what may be spared before anything is too narrow', () => {
    expect(drawn(32)).toBe(
      'FLOW  SERVICE       ROLES\n' +
        '2.1   Call Hold     alice, bob\n' +
        '2.10  Third Party   alice, bob,\n' +
        '      Is Added      carol\n',
    );
  });

  test('has a paragraph for each row where nothing else is left', () => {
    expect(drawn(20)).toBe(
      '2.1   Call Hold\n      alice, bob\n2.10  Third Party Is\n      Added\n      alice, bob,\n      carol\n',
    );
  });

  test('is never wider than its room, and keeps every word', () => {
    for (let room = 12; room < 80; room += 1) {
      const lines = drawn(room).trimEnd().split('\n');
      expect(Math.max(...lines.map((line) => line.length)), `${room}`).toBeLessThanOrEqual(room);
      for (const word of ['Third', 'Party', 'Added', 'carol']) expect(lines.join(' ')).toContain(word);
    }
  });

  test('gives what is last all that is left, for words that nobody foresaw', () => {
    const table = new FittingTable([{ head: 'A' }, { head: 'VERDICT' }], [['1', 'right']], 30);
    expect(table.row(['1', 'not played to the end: nobody answered'])).toBe(
      '1  not played to the end:\n   nobody answered\n',
    );
  });
});

test('prose is broken between words, and indented where it goes on; elsewhere it is as it was written', () => {
  const print = (columnsOfTerminal: number | undefined): string => {
    let printed = '';
    const never = (): never => {
      throw new Error('nobody is asked');
    };
    printProse('Looked at:\n  two messages, three rules\n', {
      columns: columnsOfTerminal,
      print: (text) => void (printed += text),
      complain: never,
      askSecret: never,
      readStandardInput: never,
      onEnter: never,
    });
    return printed;
  };
  expect(print(undefined)).toBe('Looked at:\n  two messages, three rules\n');
  expect(print(80)).toBe(print(undefined));
  expect(print(16)).toBe('Looked at:\n  two messages,\n    three rules\n');
});
