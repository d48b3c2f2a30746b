/** Devices that are wrong in one thing each: what is told of them names it, and what would have been right. */
import type { Transport } from '@switchhook/sip';
import { describe, expect, test } from 'vitest';
import { flowScripts } from '../flow/flow-scripts.ts';
import { bent } from '../simulation/bent-transport.testing.ts';
import type { Bend } from '../simulation/bent-transport.testing.ts';
import { simulateFlow } from '../simulation/simulate-flow.ts';
import { printVerdict, toldBy, verdictOn } from './verdict.ts';

/** Changes what begins so, or answers such a request. */
function where(what: string, change: (text: string) => string | undefined): Bend {
  const [status, method] = /^(\d{3}) (\w+)$/.exec(what)?.slice(1) ?? [];
  return (text) => {
    const isIt =
      status === undefined
        ? text.startsWith(`${what} `)
        : text.startsWith(`SIP/2.0 ${status} `) && new RegExp(`^CSeq: \\d+ ${method ?? ''}\r$`, 'm').test(text);
    return isIt ? change(text) : text;
  };
}

const nothing = (): undefined => undefined;

/** Within a dialog: its To has a tag. */
const inDialog =
  (change: (text: string) => string | undefined): ((text: string) => string | undefined) =>
  (text) =>
    /^To: .*;tag=/m.test(text) ? change(text) : text;

/** Another body, and the length of it. */
const body =
  (change: (old: string) => string) =>
  (text: string): string => {
    const [head = '', ...rest] = text.split('\r\n\r\n');
    const changed = change(rest.join('\r\n\r\n'));
    return `${head.replace(/^Content-Length: .*$/m, `Content-Length: ${changed.length}`)}\r\n\r\n${changed}`;
  };

const without =
  (name: string) =>
  (text: string): string =>
    text.replace(new RegExp(`^${name}: .*\r\n`, 'm'), '');

/** What it does from now on, once it has said something. */
function after(isIt: (text: string) => boolean, then: Bend): Bend {
  let isOver = false;
  return (text) => {
    if (isOver) return then(text);
    isOver = isIt(text);
    return text;
  };
}

const isAnswer = (text: string): boolean => /^SIP\/2.0 200 [^]*^CSeq: \d+ INVITE\r$/m.test(text);

const both =
  (one: Bend, other: Bend): Bend =>
  (text) => {
    const said = one(text);
    return said === undefined ? undefined : other(said);
  };

interface WrongDevice {
  readonly wrong: string;
  readonly section: string;
  readonly role: string;
  readonly bend: Bend;
  /** The first message that is wrong, and the rule. */
  readonly first: string;
  /** Where it is written. */
  readonly reference: string;
  /** What tells whoever has made it. */
  readonly words: string;
}

const devices: readonly WrongDevice[] = [
  {
    wrong: 'its INVITE has no Replaces',
    section: '2.5',
    role: 'alice',
    bend: where('INVITE', without('Replaces')),
    first: 'F19 R-REPL',
    reference: 'RFC 3891 3',
    words: 'found:    none',
  },
  {
    wrong: "its Replaces has the tags in each other's place",
    section: '2.5',
    role: 'alice',
    bend: where('INVITE', (text) => text.replace(/to-tag=([^;\r]+);from-tag=([^;\r]+)/, 'to-tag=$2;from-tag=$1')),
    first: 'F19 R-REPL',
    reference: 'RFC 3891 3',
    words: 'R-REPL, replaces.toTag (must)',
  },
  {
    wrong: 'it refuses the REFER',
    section: '2.4',
    role: 'bob',
    bend: where('200 REFER', (text) => text.replace('200 OK', '488 Not Acceptable Here')),
    first: 'F6 status',
    reference: 'RFC 3261 21',
    words: 'found:    488 to REFER',
  },
  {
    wrong: 'it sends no NOTIFY',
    section: '2.4',
    role: 'bob',
    bend: where('NOTIFY', nothing),
    first: 'F7 message',
    reference: 'RFC 6665 4.2.1.2',
    words: 'expected: NOTIFY from bob to alice',
  },
  {
    wrong: 'its NOTIFY has no fragment',
    section: '2.4',
    role: 'bob',
    bend: where('NOTIFY', (text) => body(() => '')(without('Content-Type')(text))),
    first: 'F7 contentType',
    reference: 'RFC 6665 5.4.5',
    words: 'expected: message/sipfrag',
  },
  {
    wrong: 'its NOTIFY has no Subscription-State',
    section: '2.4',
    role: 'bob',
    bend: where('NOTIFY', without('Subscription-State')),
    first: 'F7 subscriptionState.state',
    reference: 'RFC 6665 4.1.3',
    words: 'expected: active',
  },
  {
    wrong: 'it goes away without a BYE',
    section: '2.1',
    role: 'alice',
    bend: where('BYE', nothing),
    first: 'F22 message',
    reference: 'RFC 3261 15.1.1',
    words: 'expected: BYE from alice to proxy',
  },
  {
    wrong: 'it holds by 0.0.0.0',
    section: '2.1',
    role: 'bob',
    bend: where(
      'INVITE',
      body((sdp) => sdp.replace('a=inactive', 'a=sendrecv').replace(/^c=.*\r$/m, 'c=IN IP4 0.0.0.0\r')),
    ),
    first: 'F10 sdp.direction',
    reference: 'RFC 3264 6.1, 8.4',
    words: 'found:    0.0.0.0',
  },
  {
    wrong: 'the version of its description goes back',
    section: '2.1',
    role: 'bob',
    bend: where(
      'INVITE',
      body((sdp) => sdp.replace(/^(o=\S+ \S+) (\d+)/m, '$1 0')),
    ),
    first: 'F10 R-SDP',
    reference: 'RFC 3264 8',
    words: 'found:    version 0',
  },
  {
    wrong: 'its Contact is somewhere else',
    section: '2.1',
    role: 'bob',
    bend: where('200 INVITE', (text) => text.replace(/^Contact: .*$/m, 'Contact: <sip:bob@192.0.2.99>')),
    first: 'F6 contact',
    reference: 'RFC 3261 8.1.1.8, 12.1.1',
    words: 'found:    sip:bob@192.0.2.99',
  },
  {
    wrong: 'its 200 has no Contact',
    section: '2.1',
    role: 'bob',
    bend: where('200 INVITE', without('Contact')),
    first: 'F6 contact',
    reference: 'RFC 3261 8.1.1.8, 12.1.1',
    words: 'expected: the Contact of bob',
  },
  {
    wrong: 'it acknowledges nothing',
    section: '2.1',
    role: 'alice',
    bend: where('ACK', nothing),
    first: 'F8 message',
    reference: 'RFC 3261 13.2.2.4',
    words: 'expected: ACK from alice to proxy',
  },
  {
    wrong: 'it rings with sound, and answers nobody',
    section: '2.1',
    role: 'bob',
    bend: both(
      where('180 INVITE', (text) => text.replace('180 Ringing', '183 Session Progress')),
      where('200 INVITE', nothing),
    ),
    first: 'F6 message',
    reference: 'RFC 3261 8.2, 13.3.1',
    words: 'The flow ended before its time: ',
  },
  {
    wrong: 'it answers with a codec that nobody offered',
    section: '2.1',
    role: 'bob',
    bend: where(
      '200 INVITE',
      body((sdp) => sdp.replace(/^(m=audio \d+ \S+) .*$/m, '$1 18').replace(/^a=(rtpmap|fmtp):.*\r\n/gm, '')),
    ),
    first: 'F6 sdp.formats',
    reference: 'RFC 3264 6.1',
    words: 'found:    g729',
  },
  {
    wrong: 'its dialog-info jumps back',
    section: '2.17',
    role: 'bob',
    bend: where(
      'NOTIFY',
      body((xml) => xml.replace(/ version="\d+"/, ' version="0"')),
    ),
    first: 'F8 dialogInfo.version',
    reference: 'RFC 4235 4.1, 4.3',
    words: 'found:    0',
  },
  {
    wrong: 'it says nothing any more once it has answered',
    section: '2.1',
    role: 'bob',
    bend: after(isAnswer, nothing),
    first: 'F10 message',
    reference: 'RFC 5359 1',
    words: 'The flow ended before its time: ',
  },
  {
    wrong: 'its requests do not count on',
    section: '2.1',
    role: 'bob',
    bend: where(
      'INVITE',
      inDialog((text) => text.replace(/^CSeq: \d+/m, 'CSeq: 1')),
    ),
    first: 'F16 R-INDIALOG',
    reference: 'RFC 3261 12.2',
    words: 'R-INDIALOG, cseqNumber (must)',
  },
  {
    wrong: 'its 200 has no To tag',
    section: '2.1',
    role: 'bob',
    bend: where('200 INVITE', (text) => text.replace(/^(To: [^;\r]*);tag=\S+/m, '$1')),
    first: 'F6 R-RESP',
    reference: 'RFC 3261 8.2.6.2',
    words: 'expected: a tag in To',
  },
  {
    wrong: 'it leaves its route set out',
    section: '2.1',
    role: 'bob',
    bend: where('INVITE', without('Route')),
    first: 'F10 R-INDIALOG',
    reference: 'RFC 3261 12.2',
    words: 'found:    no Route',
  },
  {
    wrong: 'its pickup is not for early calls only',
    section: '2.16',
    role: 'bill',
    bend: where('INVITE', (text) => text.replace(';early-only', '')),
    first: 'F7 R-REPL',
    reference: 'RFC 3891 3',
    words: 'expected: early-only',
  },
  {
    wrong: 'it does not require what it needs',
    section: '2.15',
    role: 'carol',
    bend: where('INVITE', without('Require')),
    first: 'F20 require',
    reference: 'RFC 3261 20.32',
    words: 'expected: Require: replaces',
  },
  {
    wrong: 'its Replaces in Refer-To has the tags in the place of each other',
    section: '2.5',
    role: 'bob',
    bend: where('REFER', (text) => text.replace(/(to-tag%3D)([^%]+)(%3Bfrom-tag%3D)([^%>]+)/i, '$1$4$3$2')),
    first: 'F15 referTo.headers.replaces',
    reference: 'RFC 3515 2.1',
    words: 'referTo.headers.replaces',
  },
  {
    wrong: 'its REFER has no Contact',
    section: '2.4',
    role: 'alice',
    bend: where('REFER', without('Contact')),
    first: 'F5 contact',
    reference: 'RFC 3261 8.1.1.8, 12.1.1',
    words: 'expected: the Contact of alice',
  },
  {
    wrong: 'it says of a referral only that it is trying',
    section: '2.5',
    role: 'alice',
    bend: where('NOTIFY', (text) => (/^SIP\/2\.0 [2-6]\d\d/m.test(text) ? undefined : text)),
    first: 'F24 message',
    reference: 'RFC 3515 2.4.4',
    words: 'and one when the state has changed',
  },
  {
    wrong: 'it accepts the REFER, and does nothing of it',
    section: '2.5',
    role: 'alice',
    bend: (text) => (/^(NOTIFY |INVITE [^]*^Replaces: )/m.test(text) ? undefined : text),
    first: 'F17 message',
    reference: 'RFC 6665 4.2.1.2',
    words: 'F19 INVITE Replaces: B to carol  - not said',
  },
  {
    wrong: 'its 200 leaves Record-Route out',
    section: '2.1',
    role: 'bob',
    bend: where('200 INVITE', (text) => text.replace(/^Record-Route: .*\r\n/gm, '')),
    first: 'F6 recordRoute',
    reference: 'RFC 3261 16.6 step 4, 12.1.1',
    words: 'found:    none',
  },
  {
    wrong: 'its re-INVITE has another From tag',
    section: '2.1',
    role: 'bob',
    bend: where(
      'INVITE',
      inDialog((text) => text.replace(/^(From: .*;tag=)\S+/m, '$1other')),
    ),
    first: 'F10 R-INDIALOG',
    reference: 'RFC 3261 12.2',
    words: 'found:    other in From',
  },
  {
    wrong: 'its ACK has a CSeq of its own',
    section: '2.1',
    role: 'alice',
    bend: where('ACK', (text) => text.replace(/^CSeq: (\d+)/m, (_, number) => `CSeq: ${Number(number) + 1}`)),
    first: 'F8 R-ACK2',
    reference: 'RFC 3261 13.2.2.4',
    words: 'R-ACK2, cseqNumber (must)',
  },
  {
    wrong: 'its branches are those of RFC 2543',
    section: '2.1',
    role: 'alice',
    bend: where('INVITE', (text) => text.replace(';branch=z9hG4bK', ';branch=')),
    first: 'F1 R-REQ',
    reference: 'RFC 3261 8.1.1',
    words: 'expected: a branch that begins with z9hG4bK',
  },
  {
    wrong: 'its INVITE has no branch at all',
    section: '2.1',
    role: 'alice',
    bend: where('INVITE', (text) => text.replace(/;branch=[^;\r]+/, '')),
    first: 'F1 R-REQ',
    reference: 'RFC 3261 8.1.1',
    words: 'found:    no branch',
  },
  {
    wrong: 'its SUBSCRIBE is for nothing',
    section: '2.17',
    role: 'alice',
    bend: where('SUBSCRIBE', without('Event')),
    first: 'F4 event.package',
    reference: 'RFC 6665 8.2.1',
    words: 'expected: dialog',
  },
  {
    wrong: 'its CANCEL has a branch of its own',
    section: '2.16',
    role: 'alice',
    bend: where('CANCEL', (text) => text.replace(';branch=z9hG4bK', ';branch=z9hG4bKx')),
    first: 'F9 R-CANCEL',
    reference: 'RFC 3261 9.1',
    words: 'R-CANCEL, branch (must)',
  },
  {
    wrong: 'its Join has the tags in the place of each other',
    section: '2.11',
    role: 'carol',
    bend: where('INVITE', (text) => text.replace(/to-tag=([^;\r]+);from-tag=([^;\r]+)/, 'to-tag=$2;from-tag=$1')),
    first: 'F5 R-JOIN',
    reference: 'RFC 3911 4',
    words: 'R-JOIN, join.toTag (must)',
  },
  {
    wrong: 'its Refer-To with Replaces has no brackets',
    section: '2.5',
    role: 'bob',
    bend: where('REFER', (text) => text.replace(/^Refer-To: <(.*)>/m, 'Refer-To: $1')),
    first: 'F15 referTo.target',
    reference: 'RFC 3515 2.1',
    words: 'found:    no address that reads',
  },
];

/** What the other phone or the proxy says in the place of the message that is missing or wrong. */
const rightMessage = /What would have been right, as it is said here:\n {2}(\S+ sips?:|SIP\/2\.0 \d)/;

describe('a device of which one thing is wrong', () => {
  test.each(devices)('$section $role: $wrong', async ({ section, role, bend, first, reference, words }) => {
    const script = flowScripts.find(({ flow }) => flow === section);
    if (script === undefined) throw new RangeError(section);
    const transport = (itself: Transport): Transport => bent(itself, bend);
    const { report, error } = await simulateFlow(script, { protocol: 'UDP', parts: { [role]: { transport } } });
    const verdict = verdictOn(report, role);
    expect(`${verdict.first?.message ?? ''} ${verdict.first?.rule ?? ''}`).toBe(first);
    expect(verdict.first?.reference).toContain(reference);
    const told = await printVerdict(verdict, error);
    expect(told).toContain(`${role}: not as it should be`);
    expect(told).toContain(words);
    expect(told).toMatch(rightMessage);
  });

  test('that says nothing is told what would have been right over what the others speak', async () => {
    const script = flowScripts.find(({ flow }) => flow === '2.4');
    if (script === undefined) throw new RangeError('2.4');
    const silent = (itself: Transport): Transport => bent(itself, nothing);
    const { report, error } = await simulateFlow(script, { protocol: 'UDP', parts: { carol: { transport: silent } } });
    const verdict = verdictOn(report, 'carol');
    const told = await printVerdict(verdict, error);
    expect(told).toContain('\n  F12 180 Ringing to bob  - not said\n  F13 200 OK to bob       ✗ message\n');
    expect(told).toMatch(/right, as it is said here:\n {2}SIP\/2\.0 200 OK\n {2}Via: SIP\/2\.0\/UDP /);
    expect(told).not.toMatch(/\n\n$/);
    expect(toldBy(verdict)).toEqual([verdict.first]);
  });

  test('is not told that it should have said what the flow did not come to', async () => {
    const script = flowScripts.find(({ flow }) => flow === '2.1');
    if (script === undefined) throw new RangeError('2.1');
    const silent = (itself: Transport): Transport => bent(itself, where('INVITE', nothing));
    const { report, error } = await simulateFlow(script, { protocol: 'UDP', parts: { alice: { transport: silent } } });
    const told = await printVerdict(verdictOn(report, 'bob'), error);
    expect(told).toContain(
      'The flow did not come to what is missing of bob: before that, F1 is, INVITE from alice to proxy.',
    );
    expect(told).not.toMatch(rightMessage);
    expect(toldBy(verdictOn(report, 'bob'))).toEqual([]);
    // Nothing was said that could have been done without.
    expect(report.tolerated.filter(({ message }) => message !== undefined)).toEqual([]);
  });
});
