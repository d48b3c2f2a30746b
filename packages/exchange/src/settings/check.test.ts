import { SipUri } from '@switchhook/sip';
import { describe, expect, test } from 'vitest';
import { printPath } from '../config/fault.ts';
import { partyAt } from '../plan/parties.ts';
import { deniedBy } from '../plan/screening.ts';
import { readSettings } from './check.ts';
import type { SubscriberSettings } from './schema.ts';

const others: Record<string, SubscriberSettings> = {
  'carol@example.com': { forward: { always: 'dave' } },
  'dave@example.com': { forward: { always: 'sip:bob@EXAMPLE.com' } },
  'erin@example.com': { forward: { always: 'erin@example.com', busy: 'bob' } },
};

const numbers = {
  isEmergency: () => false,
  emergencyNumber: () => undefined,
  isAtGateway: () => false,
  spellings: () => [],
};

/** The faults of bob's settings, each with its place. */
function faultsOf(value: unknown): string[] {
  const read = readSettings(value, 'bob@example.com', {
    addressOf: (uri) =>
      uri instanceof SipUri && uri.host === 'example.com' ? `${uri.user ?? ''}@example.com` : undefined,
    denied: (outgoing, uri) => deniedBy(outgoing, partyAt(uri, undefined, numbers)),
    isPlace: (uri) => !(uri instanceof SipUri && uri.user === 'sales'),
    settings: (address) => others[address] ?? {},
  });
  return 'map' in read ? read.map(({ path, message }) => `${printPath(path)}: ${message}`) : [];
}

describe('settings that make no sense', () => {
  test.each([
    [{ forward: { always: 'bob' } }, 'forward.always: he would forward to himself'],
    [{ forward: { busy: 'sips:bob@example.com' } }, 'forward.busy: he would forward to himself'],
    [
      { forward: { always: 'carol' } },
      'forward.always: calls would go round in a circle: bob@example.com, carol@example.com, dave@example.com, bob@example.com',
    ],
    [{ forward: { always: 'http://example.com' } }, /^forward\.always: "http:\/\/example\.com" is no address to call/],
    [{ forward: { always: 'sip:' } }, /^forward\.always: "sip:" is no address to call/],
    [{ forward: { noAnswer: 'carol', ringTime: 0 } }, 'forward.ringTime: expected 1 or more, found 0'],
    [{ forward: { allways: 'carol' } }, /allways/],
    [{ findMe: { places: [] } }, 'findMe.places: expected at least 1 entry, found an empty list'],
    [{ findMe: { places: ['carol', { to: 'sip:@' }] } }, /^findMe\.places\[1\]\.to: "sip:@" is no address to call/],
    [
      { findMe: { places: ['bob', { to: 'sales' }] } },
      'findMe.places[1].to: "sales" is a group or a server, and nobody is found there',
    ],
    [
      { screening: { incoming: { allow: ['carol', 'alice'], deny: ['sip:alice@example.com'] } } },
      'screening.incoming.allow[1]: "alice@example.com" is denied as well, and would never be let in',
    ],
    [
      { screening: { outgoing: { deny: ['alice@example.net:5061'] } } },
      /^screening\.outgoing\.deny\[0\]: .* what is behind the @ is no domain/,
    ],
    [
      { screening: { incoming: { deny: [] } } },
      'screening.incoming.deny: expected at least 1 entry, found an empty list',
    ],
    [{ screening: { incoming: { deny: ['*'] } } }, /^screening\.incoming\.deny\[0\]: "\*" means nobody in particular/],
    [
      { screening: { outgoing: { allow: ['bob', '*@*'] } } },
      /^screening\.outgoing\.allow\[1\]: .* it would fit everybody/,
    ],
    [
      { screening: { incoming: { deny: [{ who: 'alice', when: { from: '24:00', to: '00:00' } }] } } },
      'screening.incoming.deny[0].when: it begins when it ends, and would never count',
    ],
    [
      { screening: { incoming: { deny: [{ who: 'alice', when: { from: '08:00', to: '08:00' } }] } } },
      'screening.incoming.deny[0].when: it begins when it ends, and would never count',
    ],
    [
      { forward: { busy: 'carol' }, screening: { outgoing: { deny: ['carol'] } } },
      'forward.busy: he may not call "carol" himself: "carol" is denied',
    ],
    [
      { findMe: { places: ['bob', 'dan@example.net'] }, screening: { outgoing: { allow: ['@example.com'] } } },
      'findMe.places[1]: he may not call "dan@example.net" himself: nothing on the list allows it',
    ],
    [{ timeZone: 'Atlantis/Centre' }, /^timeZone: expected the name of a time zone/],
    [{ doNotDisturb: 'yes' }, 'doNotDisturb: expected true or false, found "yes"'],
    [{ busy: { lines: 0 } }, 'busy.lines: expected 1 or more, found 0'],
    [null, ': expected a mapping (key: value), found nothing'],
  ])('%j: %s', (value, fault) => {
    const faults = faultsOf(value);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(fault);
  });

  test('all faults are told at once', () => {
    expect(
      faultsOf({ forward: { always: 'bob', busy: 'bob' }, screening: { incoming: { deny: ['*'] } } }),
    ).toHaveLength(3);
  });
});

test.each([
  [{}],
  [
    {
      forward: {
        always: 'alice',
        busy: '+19725551212',
        noAnswer: 'tel:+1',
        unavailable: 'x@example.net',
        by: 'redirect',
      },
    },
  ],
  [{ forward: { busy: 'erin' } }],
  [{ forward: { always: 'erin' } }],
  [{ findMe: { ring: 'together', places: ['bob', { to: 'carol', delay: 5, ringTime: 10, q: 0.5 }] } }],
  [{ screening: { incoming: { allow: ['alice'], deny: [{ who: 'alice', when: { days: ['sat'] } }] } } }],
  [{ screening: { incoming: { allow: ['@example.com', { who: 'anonymous', when: { days: ['mon'] } }] } } }],
  // At other times he may call there.
  [
    {
      forward: { busy: 'carol' },
      screening: { outgoing: { deny: ['@example.com', { who: 'carol', when: { days: ['mon'] } }], allow: ['carol'] } },
    },
  ],
  [{ forward: { busy: 'carol' }, screening: { outgoing: { deny: [{ who: 'carol', when: { days: ['mon'] } }] } } }],
  [
    {
      forward: { busy: 'carol' },
      screening: { outgoing: { deny: ['@example.com'], allow: [{ who: 'carol', when: { days: ['mon'] } }] } },
    },
  ],
  [{ findMe: { places: ['bob'] }, screening: { outgoing: { deny: ['bob'] } } }],
])('%j makes sense', (value) => expect(faultsOf(value)).toEqual([]));
