import type { Expectation } from '../../oracle/expectation-schema.ts';
import { withoutGruus } from './expectation-mutators.testing.ts';
import { body, elsewhere, header, ofKey, without, withoutAll } from './mutator.testing.ts';
import type { Mutator } from './mutator.testing.ts';

type DialogKey = 'dialog' | 'localTag' | 'remoteTag' | 'direction' | 'remoteTarget' | 'sameIdAs' | 'newId';

const names =
  (...keys: readonly DialogKey[]) =>
  ({ dialogInfo }: Expectation): boolean =>
    dialogInfo?.dialogs.some((each) => keys.some((key) => each[key] !== undefined)) === true;

/** Documents about dialogs. */
export const documentMutators: readonly Mutator[] = [
  {
    change: 'no document that reads',
    rule: ofKey('dialogInfo', ({ dialogInfo }) => dialogInfo !== undefined),
    at: 'origin',
    revise: (draft) => body(draft, '</dialog-info>', ''),
  },
  {
    change: 'another entity',
    rule: ofKey('dialogInfo.entity', ({ dialogInfo }) => dialogInfo !== undefined),
    at: 'origin',
    revise: (draft) => body(draft, /entity="[^"]*"/, `entity="${elsewhere}"`),
  },
  {
    change: 'a version that is not one higher',
    rule: ofKey('dialogInfo.version', ({ dialogInfo }) => dialogInfo?.version === 'incremented'),
    at: 'origin',
    revise: (draft) => body(draft, /(<dialog-info[^>]*version=")\d+/, '$19'),
  },
  {
    change: 'another state of the dialog',
    rule: ofKey('dialogInfo.dialogs.state', ({ dialogInfo }) => dialogInfo !== undefined),
    at: 'origin',
    revise: (draft) =>
      body(draft, /<state>\w+<\/state>/, `<state>${draft.body.includes('<state>trying') ? 'early' : 'trying'}</state>`),
  },
  ...(
    [
      ['callId', 'dialog', /call-id="/, 'call-id="x'],
      ['localTag', 'localTag', /local-tag="/, 'local-tag="x'],
      ['remoteTag', 'remoteTag', /remote-tag="/, 'remote-tag="x'],
      ['remoteTarget', 'remoteTarget', /target uri="[^"]*"/, `target uri="${elsewhere}"`],
    ] as const
  ).map(([part, key, from, to]): Mutator => ({
    change: `another ${part} in the document`,
    rule: ofKey(`dialogInfo.dialogs.${part}`, names(key)),
    at: 'origin',
    revise: (draft) => body(draft, from, to),
  })),
  {
    change: 'the other direction',
    rule: ofKey('dialogInfo.dialogs.direction', names('direction')),
    at: 'origin',
    revise: (draft) =>
      body(draft, /direction="\w+"/, `direction="${draft.body.includes('initiator') ? 'recipient' : 'initiator'}"`),
  },
  {
    change: 'addresses that are no GRUUs',
    rule: ofKey(
      'dialogInfo.dialogs.remoteTarget.gruu',
      ({ dialogInfo }) => dialogInfo?.dialogs.some(({ remoteTarget }) => remoteTarget?.gruu === true) === true,
    ),
    at: 'all',
    revise: withoutGruus,
  },
  {
    change: 'another id for the same dialog',
    rule: ofKey('dialogInfo.dialogs.id', names('sameIdAs')),
    at: 'origin',
    revise: (draft) => body(draft, /<dialog id="/, '<dialog id="x'),
  },
  {
    change: 'an old id for a new dialog',
    rule: ofKey('dialogInfo.dialogs.id', names('newId')),
    at: 'origin',
    revise: (draft) => body(draft, /<dialog id="[^"]*"/, '<dialog id="d0"'),
  },
];

/** Challenges, credentials and Error-Info. */
export const securityMutators: readonly Mutator[] = [
  ...(
    [
      ['proxyAuthenticate', 'Proxy-Authenticate'],
      ['proxyAuthorization', 'Proxy-Authorization'],
    ] as const
  ).flatMap(([key, name]): Mutator[] => {
    const isOwn = (expect: Expectation): boolean => expect[key] !== undefined && expect[key].sameAs === undefined;
    return [
      {
        change: `no ${name}`,
        rule: ofKey(key, isOwn),
        at: 'origin',
        revise: (draft) => withoutAll(draft, name),
      },
      {
        change: 'another scheme',
        rule: ofKey(key === 'proxyAuthenticate' ? key : `${key}.scheme`, isOwn),
        at: 'origin',
        revise: (draft) => header(draft, name, (value) => value.replace('Digest', 'Other')),
      },
      ...['realm', 'nonce', 'qop', 'uri', 'response', 'nc', 'cnonce'].flatMap((parameter): Mutator[] => [
        {
          change: `no ${parameter}`,
          rule: ofKey(
            `${key}.present.${parameter}`,
            (expect) => isOwn(expect) && expect[key]?.present.includes(parameter) === true,
          ),
          at: 'origin',
          revise: (draft) =>
            header(draft, name, (value) =>
              value.replace(new RegExp(`,? ${parameter}=("[^"]*"|[^,]*)`), '').replace('Digest,', 'Digest '),
            ),
        },
        {
          change: `a ${parameter} that does not belong there`,
          rule: ofKey(`${key}.absent.${parameter}`, (expect) => expect[key]?.absent?.includes(parameter) === true),
          at: 'origin',
          revise: (draft) => header(draft, name, (value) => `${value}, ${parameter}="x"`),
        },
      ]),
    ];
  }),
  {
    change: 'an algorithm that nobody knows',
    rule: ofKey('proxyAuthenticate.algorithm', ({ proxyAuthenticate }) => proxyAuthenticate?.algorithm !== undefined),
    at: 'origin',
    revise: (draft) => header(draft, 'Proxy-Authenticate', (value) => value.replace('SHA-256', 'SHA-1')),
  },
  ...(
    [
      ['nonce', 'nonceFrom', /nonce="/, 'nonce="x'],
      ['realm', 'realmFrom', /realm="/, 'realm="x'],
      ['qop', 'qop', 'qop=auth', 'qop=auth-int'],
    ] as const
  ).map(([parameter, key, from, to]): Mutator => ({
    change: `another ${parameter} than the challenge`,
    rule: ofKey(`proxyAuthorization.${parameter}`, ({ proxyAuthorization }) => proxyAuthorization?.[key] !== undefined),
    at: 'origin',
    revise: (draft) => header(draft, 'Proxy-Authorization', (value) => value.replace(from, to)),
  })),
  {
    change: 'credentials for another Request-URI',
    rule: ofKey(
      'proxyAuthorization.uri',
      ({ proxyAuthorization }) => proxyAuthorization !== undefined && proxyAuthorization.sameAs === undefined,
    ),
    at: 'origin',
    revise: (draft) =>
      header(draft, 'Proxy-Authorization', (value) => value.replace(/uri="[^"]*"/, `uri="${elsewhere}"`)),
  },
  {
    change: 'no username',
    rule: ofKey(
      'proxyAuthorization.username',
      ({ proxyAuthorization }) => proxyAuthorization?.username !== undefined && proxyAuthorization.sameAs === undefined,
    ),
    at: 'origin',
    revise: (draft) => header(draft, 'Proxy-Authorization', (value) => value.replace(/username="[^"]*", /, '')),
  },
  {
    change: 'other credentials than the INVITE had',
    rule: ofKey('proxyAuthorization', ({ proxyAuthorization }) => proxyAuthorization?.sameAs !== undefined),
    at: 'hop',
    revise: (draft) => header(draft, 'Proxy-Authorization', (value) => value.replace('cnonce="', 'cnonce="x')),
  },
  {
    change: 'no Error-Info',
    rule: ofKey('errorInfo', ({ errorInfo }) => errorInfo !== undefined),
    at: 'origin',
    revise: (draft) => header(draft, 'Error-Info', without),
  },
  {
    change: 'Error-Info of somebody else',
    rule: ofKey('errorInfo', ({ errorInfo }) => errorInfo?.contact !== undefined),
    at: 'origin',
    revise: (draft) => header(draft, 'Error-Info', () => `<${elsewhere}>`),
  },
];

/** A dialog that began with sips shows no sip. */
export const schemeMutators: readonly Mutator[] = (['Contact', 'Record-Route', 'Route'] as const).map((name) => ({
  change: `a ${name} with sip in a dialog of sips`,
  rule: ({ dialog, f }, flow) => {
    const isOpening = flow.dialogs.some(({ createdBy }) => createdBy === f);
    return dialog !== null && !isOpening ? 'scheme' : undefined;
  },
  at: 'hop',
  revise: (draft) => header(draft, name, (value) => value.replace('sips:', 'sip:')),
}));
