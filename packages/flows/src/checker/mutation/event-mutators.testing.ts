import type { Draft } from '../../synthetic-conversation.testing.ts';
import { withoutGruus } from './expectation-mutators.testing.ts';
import { add, body, elsewhere, header, ofKey, without, withoutAll } from './mutator.testing.ts';
import type { Mutator } from './mutator.testing.ts';

const replacesParts = [
  ['callId', 'another Call-ID in Replaces', (value: string) => value.replace('Replaces=', 'Replaces=x')],
  ['toTag', 'another to-tag in Replaces', (value: string) => value.replace('to-tag%3D', 'to-tag%3Dx')],
  ['fromTag', 'another from-tag in Replaces', (value: string) => value.replace('from-tag%3D', 'from-tag%3Dx')],
  ['earlyOnly', 'early-only in Replaces', (value: string) => value.replace(/(Replaces=[^&>"]*)/, '$1%3Bearly-only')],
] as const;

/** REFER, and the address in a text. */
export const referenceMutators: readonly Mutator[] = [
  ...(
    [
      ['referTo', (draft: Draft, change: (value: string) => string) => header(draft, 'Refer-To', change)],
      [
        'bodyUri',
        (draft: Draft, change: (value: string) => string) => {
          const before = draft.body;
          draft.body = change(before);
          return draft.body !== before;
        },
      ],
    ] as const
  ).flatMap(([key, edit]): Mutator[] => [
    {
      change: 'another address',
      rule: ofKey(`${key}.target`, (expect) => expect[key] !== undefined),
      at: 'origin',
      revise: (draft) => edit(draft, (value) => value.replace(/sips:[^?">]*/, elsewhere)),
    },
    {
      change: 'no address that reads',
      rule: ofKey(`${key}.target`, (expect) => expect[key] !== undefined),
      at: 'origin',
      revise: (draft) => edit(draft, () => '<nowhere>'),
    },
    {
      change: 'addresses that are no GRUUs',
      rule: ofKey(`${key}.target.gruu`, (expect) => expect[key]?.target.gruu === true),
      at: 'all',
      revise: withoutGruus,
    },
    {
      change: 'a Replaces that is not meant',
      rule: ofKey(
        `${key}.headers.replaces`,
        (expect) => expect[key] !== undefined && expect[key].headers.replaces === undefined,
      ),
      at: 'origin',
      revise: (draft) => edit(draft, (value) => value.replace('>', '?Replaces=a%3Bto-tag%3Db%3Bfrom-tag%3Dc>')),
    },
    {
      change: 'no Replaces',
      rule: ofKey(`${key}.headers.replaces`, (expect) => expect[key]?.headers.replaces !== undefined),
      at: 'origin',
      revise: (draft) => edit(draft, (value) => value.replace(/Replaces=[^&>"]*&?/, '')),
    },
    ...replacesParts.map(([part, change, to]): Mutator => ({
      change,
      rule: ofKey(`${key}.headers.replaces.${part}`, (expect) => expect[key]?.headers.replaces !== undefined),
      at: 'origin',
      revise: (draft) => edit(draft, to),
    })),
    {
      change: 'no Require',
      rule: ofKey(`${key}.headers.require`, (expect) => expect[key]?.headers.require !== undefined),
      at: 'origin',
      revise: (draft) => edit(draft, (value) => value.replace(/[&?]Require=[^&>"]*/, '')),
    },
  ]),
  {
    change: '@ as it is in a header field of an address',
    rule: ofKey('bodyUri.escaped', ({ bodyUri }) => bodyUri?.escaped === true),
    at: 'origin',
    revise: (draft) => body(draft, '%40', '@'),
  },
  {
    change: 'two Refer-To',
    rule: ofKey('referTo', ({ referTo }) => referTo !== undefined),
    at: 'origin',
    revise: (draft) => add(draft, 'Refer-To', `<${elsewhere}>`),
  },
  {
    change: 'another Referred-By',
    rule: ofKey('referredBy', ({ referredBy }) => referredBy !== undefined),
    at: 'origin',
    revise: (draft) => header(draft, 'Referred-By', () => `<${elsewhere}>`),
  },
  {
    change: 'no Referred-By',
    rule: ofKey('referredBy', ({ referredBy }) => referredBy !== undefined),
    at: 'origin',
    revise: (draft) => withoutAll(draft, 'Referred-By'),
  },
  {
    change: 'no Refer-Sub',
    rule: ofKey('referSub', ({ referSub }) => referSub !== undefined),
    at: 'origin',
    revise: (draft) => withoutAll(draft, 'Refer-Sub'),
  },
  {
    change: 'Refer-Sub: true',
    rule: ofKey('referSub', ({ referSub }) => referSub === false),
    at: 'origin',
    revise: (draft) => header(draft, 'Refer-Sub', () => 'true'),
  },
  {
    change: 'a REFER without a subscription to an address that may fork',
    rule: (message) => (message.kind === 'request' && message.expect.referSub === false ? 'referSub.gruu' : undefined),
    at: 'origin',
    revise: (draft) => {
      draft.startLine = draft.startLine.replace(';gr', '');
    },
  },
];

/** Subscriptions and what is notified. */
export const eventMutators: readonly Mutator[] = [
  {
    change: 'another event package',
    rule: ofKey('event.package', ({ event }) => event !== undefined),
    at: 'origin',
    revise: (draft) => header(draft, 'Event', () => 'presence'),
  },
  {
    change: 'no Event',
    rule: ofKey('event.package', ({ event }) => event !== undefined),
    at: 'origin',
    revise: (draft) => header(draft, 'Event', without),
  },
  {
    change: 'another id than the first NOTIFY',
    rule: ofKey('event.id', ({ event }) => event?.id === 'same as the first NOTIFY'),
    at: 'origin',
    revise: (draft) => header(draft, 'Event', (value) => value.replace('id=7', 'id=8')),
  },
  {
    change: 'another state of the subscription',
    rule: ofKey('subscriptionState.state', ({ subscriptionState }) => subscriptionState !== undefined),
    at: 'origin',
    revise: (draft) =>
      header(draft, 'Subscription-State', (value) =>
        value.startsWith('terminated') ? value.replace('terminated', 'active') : value.replace(/^[a-z]+/, 'terminated'),
      ),
  },
  {
    change: 'no Subscription-State',
    rule: ofKey('subscriptionState.state', ({ subscriptionState }) => subscriptionState !== undefined),
    at: 'origin',
    revise: (draft) => header(draft, 'Subscription-State', without),
  },
  {
    change: 'another reason',
    rule: ofKey('subscriptionState.reason', ({ subscriptionState }) => subscriptionState?.reason !== undefined),
    at: 'origin',
    revise: (draft) => header(draft, 'Subscription-State', (value) => value.replace(/reason=\w+/, 'reason=giveup')),
  },
  {
    change: 'no expires in Subscription-State',
    rule: ofKey('subscriptionState.expires', ({ subscriptionState }) => subscriptionState?.expires !== undefined),
    at: 'origin',
    revise: (draft) => header(draft, 'Subscription-State', (value) => value.replace(/;expires=\d+/, '')),
  },
  {
    change: 'no Expires',
    rule: ofKey('expires', ({ expires }) => expires !== undefined),
    at: 'origin',
    revise: (draft) => header(draft, 'Expires', without),
  },
  {
    change: 'Expires where it is to be 0',
    rule: ofKey('expires', ({ expires }) => expires === 0),
    at: 'origin',
    revise: (draft) => header(draft, 'Expires', () => '3600'),
  },
  {
    change: 'no Accept',
    rule: ofKey('accept', ({ accept }) => accept !== undefined),
    at: 'origin',
    revise: (draft) => header(draft, 'Accept', without),
  },
  {
    change: 'another Accept',
    rule: ofKey('accept', ({ accept }) => accept !== undefined),
    at: 'origin',
    revise: (draft) => header(draft, 'Accept', () => 'text/plain'),
  },
  {
    change: 'another Content-Type',
    rule: ofKey('contentType', ({ contentType }) => contentType !== undefined),
    at: 'origin',
    revise: (draft) => header(draft, 'Content-Type', () => 'text/x-other'),
  },
  {
    change: 'no fragment that reads',
    rule: ofKey('sipfrag.status', ({ sipfrag }) => sipfrag !== undefined),
    at: 'origin',
    revise: (draft) => body(draft, /^SIP\/2\.0 /, 'SIP 2 '),
  },
  {
    change: 'a failure in the fragment',
    rule: ofKey('sipfrag.class', ({ sipfrag }) => sipfrag !== undefined),
    at: 'origin',
    revise: (draft) => body(draft, /^SIP\/2\.0 \d+/, 'SIP/2.0 603'),
  },
  ...(
    [
      ['callId', 'Call-ID: ', 'Call-ID: x'],
      ['fromTag', /^(From:.*;tag=)/m, '$1x'],
      ['toTag', /^(To:.*;tag=)/m, '$1x'],
      ['contact', /^Contact:.*/m, `Contact: <${elsewhere}>`],
    ] as const
  ).flatMap(([part, from, to]): Mutator[] => [
    {
      change: `another ${part} in the fragment`,
      rule: ofKey(`sipfrag.dialog.${part}`, ({ sipfrag }) => sipfrag?.dialog !== undefined),
      at: 'origin',
      revise: (draft) => body(draft, from, to),
    },
    {
      change: `no ${part} in the fragment`,
      rule: ofKey(`sipfrag.dialog.${part}`, ({ sipfrag }) => sipfrag?.dialog !== undefined),
      at: 'origin',
      revise: (draft) => body(draft, lineOf[part], ''),
    },
  ]),
  {
    change: 'addresses that are no GRUUs',
    rule: ofKey('sipfrag.dialog.contact.gruu', ({ sipfrag }) => sipfrag?.dialog?.contact.gruu === true),
    at: 'all',
    revise: withoutGruus,
  },
];

const lineOf = {
  callId: /^Call-ID:.*\r\n/m,
  fromTag: /^From:.*\r\n/m,
  toTag: /^To:.*\r\n/m,
  contact: /^Contact:.*\r\n/m,
};
