import { expect, test } from 'vitest';
import { findFlow } from '../oracle/oracle.ts';
import { conversationOf, writeConversation } from '../synthetic-conversation.testing.ts';
import { checkFlow } from './check.ts';
import type { Finding } from './finding.ts';
import { Mutation } from './mutation.testing.ts';

/** Things that devices of others do, that the ladder does not show, and that no RFC forbids; and, beside each, what stays wrong. */
const found = (mutation: Mutation): readonly string[] => mutation.report().failures.map(keyOf);
const keyOf = ({ message, key }: Finding): string => `${message ?? ''} ${key}`;

test("the To of an ACK is the response's, with angle brackets or without (RFC 3261 17.1.1.3, 20.39)", () => {
  const bare = new Mutation('2.9');
  bare.header('F9', 'To', (value) => value.replace(/^.*<(.*)>(.*)$/, '$1$2'));
  expect(found(bare)).toEqual([]);
  const other = new Mutation('2.9');
  other.header('F9', 'To', (value) => value.replace('bob', 'carol'));
  expect(found(other)).toContain('F9 to');
});

test('within a dialog a gateway is called by its Contact, which need not have the number (RFC 3261 12.2.1.1)', () => {
  const numberless = new Mutation('2.7');
  for (const f of ['F5', 'F6', 'F7', 'F8']) numberless.header(f, 'Contact', (value) => value.replace(/\+\d+@/, ''));
  for (const f of ['F9', 'F10', 'F11', 'F12']) {
    const draft = numberless.draft(f);
    draft.startLine = draft.startLine.replace(/\+\d+@/, '');
  }
  expect(found(numberless)).toEqual([]);
  const elsewhere = new Mutation('2.7');
  for (const f of ['F9', 'F10']) elsewhere.requestUri(f, 'sips:+1@gw1.example.com');
  expect(found(elsewhere)).toContain('F9 requestUri.e164');
});

test('the usual port may be said, and another is another address (RFC 3261 19.1.2)', () => {
  const port = (number: number): readonly string[] => {
    const mutation = new Mutation('2.10');
    const draft = mutation.draft('F1');
    draft.startLine = draft.startLine.replace(/ (sips:\S+) /, ` $1:${number} `);
    return found(mutation);
  };
  expect(port(5_061)).toEqual([]);
  expect(port(5_071)).toContain('F1 requestUri');
});

test('who refers without Referred-By, or without Require, answers for it, and not who does what he was asked', () => {
  const anonymous = new Mutation('2.4');
  for (const f of ['F5', 'F11']) anonymous.header(f, 'Referred-By', () => undefined);
  expect(found(anonymous)).toEqual([]);
  expect(anonymous.report().advice.map(keyOf)).toContain('F5 referredBy');
  const forgetful = new Mutation('2.4');
  forgetful.header('F11', 'Referred-By', () => undefined);
  expect(found(forgetful)).toEqual(['F11 referredBy']);

  const lenient = new Mutation('2.5');
  lenient.header('F15', 'Refer-To', (value) => value.replace(/&Require=replaces|Require=replaces&/i, ''));
  lenient.header('F19', 'Require', () => undefined);
  expect(found(lenient)).toEqual([]);
  expect(lenient.report().advice.map(keyOf)).toContain('F15 referTo.headers.require');
  const deaf = new Mutation('2.5');
  deaf.header('F19', 'Require', () => undefined);
  expect(found(deaf)).toEqual(['F19 require']);
});

test('who holds with sendonly may send as long as he holds (T9), and with inactive may not', () => {
  const music = (mutation: Mutation): Mutation => {
    const { conversation } = mutation;
    const start = mutation.draft('F7').time;
    conversation.rtp.push({ from: 'bob', to: 'alice', start, end: mutation.draft('F14').time, packets: 100 });
    return mutation;
  };
  expect(found(music(new Mutation('2.5')))).toEqual([]);
  const inactive = new Mutation('2.5');
  inactive.replaceInBody('F5', 'sendonly', 'inactive');
  inactive.replaceInBody('F6', 'recvonly', 'inactive');
  expect(found(music(inactive))).toContain('F11 media');
});

test('who has said the BYE of one call may go on with the other before it is answered (RFC 3261 15.1.1)', () => {
  const quick = new Mutation('2.2');
  quick.move('F29', quick.draft('F25').time + 1);
  expect(found(quick)).toEqual([]);
  const early = new Mutation('2.2');
  early.move('F29', early.draft('F25').time - 1);
  expect(found(early)).toContain('F29 order');
});

test('of a device one knows when it was read, so what it has said within a millisecond to two of ours has no order', () => {
  const swapped = (strangers: readonly string[], between: number): readonly string[] => {
    const flow = findFlow('2.16');
    if (flow === undefined) throw new Error('no flow 2.16');
    const draft = writeConversation(flow);
    const [ok, cancel] = ['F8', 'F9'].map((f) => draft.drafts.find((each) => each.f === f));
    if (ok === undefined || cancel === undefined) throw new Error('no 200, or no CANCEL');
    const others = draft.drafts.filter((each) => each !== cancel);
    others.splice(others.indexOf(ok), 0, cancel);
    cancel.time = ok.time - between;
    const { failures, advice } = checkFlow(flow, { ...conversationOf({ ...draft, drafts: others }), strangers });
    return [...failures, ...advice].map(keyOf);
  };
  expect(swapped(['alice'], 0)).toEqual([]);
  expect(swapped([], 0)).toContain('F9 order');
  expect(swapped(['alice'], 1)).toContain('F9 order');
});

test('a device should give its own address in a hold (RFC 3264 8.4), and ours must', () => {
  const heldBy = (strangers: readonly string[]) => {
    const mutation = new Mutation('2.1');
    for (const f of ['F12', 'F13']) mutation.replaceInBody(f, 'c=IN IP4 192.0.2.9', 'c=IN IP4 0.0.0.0');
    const { failures, advice } = checkFlow(mutation.flow, { ...conversationOf(mutation.conversation), strangers });
    return { failures: failures.map(keyOf), advice: advice.map(keyOf) };
  };
  const findings = ['F12 sdp.address', 'F13 sdp.address', ' N2.1-1', ' N2.1-1'];
  const others = heldBy(['alice']);
  expect(others.failures).toEqual([]);
  expect(others.advice).toEqual(expect.arrayContaining(findings));
  expect(heldBy([]).failures).toEqual(findings);
  // Neither who is answered nor the proxy has written the answer.
  expect(heldBy(['bob', 'proxy']).failures).toEqual(findings);
});

test('a device should accept what replaces a call before it shuts that down (RFC 3891 3), ours must, and nobody shuts it down unasked', () => {
  const shutDown = (before: string, strangers: readonly string[]) => {
    const mutation = new Mutation('2.3');
    mutation.move('F15', mutation.draft(before).time - 1);
    const { failures, advice } = checkFlow(mutation.flow, { ...conversationOf(mutation.conversation), strangers });
    return { failures: failures.map(keyOf), advice: advice.map(keyOf) };
  };
  const early = shutDown('F13', ['alice']);
  expect(early.failures).toEqual([]);
  expect(early.advice).toContain('F15 order');
  expect(shutDown('F13', ['bob']).failures).toContain('F15 order');
  expect(shutDown('F12', ['alice']).failures).toContain('F15 order');
});

test('who refuses for a user who is not there may call him busy, and the other way round: the search goes on (RFC 3261 16.7)', () => {
  const answered = (f: string, status: number): readonly string[] => {
    const mutation = new Mutation('2.12');
    mutation.status(f, status);
    return found(mutation);
  };
  expect(answered('F11', 486)).toEqual([]);
  expect(answered('F14', 480)).toEqual([]);
  expect(answered('F11', 404)).toEqual(['F11 status']);
});
