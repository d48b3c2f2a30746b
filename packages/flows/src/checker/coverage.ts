import type { FlowMessage } from '../oracle/flow-schema.ts';

/** What breaks a statement of the coverage list: a rule, a key of an expectation and what is beneath it, or a negative. */
type Link = readonly [id: string, rules: readonly string[], ...messages: (readonly [from: number, to: number])[]];

/** What section 1 says of all flows, at any of their messages. */
const ofAll: readonly Link[] = [
  ['C1.1-02', ['message']],
  ['C1.1-03', ['media', 'mix']],
  ['C1-03', ['malformed']],
  ['C1-05', ['scheme']],
  ['C1-07', ['sdp.streams']],
  ['C1-09', ['callId', 'proxyAuthorization']],
];

/** What the RFCs that all flows rely on say, where a message is held against it. */
const ofOtherRfcs: readonly Link[] = [
  ['CX-01', ['R-REQ']],
  ['CX-02', ['R-RESP', 'R-FWD-RESP']],
  ['CX-03', ['contact', 'scheme']],
  ['CX-04', ['R-INDIALOG']],
  ['CX-05', ['R-ACK2']],
  ['CX-06', ['R-ACKN']],
  ['CX-07', ['R-CANCEL']],
  ['CX-08', ['closes', 'endsUsage']],
  ['CX-09', ['R-FWD-REQ', 'recordRoute', 'maxForwards', 'viaCount']],
  ['CX-13', ['R-SDP', 'sdp']],
  ['CX-14', ['referTo', 'sipfrag']],
  ['CX-15', ['event', 'expires', 'subscriptionState']],
  ['CX-16', ['R-REPL', 'R-JOIN', 'supported']],
];

/** What one flow says, at the messages with these numbers. That such a message is missing breaks the statement as well. */
const ofFlow: Readonly<Record<string, readonly Link[]>> = {
  '2.1': [
    ['C2.1-01', ['sdp', 'tags', 'callId'], [10, 11]],
    ['C2.1-02', ['sdp'], [12, 13]],
    ['C2.1-03', ['contact.params'], [10, 11]],
    ['C2.1-04', ['contact.notParams'], [16, 17]],
    ['C2.1-05', ['sdp', 'media'], [16, 21]],
    ['C2.1-06', ['media'], [15, 15]],
    ['C2.1-09', ['sdp.address', 'N2.1-1']],
    ['C2.1-11', ['recordRoute', 'route', 'requestUri'], [2, 25]],
    ['C2.1-13', ['sdp.direction'], [12, 13]],
    ['C2.1-14', ['closes'], [22, 25]],
  ],
  '2.2': [
    ['C2.2-01', ['callId', 'fromTag', 'tags', 'sdp.mediaPort'], [16, 17]],
    ['C2.2-02', ['media'], [15, 24]],
    ['C2.2-02', ['N2.2-1']],
    ['C2.2-03', ['closes', 'media'], [25, 28]],
    ['C2.2-04', ['cseqNumber', 'sdp.version', 'tags', 'callId'], [29, 34]],
    ['C2.2-05', ['contact.params'], [10, 11]],
    ['C2.2-06', ['closes', 'media'], [35, 38]],
    ['C2.2-09', ['forwarded']],
  ],
  '2.3': [
    ['C2.3-01', ['sdp.direction', 'contact.params', 'tags', 'callId', 'requestUri', 'order'], [5, 9]],
    ['C2.3-02', ['referTo', 'referredBy'], [8, 8]],
    ['C2.3-03', ['statusAccept', 'event', 'subscriptionState', 'sipfrag', 'contentType'], [9, 11], [17, 18]],
    ['C2.3-04', ['require', 'R-REPL', 'referredBy', 'tags', 'callId'], [12, 12]],
    ['C2.3-05', ['contact.params'], [12, 12]],
    ['C2.3-06', ['sdp', 'closes', 'media'], [13, 16]],
    ['C2.3-07', ['sipfrag.dialog'], [17, 17]],
    ['C2.3-07', ['R-REPL'], [19, 19]],
    ['C2.3-09', ['require', 'R-REPL', 'requestUri', 'tags', 'callId', 'sdp', 'media'], [19, 21]],
    ['C2.3-10', ['closes', 'media'], [22, 23]],
    ['C2.3-11', ['N2.3-1']],
  ],
  '2.4': [
    ['C2.4-01', ['requestUri', 'tags'], [1, 4]],
    ['C2.4-02', ['referTo', 'referredBy', 'statusAccept'], [5, 6]],
    ['C2.4-03', ['event', 'subscriptionState', 'sipfrag', 'contentType'], [7, 8]],
    ['C2.4-04', ['order', 'media'], [9, 10]],
    ['C2.4-05', ['referredBy', 'absent', 'requestUri', 'tags', 'callId', 'sdp'], [11, 11]],
    ['C2.4-06', ['tags', 'callId', 'cseqNumber', 'requestUri', 'subscriptionState', 'sipfrag'], [15, 16]],
    ['C2.4-06', ['endsUsage'], [9, 9]],
  ],
  '2.5': [
    ['C2.5-01', ['order'], [5, 16]],
    ['C2.5-02', ['referTo.headers'], [15, 15]],
    ['C2.5-03', ['referTo.target'], [15, 15]],
    ['C2.5-04', ['require', 'R-REPL', 'referredBy', 'tags'], [19, 20]],
    ['C2.5-05', ['closes'], [22, 23]],
    ['C2.5-06', ['subscriptionState', 'sipfrag', 'closes', 'order'], [24, 27]],
    ['C2.5-07', ['media'], [21, 21], [27, 27]],
    ['C2.5-08', ['contact.gruu'], [9, 10]],
    ['C2.5-14', ['sdp.version'], [12, 12]],
  ],
  '2.6': [
    ['C2.6-01', ['bodyUri'], [5, 6]],
    ['C2.6-02', ['require', 'R-REPL', 'requestUri'], [7, 7]],
    ['C2.6-03', ['closes'], [8, 11]],
    ['C2.6-04', ['media'], [9, 11]],
    ['C2.6-07', ['absent'], [5, 6]],
    ['C2.6-08', ['N2.6-1']],
  ],
  '2.7': [
    ['C2.7-01', ['requestUri', 'to', 'forwarded'], [4, 4]],
    ['C2.7-06', ['recordRoute', 'route', 'requestUri'], [5, 14]],
    ['C2.7-07', ['toTagDistinctFrom', 'tags'], [3, 8]],
  ],
  '2.8': [
    ['C2.8-01', ['requestUri', 'order'], [4, 7]],
    ['C2.8-02', ['R-ACKN'], [5, 5]],
    ['C2.8-02', ['N2.8-1']],
    ['C2.8-03', ['branch', 'requestUri', 'cseqNumber', 'to', 'forwarded'], [7, 7]],
  ],
  '2.9': [
    ['C2.9-01', ['order'], [6, 11]],
    ['C2.9-02', ['R-CANCEL', 'R-ACKN', 'absent', 'requestUri', 'branch', 'tags'], [6, 9]],
    ['C2.9-03', ['N2.9-1']],
    ['C2.9-04', ['toTagDistinctFrom', 'tags'], [10, 15]],
  ],
  '2.10': [
    ['C2.10-01', ['contact'], [5, 5]],
    ['C2.10-02', ['contact'], [8, 8]],
    ['C2.10-03', ['mix', 'media'], [11, 11]],
    ['C2.10-09', ['status'], [9, 9]],
  ],
  '2.11': [
    ['C2.11-01', ['R-JOIN'], [5, 5]],
    ['C2.11-02', ['contact.mixer', 'contact.sameUriAs', 'order'], [6, 10]],
    ['C2.11-03', ['mix', 'media'], [11, 11]],
    ['C2.11-04', ['contact.mixer', 'contact.params'], [6, 10]],
    ['C2.11-09', ['supported'], [3, 3]],
  ],
  '2.12': [
    ['C2.12-01', ['requestUri', 'order'], [2, 20]],
    ['C2.12-02', ['N2.12-2']],
    ['C2.12-04', ['N2.12-1']],
    ['C2.12-07', ['closes', 'route'], [23, 26]],
    ['C2.12-08', ['branch', 'cseqNumber', 'to', 'forwarded', 'R-REQ'], [10, 16]],
  ],
  '2.13': [
    ['C2.13-01', ['contact3xx'], [2, 2]],
    ['C2.13-02', ['route', 'routeLr', 'requestUri', 'branch', 'cseqNumber'], [4, 4]],
    ['C2.13-03', ['N2.13-2']],
    ['C2.13-04', ['proxyAuthenticate', 'proxyAuthorization'], [5, 7]],
    ['C2.13-05', ['errorInfo'], [8, 8]],
    ['C2.13-05', ['N2.13-1']],
    ['C2.13-07', ['requestUri'], [10, 10]],
    ['C2.13-09', ['contact'], [11, 11]],
    ['C2.13-10', ['closes', 'media'], [12, 14]],
    ['C2.13-11', ['R-ACKN', 'requestUri', 'route'], [3, 3], [6, 6], [9, 9]],
  ],
  '2.14': [
    ['C2.14-01', ['errorInfo'], [5, 5]],
    ['C2.14-01', ['N2.14-1']],
    ['C2.14-02', ['proxyAuthenticate'], [2, 2]],
  ],
  '2.15': [
    ['C2.15-01', ['referTo', 'referredBy', 'tags', 'callId'], [5, 6]],
    ['C2.15-02', ['R-REPL', 'contact.params'], [9, 9]],
    ['C2.15-03', ['closes'], [12, 13]],
    ['C2.15-04', ['sipfrag'], [14, 15]],
    ['C2.15-05', ['expires', 'event', 'subscriptionState', 'dialogInfo'], [16, 19]],
    ['C2.15-06', ['R-REPL', 'require', 'closes'], [20, 24]],
    ['C2.15-07', ['media'], [11, 24]],
    ['C2.15-08', ['N2.15-1']],
    ['C2.15-11', ['requestUri'], [20, 20]],
  ],
  '2.16': [
    ['C2.16-01', ['dialogInfo'], [3, 6]],
    ['C2.16-02', ['R-REPL', 'require', 'requestUri'], [7, 7]],
    ['C2.16-03', ['R-CANCEL', 'R-ACKN'], [8, 12]],
    ['C2.16-05', ['N2.16-1']],
    ['C2.16-10', ['N2.16-2']],
    ['C2.16-13', ['media', 'closes'], [13, 15]],
  ],
  '2.17': [
    ['C2.17-01', ['event', 'tags', 'callId'], [2, 5]],
    ['C2.17-02', ['dialogInfo', 'subscriptionState'], [6, 7]],
    ['C2.17-02', ['N2.17-1']],
    ['C2.17-03', ['dialogInfo', 'subscriptionState'], [8, 9]],
    ['C2.17-04', ['tags', 'callId', 'fromTag'], [10, 13]],
    ['C2.17-05', ['expires', 'subscriptionState', 'tags', 'callId'], [16, 19]],
    ['C2.17-07', ['expires', 'subscriptionState.expires'], [5, 14]],
    ['C2.17-08', ['dialogInfo.version'], [6, 18]],
    ['C2.17-10', ['dialogInfo.dialogs.id'], [14, 14]],
    ['C2.17-13', ['N2.17-2']],
  ],
  '2.18': [
    ['C2.18-01', ['referTo', 'requestUri'], [1, 1]],
    ['C2.18-02', ['referSub'], [1, 2]],
    ['C2.18-02', ['N2.18-1']],
    ['C2.18-08', ['referSub.gruu'], [1, 1]],
    ['C2.18-03', ['requestUri', 'tags', 'callId', 'sdp', 'media'], [3, 6]],
    ['C2.18-09', ['referredBy'], [3, 3]],
  ],
};

/** What stands in the place of a message that should have been said. */
const absences: readonly string[] = ['message', 'status'];

/**
 * The ids of the statements that a play shows to hold or to be broken: those that a rule is linked to which was looked at.
 * `said` are the messages that were said; media count only where somebody watched for them.
 */
export function coveredStatements(
  flow: string,
  said: readonly FlowMessage[],
  isMediaWatched: boolean,
): readonly string[] {
  const isOfMedia = (rule: string): boolean => rule === 'media' || rule === 'mix';
  const isNamed = (rule: string): boolean =>
    said.some(({ rules, expect }) => rules.some((each) => each === rule) || Object.hasOwn(expect, rule));
  const covered = [
    ...[...(ofFlow[flow] ?? []), ...ofAll]
      .filter(([, , ...messages]) => said.some(({ n }) => messages.length === 0 || isAmong(n, messages)))
      .filter(([, rules]) => isMediaWatched || !rules.every(isOfMedia)),
    ...ofOtherRfcs.filter(([, rules]) => rules.some(isNamed)),
  ];
  return [...new Set(covered.map(([id]) => id))].sort();
}

function isAmong(number: number, messages: readonly (readonly [number, number])[]): boolean {
  return messages.some(([from, to]) => number >= from && number <= to);
}

/** The ids of the statements that say what a rule and a key of a message of a flow say. */
export function coverageOf(flow: string, f: string | undefined, rule: string, key = rule): readonly string[] {
  const number = f === undefined ? undefined : Number(f.slice(1));
  const isMeant = (name: string): boolean => rule === name || key === name || key.startsWith(`${name}.`);
  const found = [...(ofFlow[flow] ?? []), ...ofAll, ...ofOtherRfcs].filter(([, rules, ...messages]) => {
    if (messages.length === 0) return rules.some(isMeant);
    return number !== undefined && isAmong(number, messages) && [...absences, ...rules].some(isMeant);
  });
  return [...new Set(found.map(([id]) => id))];
}
