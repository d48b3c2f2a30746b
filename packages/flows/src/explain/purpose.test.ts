import { describe, expect, test } from 'vitest';
import { messageOf, readOracle } from '../oracle/oracle.ts';
import { explainFlow } from './explain-flow.ts';
import { explainMessage } from './explain-message.ts';
import { purposeOf } from './purpose.ts';

const all = readOracle().flows.flatMap((flow) => flow.messages.map((message) => ({ flow, message })));

describe('what a message is for', () => {
  test('is said of each of the 324, in words and with names', () => {
    expect(all).toHaveLength(324);
    for (const { flow, message } of all) {
      const purpose = purposeOf(flow, message);
      expect(purpose, `${flow.id} ${message.f}`).toMatch(/^[A-Z].*\.$/);
      expect(purpose, `${flow.id} ${message.f}`).not.toMatch(/undefined|null|somebody|the request|\bIt is a\b|\.\./);
      expect(explainMessage(flow, message.f)).toContain(purpose);
    }
  });

  test.each([
    ['2.1', 'F2', 'The proxy passes F1 on to Bob. Alice asks for a call with Bob.'],
    ['2.1', 'F10', 'Bob puts the call with Alice on hold: nothing is to be sent back.'],
    ['2.1', 'F16', 'Bob takes the call with Alice off hold.'],
    ['2.1', 'F14', /^It tells Alice that the answer has come \(F13\).*now the change holds\.$/],
    ['2.2', 'F20', 'The proxy passes F19 on to Bob. It rings at Carol.'],
    ['2.3', 'F8', 'It asks the music server to call Alice, in the place of the call of Alice with Bob.'],
    ['2.3', 'F22', /^Alice ends the call with the music server, whose place the call of Bob with Alice has taken\.$/],
    ['2.4', 'F6', 'Bob is going to do what was asked for (F5); how it goes is told afterwards.'],
    ['2.18', 'F2', 'Bob is going to do what was asked for (F1); nothing is told afterwards, as was wished.'],
    ['2.6', 'F5', 'It gives Carol a link that calls Alice, in the place of the call of Alice with Bob.'],
    ['2.8', 'F5', 'It tells User B1 that the 486 has come (F4), and goes no further than one hop.'],
    ['2.9', 'F6', 'It takes F2 back: User B1 is not to ring any more.'],
    ['2.11', 'F4', /now the call stands\.$/],
    ['2.11', 'F5', 'Carol asks Bob to be let into the call of Alice with Bob, as the third.'],
    ['2.11', 'F7', 'Bob tells Alice that the call goes on in a conference, at the mixer.'],
    ['2.13', 'F7', 'Alice asks for a call with Bob, and proves who asks.'],
    ['2.13', 'F10', 'Alice calls the address that the refusal named, to hear why.'],
    ['2.15', 'F16', 'It asks to be told of the calls of the park server, once.'],
    ['2.15', 'F18', 'It tells Carol that a call of the park server stands. It is the last.'],
    ['2.17', 'F16', 'It ends the subscription: no more is to be told of the calls of Bob.'],
  ])('%s %s', (section, f, expected) => {
    const flow = readOracle().flows.find(({ id }) => id === section);
    expect(flow && purposeOf(flow, messageOf(flow, f))).toMatch(expected);
  });
});

test('an explanation has no signs of a data format', () => {
  for (const { flow, message } of all) {
    expect(explainMessage(flow, message.f).split('\nWhat the RFC')[0]).not.toMatch(/[{}]|\bnull\b|: ,|, headers$/m);
  }
});

describe('a flow as a whole', () => {
  const explained = (section: string): string =>
    explainFlow(readOracle().flows.find(({ id }) => id === section) ?? expect.unreachable());

  test('has each of its messages once, in their order, and every other way that the RFC names', () => {
    const { flows, coverage } = readOracle();
    for (const flow of flows) {
      const told = explainFlow(flow);
      const numbers = [...told.matchAll(/^ {2}(F\d+) /gm)].map(([, f]) => f);
      expect(numbers, flow.id).toEqual(flow.messages.map(({ f }) => f));
      for (const id of flow.alternatives) {
        expect(told).toContain(
          `  ${id}: ${coverage.find((each) => each.id === id)?.statement ?? expect.unreachable()}\n`,
        );
      }
      expect(told).not.toMatch(/[{}]|undefined|null/);
    }
  });

  test('says who takes part, what may be left out, and what is refused', () => {
    expect(explained('2.18')).toContain("\n  pc     Bob's PC\n");
    expect(explained('2.1')).toContain('\n  F3  (100 Trying) from Proxy to Alice (may be left out)\n');
    const refused = 'Bob must not accept: INVITE with Join that matches no dialog; 481';
    expect(explained('2.11')).toContain(refused);
    expect(explained('2.2')).not.toContain('Other ways');
  });
});
