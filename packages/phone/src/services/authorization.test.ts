import { NameAddr, Parameters, SipUri } from '@switchhook/sip';
import type { Caller, PeerIdentity } from '@switchhook/sip';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AddressPattern } from './address-pattern.ts';
import { WhoMay } from './authorization.ts';
import type { Permissions, Requester, Subject } from './authorization.ts';

function address(text: string): NameAddr {
  const read = NameAddr.parse(`<${text}>`);
  if (read instanceof NameAddr) return read;
  throw new Error(read.reason);
}

function uri(text: string): SipUri {
  const read = SipUri.parse(text);
  if (read instanceof SipUri) return read;
  throw new Error(read.reason);
}

interface Way {
  /** The exchange says so. */
  readonly asserted?: boolean;
  readonly from?: string;
  readonly peer?: PeerIdentity;
  readonly outgoing?: boolean;
}

function flow({ from = '198.51.100.1', peer, outgoing = false }: Way = {}): Caller['flow'] {
  return {
    id: 1,
    protocol: 'TLS',
    reliable: true,
    secure: true,
    local: { address: '192.0.2.1', port: 5061 },
    remote: { address: from, port: 5061 },
    peer,
    outgoing,
    closed: false,
    sentBy: '192.0.2.1:5061',
    send: () => undefined,
    onClose: () => () => undefined,
    close: () => undefined,
    keepAlive: () => undefined,
    acceptAlias: () => undefined,
  };
}

function who(text: string, way: Way = {}, referredBy?: string, recipient?: string): Requester {
  return {
    caller: { address: address(text), asserted: way.asserted === true, flow: flow(way) },
    referredBy: referredBy === undefined ? undefined : address(referredBy),
    recipient,
  };
}

/** Alice's call to Bob, by a proxy at 192.0.2.7. */
const call = (state: 'early' | 'confirmed', contact = 'sip:bob@192.0.2.8'): Subject => ({
  dialog: {
    state,
    remoteAddress: address('sip:bob@biloxi.example.com'),
    remoteTarget: address(contact).uri,
    flow: flow({ from: '192.0.2.7' }),
  },
});

const services = ['watch', 'pick up', 'replace', 'join', 'refer', 'nothing there'] as const;

function answers(whoMay: WhoMay, requester: Requester): string {
  return services
    .map((service) => {
      switch (service) {
        case 'watch':
          return whoMay.mayWatch(requester.caller);
        case 'pick up':
          return whoMay.mayReplace(requester, call('early'));
        case 'replace':
          return whoMay.mayReplace(requester, call('confirmed'));
        case 'join':
          return whoMay.mayJoin(requester, call('confirmed'));
        case 'refer':
          return whoMay.mayRefer(requester, call('confirmed'), false);
        case 'nothing there':
          return whoMay.mayReplace(requester, undefined);
      }
    })
    .join(' ');
}

const alice = uri('sip:alice@atlanta.example.com');
const byExchange = { asserted: true };
const certificate = (peer: Partial<PeerIdentity>): Way => ({ peer: { domains: [], addresses: [], ...peer } });

/** Requester, settings, and the answers in the order of `services`. */
const matrix: readonly (readonly [string, Requester, Permissions, string])[] = [
  ['one’s own other phone', who('sip:alice@atlanta.example.com', byExchange), {}, 'dialogs yes yes yes yes yes'],
  ['the same by sips', who('sips:alice@ATLANTA.example.com', byExchange), {}, 'dialogs yes yes yes yes yes'],
  ['who only says he is', who('sip:alice@atlanta.example.com'), {}, 'nothing no no no no no'],
  ['the far end', who('sip:bob@biloxi.example.com', byExchange), {}, 'nothing yes yes yes yes no'],
  ['who only says he is the far end', who('sip:bob@biloxi.example.com'), {}, 'nothing no no no no no'],
  [
    'whom the far end has sent',
    who('sip:carol@chicago.example.com', byExchange, 'sip:bob@biloxi.example.com'),
    {},
    'nothing yes yes no no no',
  ],
  [
    'whom the far end has sent, by his own account alone, where the person is asked for all but his own phones',
    who('sip:carol@chicago.example.com', byExchange, 'sip:bob@biloxi.example.com'),
    { replace: { allow: 'self', ask: 'party' }, pickUp: { allow: 'self' } },
    'nothing no ask no no no',
  ],
  [
    'nobody known who says the far end has sent him',
    who('sip:carol@chicago.example.com', {}, 'sip:bob@biloxi.example.com'),
    {},
    'nothing no no no no no',
  ],
  [
    'whom somebody else has sent',
    who('sip:carol@chicago.example.com', byExchange, 'sip:dave@biloxi.example.com'),
    {},
    'nothing no no no no no',
  ],
  [
    'whom the far end has sent a link',
    who('sip:carol@chicago.example.com', byExchange, 'sip:bob@biloxi.example.com', 'sip:carol@chicago.example.com'),
    {},
    'nothing yes yes no no no',
  ],
  [
    'one of the group with a copy of a link that is for somebody else',
    who('sip:bill@biloxi.example.com', byExchange, 'sip:bob@biloxi.example.com', 'sip:carol@chicago.example.com'),
    { group: ['*@biloxi.example.com'] },
    'dialogs no no yes ask no',
  ],
  [
    'one’s own other phone with such a copy',
    who('sip:alice@atlanta.example.com', byExchange, undefined, 'sip:carol@chicago.example.com'),
    {},
    'dialogs no no yes yes no',
  ],
  [
    'who only says that the link is for him',
    who('sip:carol@chicago.example.com', {}, 'sip:bob@biloxi.example.com', 'sip:carol@chicago.example.com'),
    { replace: { allow: 'everybody' } },
    'nothing no no no no no',
  ],
  [
    'whom it is for, by his certificate, at another port',
    who(
      'sips:carol@chicago.example.com:5071',
      certificate({ domains: ['chicago.example.com'] }),
      'sip:bob@biloxi.example.com',
      'sip:carol@chicago.example.com',
    ),
    {},
    'nothing yes yes no no no',
  ],
  ['a colleague', who('sip:dora@atlanta.example.com', byExchange), {}, 'occupation no no no no no'],
  ['who only says he is a colleague', who('sip:dora@atlanta.example.com'), {}, 'nothing no no no no no'],
  ['a stranger', who('sip:mallory@evil.example'), {}, 'nothing no no no no no'],
  ['a stranger with a name', who('sip:mallory@evil.example', byExchange), {}, 'nothing no no no no no'],
  [
    'one of the group',
    who('sip:bill@biloxi.example.com', byExchange),
    { group: ['*@biloxi.example.com'] },
    'dialogs yes yes yes ask yes',
  ],
  [
    'who only says he is of the group',
    who('sip:bill@biloxi.example.com'),
    { group: ['*@biloxi.example.com'] },
    'nothing no no no no no',
  ],
  [
    'who says so where everybody is believed',
    who('sip:bill@biloxi.example.com'),
    { group: ['biloxi.example.com'], identity: 'claimed' },
    'dialogs yes yes yes ask yes',
  ],
  [
    'one of the group with a certificate of his own',
    who('sip:bill@biloxi.example.com', certificate({ addresses: ['sips:bill@biloxi.example.com'] })),
    { group: ['bill@biloxi.example.com'] },
    'dialogs yes yes yes ask yes',
  ],
  [
    'one of the group with his domain’s certificate',
    who('sip:bill@biloxi.example.com', certificate({ domains: ['biloxi.example.com'] })),
    { group: ['bill@biloxi.example.com'] },
    'dialogs yes yes yes ask yes',
  ],
  [
    'one of the group with somebody else’s certificate',
    who('sip:bill@biloxi.example.com', certificate({ addresses: ['sip:mallory@biloxi.example.com'] })),
    { group: ['bill@biloxi.example.com'] },
    'nothing no no no no no',
  ],
  [
    'who comes by a proxy that this side has connected to, and that says nothing of him',
    who('sip:bill@biloxi.example.com', { ...certificate({ domains: ['biloxi.example.com'] }), outgoing: true }),
    { group: ['bill@biloxi.example.com'] },
    'nothing no no no no no',
  ],
  [
    'one of the group where everything is forbidden',
    who('sip:bill@biloxi.example.com', byExchange),
    {
      group: ['biloxi.example.com'],
      watchDialogs: 'nobody',
      watchOccupation: 'nobody',
      pickUp: { allow: 'nobody' },
      replace: { allow: 'nobody' },
      join: { allow: 'nobody' },
      refer: { allow: 'nobody' },
    },
    'nothing no no no no no',
  ],
  [
    'a stranger where everything is allowed',
    who('sip:mallory@evil.example'),
    {
      watchDialogs: 'everybody',
      pickUp: { allow: 'everybody' },
      replace: { allow: 'everybody' },
      join: { allow: 'everybody' },
      refer: { allow: 'everybody' },
    },
    'dialogs yes yes yes yes yes',
  ],
  [
    'a stranger where the person is asked',
    who('sip:mallory@evil.example'),
    {
      watchOccupation: 'everybody',
      pickUp: { allow: 'group', ask: 'everybody' },
      replace: { allow: 'group', ask: 'everybody' },
      join: { allow: 'group', ask: 'everybody' },
      refer: { allow: 'group', ask: 'everybody' },
    },
    'occupation ask ask ask ask ask',
  ],
];

describe('who may (RFC 5359 3)', () => {
  test.each(matrix)('C3-01 C3-02 %s', (_, requester, permissions, expected) => {
    expect(answers(new WhoMay(alice, permissions), requester)).toBe(expected);
  });

  test('whoever refers within the call, from where its messages come, is a party', () => {
    const whoMay = new WhoMay(alice);
    const inside = who('sip:whoever@biloxi.example.com', { from: '192.0.2.7' });
    expect(whoMay.mayRefer(inside, call('confirmed'), true)).toBe('yes');
    expect(whoMay.mayRefer(inside, call('confirmed'), false)).toBe('no');
    expect(whoMay.mayRefer(who('sip:bob@biloxi.example.com'), call('confirmed'), true)).toBe('no');
    expect(whoMay.mayRefer(inside, undefined, true)).toBe('no');
  });

  test('who has answered a call that was forwarded to him is its far end, by his GRUU, and may have it parked', () => {
    const whoMay = new WhoMay(address('sip:alice@atlanta.example.com').uri, {});
    const park = who('sip:park@biloxi.example.com', { asserted: true }, 'sip:carol@biloxi.example.com');
    const may = (contact?: string): string => whoMay.mayReplace(park, call('confirmed', contact));
    expect(may('sip:carol@biloxi.example.com;gr=urn:uuid:1')).toBe('yes');
    expect(may('sip:carol@biloxi.example.com')).toBe('no');
    expect(may('sip:dave@biloxi.example.com;gr=urn:uuid:1')).toBe('no');
  });

  test('what is there, and who knows of it, makes no difference to somebody who has proved nothing', () => {
    const state = fc.constantFrom('early', 'confirmed');
    const from = fc.constantFrom('sip:bob@biloxi.example.com', 'sip:alice@atlanta.example.com', 'sip:x@y.example');
    fc.assert(
      fc.property(state, from, fc.option(from), (dialogState, caller, referredBy) => {
        const whoMay = new WhoMay(alice, { group: ['*@biloxi.example.com'] });
        const requester = who(caller, {}, referredBy ?? undefined);
        expect(whoMay.mayWatch(requester.caller)).toBe('nothing');
        for (const subject of [call(dialogState), undefined]) {
          expect(whoMay.mayReplace(requester, subject)).toBe('no');
          expect(whoMay.mayJoin(requester, subject)).toBe('no');
          expect(whoMay.mayRefer(requester, subject, false)).toBe('no');
        }
      }),
    );
  });
});

describe('a pattern of addresses', () => {
  test.each([
    ['bill@example.com', 'sip:bill@example.com', true],
    ['sip:bill@example.com', 'sips:bill@EXAMPLE.com:5061;transport=tls', true],
    ['bill@example.com', 'sip:Bill@example.com', false],
    ['bill@example.com', 'sip:bill@example.org', false],
    ['*@sales.example.com', 'sip:bill@sales.example.com', true],
    ['*@sales.example.com', 'sip:bill@example.com', false],
    ['example.com', 'sip:bill@example.com', true],
    ['example.com', 'sip:bill@evil-example.com', false],
    ['*.example.com', 'sip:bill@a.b.example.com', true],
    ['*.example.com', 'sip:bill@example.com', false],
    ['2*@example.com', 'sip:2001@example.com', true],
    ['2*@example.com', 'sip:3001@example.com', false],
    ['*a*@example.com', 'sip:a@example.com', undefined],
    ['tel:+1555*', 'tel:+15551234', true],
    ['tel:+1555*', 'sip:+15551234@example.com', false],
    ['bill@192.0.2.1', 'sip:bill@192.0.2.1:5070', true],
    ['jürgen@example.com', 'sip:j%C3%BCrgen@example.com', true],
  ])('%s and %s: %s', (pattern, text, expected) => {
    if (expected === undefined) {
      expect(() => new AddressPattern(pattern)).toThrow(expect.objectContaining({ code: 'invalid-pattern' }));
      return;
    }
    const read = NameAddr.parse(`<${text}>`);
    expect(read instanceof NameAddr && new AddressPattern(pattern).matches(read.uri)).toBe(expected);
  });

  test.each(['', '@example.com', 'bill@', 'a b@example.com', 'bill@exa mple.com', '<sip:bill@example.com>', 'tel:'])(
    'is not %j',
    (pattern) => {
      expect(() => new AddressPattern(pattern)).toThrow(expect.objectContaining({ code: 'invalid-pattern' }));
    },
  );

  test('a star costs no time, whatever text there is', () => {
    const long = uri('sip:x@example.com').with({ user: 'a'.repeat(60_000), parameters: Parameters.EMPTY });
    expect(new AddressPattern(`${'a'.repeat(30_000)}*b@example.com`).matches(long)).toBe(false);
  });
});
