import { expect, test } from 'vitest';
import { findFlow, readOracle } from '../oracle/oracle.ts';
import { withTeardownBy } from '../oracle/teardown.ts';
import { conversationOf, writeConversation } from '../synthetic-conversation.testing.ts';
import { checkFlow } from './check.ts';
import { Mutation } from './mutation.testing.ts';
import type { Draft } from '../synthetic-conversation.testing.ts';

type Case = readonly [tolerance: string, what: string, flow: string, change: (mutation: Mutation) => void];

/** A response beside those of the flow, to the INVITE that F answers. */
function provisional(m: Mutation, f: string, status: string, after = -2): Draft {
  return m.repeat(f, after, (copy) => (copy.startLine = `SIP/2.0 ${status}`));
}

/** Whole requests with their responses that no message of the flow is. */
function exchange(m: Mutation, request: string, response: string, method: string, after: number): void {
  const change = (copy: Draft): void => {
    if (!copy.startLine.startsWith('SIP')) copy.startLine = copy.startLine.replace(/^\S+/, method);
    copy.headers = copy.headers.map(([name, value]) => {
      if (name === 'Call-ID' && method !== 'NOTIFY') return [name, `call of ${method}`.replaceAll(' ', '-')];
      if (name === 'CSeq') return [name, `900 ${method}`];
      return name === 'Via' ? [name, value.replace('z9hG4bK-', `z9hG4bK-${method}-`)] : [name, value];
    });
  };
  m.repeat(request, after, change);
  m.repeat(response, after, change);
}

const cases: readonly Case[] = [
  ['T1', 'no 100 where the ladder has one', '2.1', (m) => m.drop('F3')],
  ['T1', 'a 100 where the ladder has none', '2.1', (m) => provisional(m, 'F12', '100 Trying')],
  ['T1', 'a 100 with a To tag', '2.1', (m) => m.header('F3', 'To', (to) => `${to};tag=x`)],
  ['T2', 'no 180 at all', '2.1', (m) => m.drop('F4', 'F5')],
  ['T2', 'another provisional', '2.3', (m) => provisional(m, 'F3', '183 Session Progress')],
  ['T2', 'a PRACK', '2.3', (m) => exchange(m, 'F1', 'F3', 'PRACK', 12)],
  ['T5', 'a NOTIFY that tells the end at once', '2.3', (m) => m.drop('F10', 'F11')],
  [
    'T5',
    'another NOTIFY on the way',
    '2.3',
    (m) => {
      const renumbered = (copy: Draft): void => {
        copy.headers = copy.headers.map(([name, value]) => {
          if (name === 'Via') return [name, value.replace('z9hG4bK-', 'z9hG4bK-x-')];
          return name === 'CSeq' ? [name, value.replace(/\d+/, (number) => `${Number(number) + 1}`)] : [name, value];
        });
      };
      m.repeat('F10', 1, renumbered);
      m.repeat('F11', 1, renumbered);
      m.header('F17', 'CSeq', () => '90 NOTIFY');
      m.header('F18', 'CSeq', () => '90 NOTIFY');
    },
  ],
  [
    'T9',
    'an inactive hold',
    '2.3',
    (m) => {
      m.replaceInBody('F5', 'sendonly', 'inactive');
      m.replaceInBody('F6', 'recvonly', 'inactive');
    },
  ],
  [
    'T11',
    'an answer that changed is one version up',
    '2.10',
    (m) => {
      m.replaceInBody('F6', / 41 IN/, ' 42 IN');
      m.replaceInBody('F6', 's=-', 's=new');
    },
  ],
  [
    'T13',
    'a challenge first',
    '2.3',
    (m) => {
      const credentials = 'Digest username="alice", realm="x", nonce="n", uri="sip:x", response="0"';
      const { headers } = m.draft('F1');
      m.repeat('F1', -5, (copy) => {
        copy.headers = copy.headers.map(([name, value]) => {
          if (name === 'Via') return [name, `${value}first`];
          return name === 'CSeq' ? [name, '1 INVITE'] : [name, value];
        });
      });
      m.repeat('F3', -22, (copy) => {
        copy.startLine = 'SIP/2.0 401 Unauthorized';
        copy.body = '';
        copy.headers = copy.headers.map(([name, value]) => {
          if (name === 'Via') return [name, value.replace('F1', 'F1first')];
          return name === 'CSeq' ? [name, '1 INVITE'] : [name, value];
        });
      });
      m.repeat('F4', -31, (copy) => {
        copy.headers = copy.headers.map(([name, value]) => {
          if (name === 'Via') return [name, value.replace('F4', 'F1first')];
          return name === 'CSeq' ? [name, '1 ACK'] : [name, value];
        });
      });
      headers.push(['Authorization', credentials]);
    },
  ],
  [
    'T12',
    'a hop that nobody watches',
    '2.1',
    (m) => {
      for (const f of ['F1', 'F3', 'F5', 'F7']) m.draft(f).headers.splice(1, 0, strangersVia);
      for (const f of ['F2', 'F4', 'F6']) m.draft(f).headers.splice(2, 0, strangersVia);
    },
  ],
  [
    'T16',
    'a REFER outside the session',
    '2.5',
    (m) => {
      for (const f of ['F15', 'F16', 'F17', 'F18', 'F24', 'F25']) {
        m.header(f, 'Call-ID', () => 'refer-call');
        m.header(f, 'From', (value) => value.replace(/tag=(\w+)\..*/, 'tag=$1.refer'));
        if (f !== 'F15') m.header(f, 'To', (value) => value.replace(/tag=(\w+)\..*/, 'tag=$1.refer'));
      }
      m.header('F15', 'To', (value) => value.replace(/;tag=.*/, ''));
      m.add('F15', 'Target-Dialog', 'F1@transfer-attended;local-tag=alice.F1;remote-tag=bob.F1');
    },
  ],
  ['T19', 'a registration in between', '2.1', (m) => exchange(m, 'F22', 'F25', 'REGISTER', -1_000)],
  ['T19', 'an OPTIONS in between', '2.1', (m) => exchange(m, 'F22', 'F25', 'OPTIONS', -1_000)],
  [
    'T20',
    'more NOTIFYs of the dialog package',
    '2.17',
    (m) => {
      exchange(m, 'F8', 'F9', 'NOTIFY', 5_000);
    },
  ],
  ['T21', 'a repeated 200', '2.3', (m) => m.repeat('F3', 3)],
  ['T23', 'a fresh Call-ID after a redirection', '2.13', () => undefined],
  ['T24', 'a 199 ends another early dialog', '2.12', (m) => provisional(m, 'F5', '199 Early Dialog Terminated', 500)],
  ['T25', 'a subscriber is not told of his own call', '2.17', suppressOwn],
];

/** Bob tells Alice nothing of her call to him (RFC 4235 3.3), nor counts it. */
function suppressOwn(m: Mutation): void {
  m.drop('F14', 'F15');
  m.replaceInBody('F18', /<dialog .*<\/dialog>/, '');
  m.replaceInBody('F18', 'version="3"', 'version="2"');
}

const strangersVia: [string, string] = ['Via', 'SIP/2.0/UDP stranger.example.net;branch=z9hG4bK-stranger'];

test.each(cases)('%s: %s (%s) passes, and the report tells it', (tolerance, _, flow, change) => {
  const mutation = new Mutation(flow);
  change(mutation);
  const report = mutation.report();
  expect(
    report.failures.map(({ message, rule, expected, found }) => `${message ?? '-'} ${rule}: ${expected}; ${found}`),
  ).toEqual([]);
  expect(report.tolerated.map((each) => each.tolerance)).toContain(tolerance);
});

/** Tolerances that leave no trace in the report, because what they allow is not looked at, and where they are tried. */
const silent: readonly Case[] = [
  ['T3', '202 to a REFER', '2.3', (m) => m.status('F9', 202)],
  ['T4', 'the NOTIFY before the 2xx', '2.3', (m) => m.move('F9', m.draft('F10').time + 5)],
  ['T7', 'the ACK after what comes next', '2.10', (m) => m.move('F7', m.draft('F8').time + 5)],
  [
    'T8',
    'independent dialogs the other way round',
    '2.3',
    (m) => {
      m.move('F15', m.draft('F18').time + 1);
      m.move('F16', m.draft('F18').time + 7);
    },
  ],
  [
    'T10',
    'more codecs, attributes and no a=sendrecv',
    '2.3',
    (m) => {
      m.replaceInBody('F19', 'RTP/AVP 0', 'RTP/SAVPF 96 0');
      m.replaceInBody('F19', 'a=sendrecv', 'a=rtpmap:96 opus/48000/2\r\na=rtcp-mux');
    },
  ],
  ['T14', 'another reason phrase', '2.3', (m) => (m.draft('F3').startLine = 'SIP/2.0 200 Gern')],
  [
    'T15',
    'automaton',
    '2.3',
    (m) => m.header('F12', 'Contact', (contact) => contact.replace('automata', 'automaton="TRUE"')),
  ],
  ['T17', 'no GRUU', '2.16', (m) => m.header('F1', 'Contact', () => '<sips:alice@client.atlanta.example.com>')],
  [
    'T18',
    'more header fields',
    '2.3',
    (m) => {
      for (const f of ['F1', 'F3', 'F5']) m.add(f, 'User-Agent', 'x');
      m.add('F5', 'Session-Expires', '1800');
    },
  ],
];

test.each(silent)('%s: %s (%s) passes', (_, __, flow, change) => {
  const mutation = new Mutation(flow);
  change(mutation);
  expect(
    mutation
      .report()
      .failures.map(({ message, rule, expected, found }) => `${message ?? '-'} ${rule}: ${expected}; ${found}`),
  ).toEqual([]);
});

test('every tolerance is tried', () => {
  const tried = new Set([...cases, ...silent].map(([tolerance]) => tolerance));
  // T6 and T22 have tests of their own.
  expect(
    readOracle()
      .tolerances.map(({ id }) => id)
      .filter((id) => !tried.has(id)),
  ).toEqual(['T6', 'T22']);
});

test('T6: the answer that crosses the CANCEL is acknowledged, and the call hung up', () => {
  const mutation = new Mutation('2.16');
  const answer = mutation.draft('F8');
  mutation.drop('F12');
  const crossed = mutation.draft('F11');
  crossed.startLine = 'SIP/2.0 200 OK';
  crossed.body = answer.body;
  crossed.headers.push(['Contact', '<sips:bob@client.biloxi.example.com>'], ['Content-Type', 'application/sdp']);
  const request = (method: string, sequence: number): void => {
    mutation.repeat('F13', method === 'ACK' ? 1 : 2, (copy) => {
      [copy.from, copy.to] = ['alice', 'bob'];
      copy.startLine = `${method} sips:bob@client.biloxi.example.com SIP/2.0`;
      copy.headers = mutation.draft('F9').headers.map(([name, value]) => {
        if (name === 'Via') return [name, value.replace('F1', method)];
        if (name === 'To') return [name, `${value};tag=bob.F1`];
        return name === 'CSeq' ? [name, `${sequence} ${method}`] : [name, value];
      });
    });
  };
  const sequence = Number(/\d+/.exec(mutation.draft('F1').headers.find(([name]) => name === 'CSeq')?.[1] ?? '')?.[0]);
  request('ACK', sequence);
  request('BYE', sequence + 1);
  const report = mutation.report();
  expect(report.failures).toEqual([]);
  expect(report.tolerated.filter(({ tolerance }) => tolerance === 'T6').length).toBeGreaterThanOrEqual(4);
});

test('what answers or forwards what may be left out is left out with it, and what answers what is missing is missing', () => {
  const excused = (flow: string, ...fs: readonly string[]): readonly string[] => {
    const mutation = new Mutation(flow);
    mutation.drop(...fs);
    return mutation
      .report()
      .tolerated.flatMap(({ message, tolerance }) => (message ? `${message.f} ${tolerance}` : []));
  };
  expect(excused('2.1', 'F4', 'F5')).toEqual(['F4 T2', 'F5 T2']);
  expect(excused('2.3', 'F10', 'F11')).toEqual(['F10 T5', 'F11 T5']);
  expect(excused('2.17', 'F6', 'F7')).toEqual([]);
});

test('T25: what is not told is the call with the subscriber alone, always, and under the address that he subscribed from', () => {
  const found = (...changes: readonly ((m: Mutation) => void)[]): readonly string[] => {
    const mutation = new Mutation('2.17');
    for (const change of changes) change(mutation);
    return mutation.report().failures.map(({ message, rule }) => `${message ?? '-'} ${rule}`);
  };
  const withoutDialogs = (f: string) => (m: Mutation) => m.replaceInBody(f, /<dialog .*<\/dialog>/, '');
  expect(found(suppressOwn, withoutDialogs('F6'))).toEqual(['F6 dialogInfo.dialogs.state']);
  expect(found(suppressOwn, (m) => m.drop('F6', 'F7'))).toContain('F6 message');
  expect(found(suppressOwn, (m) => m.drop('F18', 'F19'))).toContain('F18 message');
  // Told in one document and not in the other.
  expect(found((m) => m.drop('F14', 'F15'))).toContain('F14 message');
  expect(found(withoutDialogs('F18'))).toEqual(['F18 dialogInfo.dialogs.state']);
  // Told as it began, and not any more; another call may have ended meanwhile.
  const told = (state: string) => (m: Mutation) => {
    const notify = m.repeat('F8', 0, (copy) => {
      copy.body = copy.body.replace('terminated', state);
      copy.headers = copy.headers.map(([name, value]) => [name, value.replace('z9hG4bK-', 'z9hG4bK-again-')]);
    });
    notify.time = m.draft('F11').time + 1;
  };
  expect(found(suppressOwn, told('early'))).toContain('F14 dialogInfo.dialogs.state');
  expect(found(suppressOwn, told('terminated'))).toEqual([]);
  const otherTelephone = (m: Mutation): void => {
    m.header('F10', 'Contact', () => '<sips:alice.2@client.atlanta.example.com>');
  };
  expect(found(otherTelephone)).toEqual([]);
  expect(found(otherTelephone, suppressOwn)).toEqual(['F14 message', 'F18 dialogInfo.dialogs.state']);
});

test('T22: the other one may hang up, where the scenario says so', () => {
  const flow = findFlow('2.1');
  if (flow === undefined) throw new Error('no flow 2.1');
  const byBob = withTeardownBy(flow, 'bob');
  const conversation = conversationOf(writeConversation(byBob));
  expect(checkFlow(byBob, conversation).failures).toEqual([]);
  expect(checkFlow(flow, conversation).passed).toBe(false);
  expect(withTeardownBy(flow, 'alice')).toEqual(flow);
});

test('who follows a REFER without Referred-By sends none, and invents none', () => {
  const without = new Mutation('2.4');
  without.header('F5', 'Referred-By', () => undefined);
  expect(without.report().failures.map(({ message, rule }) => `${message ?? '-'} ${rule}`)).toEqual(['F11 referredBy']);
  without.header('F11', 'Referred-By', () => undefined);
  const { failures, advice } = without.report();
  expect(failures).toEqual([]);
  expect(advice.map(({ message, rule }) => `${message ?? '-'} ${rule}`)).toEqual(['F5 referredBy']);
});
