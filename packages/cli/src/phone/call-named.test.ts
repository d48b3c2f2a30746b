import { describe, expect, test } from 'vitest';
import { callNamed } from './call-named.ts';

const phone = {
  calls: [
    { number: 1, remote: { name: 'Bob B.', uri: 'sip:bob@example.com' } },
    { number: 2, remote: { name: 'carol', uri: 'sips:carol@example.com' } },
    { number: 3, remote: { name: 'carol', uri: 'sip:carol@elsewhere.example' } },
    { number: 4, remote: { name: '3', uri: 'tel:+15551234' } },
    { number: 5, remote: { name: '2001', uri: 'sip:2001@example.com' } },
  ],
};

describe('a call is found', () => {
  test.each([
    [2, 2],
    ['bob', 1],
    ['bob b.', 1],
    ['BOB@example.com', 1],
    ['sips:carol@example.com', 2],
    ['carol@elsewhere.example', 3],
    ['+15551234', 4],
    // The number of a call comes before somebody's name.
    [3, 3],
    [2001, 5],
  ])('by %j', (name, number) => {
    expect(callNamed(phone, name).number).toBe(number);
  });

  test.each([
    ['bill', 'there is no call with bill'],
    [7, 'there is no call 7'],
    ['carol', 'there is more than one call with carol: say its number, 2 or 3'],
  ])('by %j not', (name, complaint) => {
    expect(() => callNamed(phone, name)).toThrow(complaint);
  });
});
