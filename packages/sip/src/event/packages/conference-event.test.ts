import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SyntaxFault } from '../../message/fault.ts';
import { conferenceEvent } from './conference-event.ts';
import type { WatchedConference } from './conference-event.ts';
import type { ConferenceUser } from './conference-info.ts';

const entity = 'sip:conf@example.com';

function document(version: number, state: string, users: string, usersState = state): string {
  return `<?xml version="1.0"?><conference-info xmlns="urn:ietf:params:xml:ns:conference-info" entity="${entity}" state="${state}" version="${version}"><conference-state><user-count>2</user-count></conference-state><users state="${usersState}">${users}</users><x:more xmlns:x="urn:x"/></conference-info>`;
}

function user(name: string, inner = '', state = ''): string {
  return `<user entity="sip:${name}@example.com"${state === '' ? '' : ` state="${state}"`}>${inner}</user>`;
}

function reading(reader: ReturnType<typeof conferenceEvent.reader>, body: string): string {
  const read = reader.read(body);
  if (read instanceof SyntaxFault) return String(read.status);
  if (read.kind === 'outdated') return 'outdated';
  const users = read.state.users.map((each) => {
    const endpoints = each.endpoints.map(
      ({ status, media }) => `${String(status)} ${media.map((m) => m.status).join()}`,
    );
    return `${each.entity.slice(4, -12)}${each.displayText === undefined ? '' : ` ${each.displayText}`} [${endpoints.join('; ')}]`;
  });
  return `${read.complete ? '' : 'incomplete: '}${read.state.ended ? 'ended ' : ''}${users.join(', ')}`;
}

describe('a reader of conference-info (RFC 4575 4.6)', () => {
  it('keeps what is whole, changes what is partial, and lets go of what is deleted', () => {
    const reader = conferenceEvent.reader();
    const endpoint = (state: string, inner: string): string =>
      `<endpoint entity="sip:bob@192.0.2.2" state="${state}">${inner}</endpoint>`;
    const bob = `<display-text>Bob</display-text>${endpoint('full', '<status>connected</status><media id="1"><status>sendrecv</status></media>')}`;
    expect(reading(reader, document(3, 'full', user('alice') + user('bob', bob)))).toBe(
      'alice [], bob Bob [connected sendrecv]',
    );
    expect(
      reading(reader, document(4, 'partial', user('bob', endpoint('partial', '<status>on-hold</status>'), 'partial'))),
    ).toBe('alice [], bob Bob [on-hold sendrecv]');
    expect(reading(reader, document(5, 'partial', user('alice', '', 'deleted') + user('carol')))).toBe(
      'bob Bob [on-hold sendrecv], carol []',
    );
    expect(reading(reader, document(5, 'partial', user('dave')))).toBe('outdated');
    expect(reading(reader, document(4, 'full', user('dave')))).toBe('outdated');
    // Something was missed: the subscriber asks for all of it.
    expect(reading(reader, document(7, 'partial', user('bob', '', 'deleted')))).toBe('incomplete: carol []');
    expect(reading(reader, document(8, 'partial', user('erin'), 'full'))).toBe('erin []');
    expect(reading(reader, document(9, 'deleted', ''))).toBe('ended ');
  });

  it.each([
    ['nothing', ''],
    ['another document', '<dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info"/>'],
    ['no version', document(1, 'full', '').replace(' version="1"', '').replace(' version="1.0"', '')],
    ['a state that is none', document(1, 'half', '')],
    ['a user twice', document(1, 'full', user('bob') + user('bob'))],
    ['a user without an address', document(1, 'full', '<user/>')],
    ['a bomb', `<!DOCTYPE x [<!ENTITY a "b">]>${document(1, 'full', '')}`],
  ])('refuses %s', (_, body) => {
    expect(reading(conferenceEvent.reader(), body)).toBe('400');
  });

  it('refuses a conference of thousands', () => {
    const users = Array.from({ length: 1_025 }, (_, index) => user(`u${index}`)).join('');
    expect(reading(conferenceEvent.reader(), document(1, 'full', users))).toBe('413');
  });
});

const users: fc.Arbitrary<readonly ConferenceUser[]> = fc.uniqueArray(
  fc.record({
    entity: fc.constantFrom('sip:a@example.com', 'sip:b@example.com', 'sip:c@example.com', 'sip:d@example.com'),
    displayText: fc.option(fc.constantFrom('Ann & Co.', 'Børge', '<x>'), { nil: undefined }),
    endpoints: fc.uniqueArray(
      fc.record({
        entity: fc.constantFrom('sip:1@192.0.2.1', 'sip:2@192.0.2.2'),
        displayText: fc.constant(undefined),
        status: fc.constantFrom('connected', 'on-hold', 'dialing-out' as const),
        joiningMethod: fc.constantFrom('dialed-in', 'dialed-out' as const),
        disconnectionMethod: fc.constant(undefined),
        media: fc.constantFrom([], [{ id: '1', type: 'audio', status: 'recvonly' as const }]),
      }),
      { selector: ({ entity: key }) => key },
    ),
  }),
  { selector: ({ entity: key }) => key },
);

describe('what a writer says', () => {
  it('is what a reader knows afterwards, whatever happens', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(users, fc.boolean()), { minLength: 1, maxLength: 8 }), (states) => {
        const writer = conferenceEvent.writer();
        const reader = conferenceEvent.reader();
        let known: WatchedConference = { entity, ended: false, users: [] };
        for (const [index, [each, isWhole]] of states.entries()) {
          const state = { entity, ended: false, users: each };
          const body = writer.write({ state, at: 0 }, 0, isWhole || index === 0);
          const read = body === undefined ? undefined : reader.read(body);
          if (read !== undefined) {
            if (read instanceof SyntaxFault || read.kind !== 'state') throw new Error(JSON.stringify(read));
            expect(read.complete).toBe(true);
            known = read.state;
          }
          const inOrder = (list: readonly ConferenceUser[]): readonly ConferenceUser[] =>
            list.toSorted((one, other) => one.entity.localeCompare(other.entity));
          expect(inOrder(known.users)).toEqual(inOrder(each));
        }
      }),
    );
  });

  it('says of what conference it is where it says all (RFC 4575 5.2)', () => {
    const writer = conferenceEvent.writer();
    const state = { entity, ended: false, users: [] };
    const description = '<conference-description/>';
    expect(writer.write({ state, at: 0 }, 0, true)).toContain(`version="1">${description}`);
    const more = { ...state, users: [{ entity: 'sip:bob@example.com', endpoints: [] }] };
    const change = writer.write({ state: more, at: 1 }, 1, false);
    expect(change).toContain('state="partial"');
    expect(change).not.toContain(description);
  });

  it('is that it is over, once', () => {
    const writer = conferenceEvent.writer();
    const state = { entity, ended: true, users: [] };
    const body = writer.write({ state, at: 0 }, 0, true) ?? '';
    expect(conferenceEvent.reader().read(body)).toMatchObject({ kind: 'state', state: { ended: true } });
    expect(body).toContain('state="deleted"');
    expect(writer.write({ state, at: 0 }, 0, false)).toBeUndefined();
  });
});
