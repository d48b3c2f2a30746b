import type { FlowMessage } from '../../oracle/flow-schema.ts';
import type { Draft } from '../../synthetic-conversation.testing.ts';
import {
  add,
  body,
  header,
  otherUri,
  ofRule,
  startLine,
  tagged,
  untagged,
  valueOf,
  without,
} from './mutator.testing.ts';
import type { Mutator, Scene } from './mutator.testing.ts';

/** R-RESP, R-FWD-REQ, R-FWD-RESP: what is copied from hop to hop. */
export const copyMutators: readonly Mutator[] = [
  {
    change: 'another Call-ID than the request',
    rule: ofRule('R-RESP'),
    at: 'origin',
    revise: (draft) => header(draft, 'Call-ID', () => 'other'),
  },
  {
    change: 'another CSeq number than the request',
    rule: ofRule('R-RESP'),
    at: 'origin',
    revise: (draft) => header(draft, 'CSeq', (value) => value.replace(/^\d+/, '99')),
  },
  {
    change: 'another From tag than the request',
    rule: ofRule('R-RESP'),
    at: 'origin',
    revise: (draft) => header(draft, 'From', tagged),
  },
  {
    change: 'another From than the request',
    rule: ofRule('R-RESP'),
    at: 'origin',
    revise: (draft) => header(draft, 'From', otherUri),
  },
  {
    change: 'another To than the request',
    rule: ofRule('R-RESP'),
    at: 'origin',
    revise: (draft) => header(draft, 'To', otherUri),
  },
  {
    change: 'no tag in To',
    rule: ofRule('R-RESP', ({ status, expect }) => (status ?? 0) > 100 || expect.tags.to !== null),
    at: 'origin',
    revise: (draft) => header(draft, 'To', untagged),
  },
  {
    change: 'another To tag than the request within the dialog',
    rule: (message, flow) => {
      const request = flow.messages.find(({ f }) => f === message.answers);
      return message.rules.includes('R-RESP') && request?.expect.tags.to != null ? 'R-RESP' : undefined;
    },
    at: 'origin',
    revise: (draft) => header(draft, 'To', tagged),
  },
  {
    change: 'another Via than the request',
    rule: ofRule('R-RESP'),
    at: 'hop',
    revise: (draft) => header(draft, 'Via', (via) => via.replace('z9hG4bK-', 'z9hG4bK-x')),
  },
  {
    change: 'one Via less than the request',
    rule: ofRule('R-RESP', ({ expect }) => (expect.viaCount ?? 0) > 1),
    at: 'hop',
    revise: (draft) => {
      const place = draft.headers.findLastIndex(([name]) => name === 'Via');
      draft.headers.splice(place, 1);
    },
  },
  {
    change: 'a Via twice',
    rule: ofRule('R-RESP'),
    at: 'hop',
    revise: (draft) => void draft.headers.unshift(['Via', valueOf(draft, 'Via')]),
  },
  {
    change: 'received= with a name',
    rule: ofRule('R-RESP'),
    at: 'hop',
    revise: (draft) => header(draft, 'Via', (via) => via.replace(/received=.*/, 'received=host.example.com')),
  },
  {
    change: 'no Via of the proxy',
    rule: ofRule('R-FWD-REQ'),
    at: 'hop',
    revise: (draft) => header(draft, 'Via', without),
  },
  {
    change: 'another Via of the sender',
    rule: ofRule('R-FWD-REQ'),
    at: 'hop',
    revise: (draft) => {
      const place = draft.headers.findLastIndex(([name]) => name === 'Via');
      const [name, via] = draft.headers[place] ?? ['Via', ''];
      draft.headers[place] = [name, via.replace('z9hG4bK-', 'z9hG4bK-x')];
    },
  },
  {
    change: 'Max-Forwards as it came',
    rule: ofRule('R-FWD-REQ'),
    at: 'hop',
    revise: (draft) => header(draft, 'Max-Forwards', (value) => String(Number(value) + 1)),
  },
  {
    change: 'the Route to the proxy itself',
    rule: ofRule('R-FWD-REQ'),
    at: 'hop',
    revise: (draft, { flow, message }) =>
      add(draft, 'Route', `<sips:${flow.elements.find(({ id }) => id === message.from)?.host ?? ''};lr>`),
  },
  ...(['From', 'To'] as const).map((name): Mutator => ({
    change: `another ${name} than came`,
    rule: ofRule('R-FWD-REQ'),
    at: 'hop',
    revise: (draft) => header(draft, name, otherUri),
  })),
  {
    change: 'another Call-ID than came',
    rule: ofRule('R-FWD-REQ'),
    at: 'hop',
    revise: (draft) => header(draft, 'Call-ID', () => 'other'),
  },
  {
    change: 'another CSeq number than came',
    rule: ofRule('R-FWD-REQ'),
    at: 'hop',
    revise: (draft) => header(draft, 'CSeq', (value) => value.replace(/^\d+/, '99')),
  },
  ...(['R-FWD-REQ', 'R-FWD-RESP'] as const).flatMap((rule): Mutator[] => [
    {
      change: 'a header field that did not come',
      rule: ofRule(rule),
      at: 'hop',
      revise: (draft) => add(draft, 'Subject', 'added'),
    },
    {
      change: 'another Contact than came',
      rule: ofRule(rule),
      at: 'hop',
      revise: (draft) => header(draft, 'Contact', (contact) => `${contact};x`),
    },
    {
      change: 'another body than came',
      rule: ofRule(rule),
      at: 'hop',
      revise: (draft) => body(draft, 's=-', 's=x'),
    },
  ]),
  {
    change: 'another status',
    // After a CANCEL there may be any (T6).
    rule: ({ kind, status }) =>
      kind === 'response' && status !== null && status >= 200 && status !== 487 ? 'status' : undefined,
    at: 'hop',
    revise: (draft) => startLine(draft, (status) => (status === '404' ? '410' : '404')),
  },
];

const versionLine = /^(o=\S+ \d+ )(\d+)/m;

function versionIn(description: string): string | undefined {
  return versionLine.exec(description)?.[2];
}

/** R-SDP. */
export const descriptionMutators: readonly Mutator[] = [
  {
    change: 'a version that jumps',
    rule: ofRule('R-SDP', ({ expect }) => isLater(expect)),
    at: 'origin',
    revise: (draft) => body(draft, versionLine, '$19$2'),
  },
  {
    change: 'a version that does not count the change',
    rule: ofRule('R-SDP', ({ expect }) => isLater(expect)),
    at: 'origin',
    revise: (draft, scene) => {
      const before = versionIn(earlierDescription(scene, draft)?.body ?? '');
      return before !== undefined && body(draft, 's=-', 's=x') && (body(draft, versionLine, `$1${before}`) || true);
    },
  },
  {
    change: 'another session',
    rule: ofRule('R-SDP', ({ expect }) => isLater(expect)),
    at: 'origin',
    revise: (draft) => body(draft, '18446744073709551000', '18446744073709551001'),
  },
  {
    change: 'another stream in the place of the first',
    rule: ofRule('R-SDP', ({ expect }) => isLater(expect)),
    at: 'origin',
    revise: (draft) => body(draft, 'm=audio', 'm=video 50000 RTP/AVP 31\r\nm=audio'),
  },
  {
    change: 'another description than came',
    rule: ofRule('R-SDP', ({ expect }) => expect.sdp?.version === 'unchanged-by-proxy'),
    at: 'hop',
    revise: (draft) => body(draft, 's=-', 's=x'),
  },
];

const swapTags = (value: string): string =>
  value.replace('to-tag', 'x-tag').replace('from-tag', 'to-tag').replace('x-tag', 'from-tag');

/** R-REPL and R-JOIN. */
export const replacementMutators: readonly Mutator[] = (
  [
    ['R-REPL', 'Replaces', 'replaces'],
    ['R-JOIN', 'Join', 'join'],
  ] as const
).flatMap(([rule, name, key]): Mutator[] => {
  const isMeant = ofRule(rule, ({ expect }) => expect[key] !== undefined);
  const change = (what: string, to: (value: string) => string | undefined): Mutator => ({
    change: what,
    rule: isMeant,
    at: 'origin',
    revise: (draft) => header(draft, name, to),
  });
  return [
    change(`no ${name}`, without),
    change(`a ${name} that does not read`, () => 'call'),
    change('another Call-ID', (value) => `x${value}`),
    change('another to-tag', (value) => value.replace('to-tag=', 'to-tag=x')),
    change('another from-tag', (value) => value.replace('from-tag=', 'from-tag=x')),
    change('tags the other way round', swapTags),
    ...(name === 'Join'
      ? []
      : [
          change('early-only where it is not meant, or not where it is', (value) =>
            value.includes(';early-only') ? value.replace(';early-only', '') : `${value};early-only`,
          ),
        ]),
  ];
});

function isLater({ sdp }: FlowMessage['expect']): boolean {
  return sdp?.version === 'incremented' || sdp?.version === 'same';
}

/** What the same sender described before in the same call. */
function earlierDescription({ flow, message, earlier }: Scene, draft: Draft): Draft | undefined {
  const said = flow.messages.filter(({ from }) => from === message.from).map(({ f }) => earlier.get(f));
  return said.findLast(
    (each) => each?.body.startsWith('v=0') === true && valueOf(each, 'Call-ID') === valueOf(draft, 'Call-ID'),
  );
}
