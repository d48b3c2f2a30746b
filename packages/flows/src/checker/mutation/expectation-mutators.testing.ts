import type { Expectation } from '../../oracle/expectation-schema.ts';
import type { FlowMessage } from '../../oracle/flow-schema.ts';
import {
  add,
  body,
  elsewhere,
  header,
  ofKey,
  originOf,
  startLine,
  tagged,
  valueOf,
  withoutAll,
} from './mutator.testing.ts';
import type { Mutator } from './mutator.testing.ts';

const directions = ['sendrecv', 'sendonly', 'recvonly', 'inactive'] as const;
const otherUri = (value: string): string => value.replace(/<[^>]*>/, `<${elsewhere}>`);

/** The rule that speaks first of where a request goes. */
function ruleOfTarget({ inDialog, ackKind, cancels, expect }: FlowMessage): string | undefined {
  if (expect.requestUri === undefined || ackKind === 'non-2xx' || cancels !== undefined) return undefined;
  return inDialog ? undefined : 'requestUri';
}

/** Where requests go, and by which way. */
export const hopMutators: readonly Mutator[] = [
  {
    change: 'another Request-URI',
    rule: ruleOfTarget,
    at: 'hop',
    revise: (draft) => startLine(draft, () => elsewhere),
  },
  {
    change: 'another number',
    // Within the dialog it is the Contact that says where requests go.
    rule: ofKey('requestUri.e164', ({ requestUri }, { inDialog }) => requestUri?.e164 !== undefined && !inDialog),
    at: 'all',
    revise: (draft) => replaceEverywhere(draft, '+19727293660', '+1972'),
  },
  {
    change: 'no user=phone',
    rule: ofKey('requestUri.userParam', ({ requestUri }) => requestUri?.userParam !== undefined),
    at: 'hop',
    revise: (draft) => startLine(draft, (uri) => uri.replace(';user=phone', '')),
  },
  {
    change: 'a Via of somebody who was not on the way',
    rule: ofKey(
      'viaCount',
      ({ viaCount }, { kind, ackKind, cancels }) =>
        viaCount !== undefined && kind === 'request' && ackKind !== 'non-2xx' && cancels === undefined,
    ),
    at: 'origin',
    revise: (draft, { flow }) => {
      const [one] = flow.elements.filter(({ host }) => host !== undefined);
      add(draft, 'Via', `SIP/2.0/TLS ${one?.host ?? ''}:5061;branch=z9hG4bK-more`);
    },
  },
  {
    change: 'no Record-Route',
    rule: ofKey('recordRoute', ({ recordRoute }) => recordRoute !== undefined),
    at: 'hop',
    revise: (draft) => withoutAll(draft, 'Record-Route'),
  },
  {
    change: 'no Route',
    rule: ofKey(
      'route',
      ({ route }, { inDialog, ackKind }) => route !== undefined && !inDialog && ackKind !== 'non-2xx',
    ),
    at: 'hop',
    revise: (draft) => withoutAll(draft, 'Route'),
  },
  {
    change: 'a Route without lr',
    rule: ofKey('routeLr', ({ routeLr }) => routeLr === true),
    at: 'hop',
    revise: (draft) => header(draft, 'Route', (value) => value.replace(';lr', '')),
  },
  {
    change: 'a Contact at another proxy',
    rule: ofKey('contact3xx.proxy', ({ contact3xx }) => contact3xx !== undefined),
    at: 'hop',
    revise: (draft) => header(draft, 'Contact', otherUri),
  },
  {
    change: 'a Contact without lr',
    rule: ofKey('contact3xx.lr', ({ contact3xx }) => contact3xx?.lr === true),
    at: 'hop',
    revise: (draft) => header(draft, 'Contact', (value) => value.replace(';lr', '')),
  },
  {
    change: 'To of the new target',
    rule: ofKey('to', ({ to }) => to !== undefined),
    at: 'hop',
    revise: (draft) => header(draft, 'To', otherUri),
  },
  {
    change: 'the CSeq number of the first try',
    rule: ofKey('cseqNumber', ({ cseqNumber }, { inDialog }) => !inDialog && greaterThan(cseqNumber) !== undefined),
    at: 'origin',
    revise: (draft, { message, earlier }) => {
      const first = earlier.get(greaterThan(message.expect.cseqNumber) ?? '');
      const number = valueOf(first, 'CSeq').split(' ')[0] ?? '';
      return header(draft, 'CSeq', (value) => value.replace(/^\d+/, number));
    },
  },
  {
    change: 'another To tag than that response had',
    rule: ofKey('toTagSameAs', ({ toTagSameAs }) => toTagSameAs !== undefined),
    at: 'origin',
    revise: (draft) => header(draft, 'To', tagged),
  },
  {
    change: 'the To tag of another branch',
    rule: ofKey('toTagDistinctFrom', ({ toTagDistinctFrom }) => toTagDistinctFrom !== undefined),
    at: 'all',
    revise: (draft, { message, flow }) => {
      const one = flow.messages.find(({ expect }) => expect.toTagDistinctFrom !== undefined)?.expect;
      const fs = [...(one?.toTagDistinctFrom ?? [])];
      const isOne = fs.includes(message.f) || message.expect.toTagDistinctFrom !== undefined;
      return isOne && header(draft, 'To', (to) => to.replace(/;tag=.*/, ';tag=everybody'));
    },
  },
];

/** Tags, and what ends. */
export const dialogMutators: readonly Mutator[] = [
  {
    change: 'a provisional response of another dialog',
    rule: (message, flow) => {
      const dialog = flow.dialogs.find(({ id }) => id === message.dialog);
      const isOfCallee = message.kind === 'response' && message.expect.tags.to === dialog?.callee;
      // What it is held against is another message than itself.
      const isKnown = [dialog?.confirmedBy, dialog?.earlyBy].find((f) => f != null);
      const isProvisional = (message.status ?? 0) > 100 && (message.status ?? 0) < 200;
      return isOfCallee && isProvisional && originOf(message, flow).f !== isKnown && message.f !== isKnown
        ? 'tags'
        : undefined;
    },
    at: 'origin',
    revise: (draft) => header(draft, 'To', tagged),
  },
  {
    change: 'a tag in To of what begins a dialog once more',
    rule: ofKey(
      'tags',
      ({ tags }, { kind, rules }) =>
        kind === 'request' &&
        tags.to === null &&
        !rules.includes('R-NEW') &&
        !rules.includes('R-CANCEL') &&
        !rules.includes('R-ACKN'),
    ),
    at: 'origin',
    revise: (draft) => header(draft, 'To', (to) => `${to};tag=early`),
  },
];

/** Contact, and what a message says that it can. */
export const contactMutators: readonly Mutator[] = [
  {
    change: 'a Contact at another host',
    rule: ofKey('contact', ({ contact }) => contact !== undefined),
    at: 'origin',
    revise: (draft) => header(draft, 'Contact', otherUri),
  },
  {
    change: 'no Contact',
    rule: ofKey('contact', ({ contact }, { rules }) => contact !== undefined && !rules.includes('R-NEW')),
    at: 'origin',
    revise: (draft) => withoutAll(draft, 'Contact'),
  },
  {
    change: 'a Contact of a mixer that is none',
    rule: ofKey('contact.mixer', ({ contact }) => contact?.mixer === true),
    at: 'origin',
    revise: (draft) => header(draft, 'Contact', (value) => value.replace(/;isfocus(="TRUE")?/i, '')),
  },
  {
    change: 'another Contact than before',
    rule: ofKey('contact.sameUriAs', ({ contact }) => contact?.sameUriAs !== undefined),
    at: 'origin',
    revise: (draft) => header(draft, 'Contact', (value) => value.replace(/sips:[^@]*@/, 'sips:other@')),
  },
  ...(['+sip.rendering', '+sip.byeless', 'automata', 'isfocus'] as const).flatMap((name): Mutator[] => {
    const pattern = new RegExp(`;${name.replaceAll(/[+.]/g, '\\$&')}(="[^"]*")?`, 'i');
    return [
      {
        change: `no ${name} in Contact`,
        rule: ofKey(`contact.params.${name}`, ({ contact }) => contact?.params?.[name] !== undefined),
        at: 'origin',
        revise: (draft) => header(draft, 'Contact', (value) => value.replace(pattern, '')),
      },
      {
        change: `${name}="no" in Contact`,
        rule: ofKey(`contact.params.${name}`, ({ contact }) => contact?.params?.[name] === true),
        at: 'origin',
        revise: (draft) => header(draft, 'Contact', (value) => value.replace(pattern, `;${name}="FALSE"`)),
      },
      {
        change: `${name} in Contact all the same`,
        rule: ofKey(`contact.notParams.${name}`, ({ contact }) => contact?.notParams?.[name] !== undefined),
        at: 'origin',
        revise: (draft, { message }) => {
          const value = message.expect.contact?.notParams?.[name];
          header(draft, 'Contact', (contact) => `${contact};${name}${value === true ? '' : `="${value ?? ''}"`}`);
        },
      },
      {
        change: `${name} in Contact`,
        rule: ofKey('contact.absentParams', ({ contact }) => contact?.absentParams?.includes(name) === true),
        at: 'origin',
        revise: (draft) => header(draft, 'Contact', (contact) => `${contact};${name}`),
      },
    ];
  }),
  {
    change: 'addresses that are no GRUUs',
    rule: ofKey('contact.gruu', ({ contact }) => contact?.gruu === true),
    at: 'all',
    revise: withoutGruus,
  },
  {
    change: 'addresses that are no GRUUs',
    rule: ofKey('requestUri.gruu', ({ requestUri }) => requestUri?.gruu === true),
    at: 'all',
    revise: withoutGruus,
  },
  {
    change: 'no Require',
    rule: ofKey('require', (expect) => expect.require !== undefined),
    at: 'origin',
    revise: (draft) => withoutAll(draft, 'Require'),
  },
  {
    change: 'another Supported',
    rule: ofKey('supported', ({ supported }) => supported !== undefined),
    at: 'origin',
    revise: (draft) => header(draft, 'Supported', () => 'x'),
  },
  {
    change: 'no Supported',
    rule: ofKey('supported', ({ supported }) => supported !== undefined),
    at: 'origin',
    revise: (draft) => withoutAll(draft, 'Supported'),
  },
  {
    change: 'an Allow without what the flow needs',
    rule: ofKey('allowIncludes', ({ allowIncludes }) => allowIncludes !== undefined),
    at: 'origin',
    revise: (draft) => header(draft, 'Allow', () => 'INVITE, ACK'),
  },
  {
    change: 'a header field that is not meant to be there',
    rule: ofKey('absent', ({ absent }) => absent !== undefined),
    at: 'hop',
    revise: (draft, { message }) => {
      for (const name of message.expect.absent ?? []) add(draft, name, sampleOf(name));
    },
  },
];

/** Offers and answers. */
export const sessionMutators: readonly Mutator[] = [
  {
    change: 'no description',
    rule: ofKey('sdp', ({ sdp }) => sdp !== undefined),
    at: 'origin',
    revise: (draft) => {
      draft.body = '';
      withoutAll(draft, 'Content-Type');
    },
  },
  {
    change: 'a description that does not read',
    rule: ofKey('sdp', ({ sdp }) => sdp !== undefined),
    at: 'origin',
    revise: (draft) => body(draft, /^[^]*$/, 'v=1\r\n'),
  },
  ...directions.map((direction): Mutator => ({
    change: `${direction} where it is not meant`,
    rule: ofKey(
      'sdp.direction',
      ({ sdp }) => sdp !== undefined && !(sdp.allowed ?? [sdp.direction]).includes(direction),
    ),
    at: 'origin',
    revise: (draft) => body(draft, /^a=(sendrecv|sendonly|recvonly|inactive)/m, `a=${direction}`),
  })),
  {
    change: 'c=0.0.0.0',
    rule: ofKey('sdp.address', ({ sdp }) => sdp !== undefined),
    at: 'origin',
    revise: (draft) => body(draft, 'c=IN IP4 192.0.2.9', 'c=IN IP4 0.0.0.0'),
  },
  {
    change: 'a stream more than was offered',
    rule: (message, flow) => {
      const offer = flow.messages.find(({ f }) => f === message.answers);
      return message.expect.sdp?.role === 'answer' && offer?.expect.sdp !== undefined ? 'sdp.streams' : undefined;
    },
    at: 'origin',
    revise: (draft) => body(draft, /$/, 'm=video 0 RTP/AVP 31\r\n'),
  },
  {
    change: 'a format that was not offered',
    rule: (message, flow) => {
      const offer = flow.messages.find(({ f }) => f === message.answers);
      return message.expect.sdp?.role === 'answer' && offer?.expect.sdp !== undefined ? 'sdp.formats' : undefined;
    },
    at: 'origin',
    revise: (draft) => body(draft, /^(m=audio \d+ \S+) .*$/m, '$1 99'),
  },
  {
    change: 'the port of the other call',
    rule: ofKey('sdp.mediaPort', ({ sdp }) => sdp?.mediaPort?.startsWith('distinct-from') === true),
    at: 'origin',
    revise: (draft, { flow, message, earlier }) => {
      const other = message.expect.sdp?.mediaPort?.split(' ')[1];
      const said = flow.messages.find(
        ({ from, dialog, expect }) => from === message.from && dialog === other && expect.sdp !== undefined,
      );
      const port = /^m=audio (\d+)/m.exec(earlier.get(said?.f ?? '')?.body ?? '')?.[1];
      return port !== undefined && body(draft, /^m=audio \d+/m, `m=audio ${port}`);
    },
  },
];

function greaterThan(relation: Expectation['cseqNumber']): string | undefined {
  return relation !== undefined && relation !== 'new' && 'greaterThan' in relation ? relation.greaterThan : undefined;
}

export function withoutGruus(draft: { headers: [string, string][]; startLine: string; body: string }): void {
  const plain = (text: string): string => text.replaceAll(/;gr(=[^;>?"\s]+)?/g, '');
  draft.startLine = plain(draft.startLine);
  draft.body = plain(draft.body);
  draft.headers = draft.headers.map(([name, value]) => [name, plain(value)]);
}

function replaceEverywhere(draft: { headers: [string, string][]; startLine: string }, from: string, to: string): void {
  draft.startLine = draft.startLine.replaceAll(from, to);
  draft.headers = draft.headers.map(([name, value]) => [name, value.replaceAll(from, to)]);
}

function sampleOf(name: string): string {
  if (name === 'Replaces') return 'call;to-tag=a;from-tag=b';
  return name === 'Contact' ? '<sips:bob@client.biloxi.example.com>' : 'x';
}
