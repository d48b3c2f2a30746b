import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SyntaxFault } from '../../message/fault.ts';
import type { Reading } from '../event-package.ts';
import {
  parseRegistrationInformation,
  printRegistrationInformation,
  type RegisteredContact,
  type RegisteredAddress,
  type RegistrationInformation,
} from './reginfo.ts';
import { maximumContacts, registrationEvent } from './registration-event.ts';

const contact = (id: string, change: Partial<RegisteredContact> = {}): RegisteredContact => ({
  id,
  state: 'active',
  event: 'registered',
  uri: `sip:${id}@192.0.2.1`,
  parameters: [],
  ...change,
});
const registration = (
  contacts: readonly RegisteredContact[],
  change: Partial<RegisteredAddress> = {},
): RegisteredAddress => ({
  addressOfRecord: 'sip:alice@example.com',
  id: 'alice',
  state: 'active',
  contacts,
  ...change,
});
const ended = (id: string): RegisteredContact => contact(id, { state: 'terminated', event: 'unregistered' });

function parsed(body: string | undefined): RegistrationInformation {
  const document = parseRegistrationInformation(body ?? '');
  if (document instanceof SyntaxFault) throw new Error(document.reason);
  return document;
}

describe('parseRegistrationInformation', () => {
  const example = `<?xml version="1.0"?>
<reginfo xmlns="urn:ietf:params:xml:ns:reginfo" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" version="0" state="full">
  <registration aor="sip:user@example.com" id="as9" state="active">
    <contact id="76" state="active" event="registered" duration-registered="7322" q="0.8">
      <uri>sip:user@pc887.example.com</uri>
    </contact>
    <contact id="77" state="terminated" event="expired" duration-registered="3600" q="0.5">
      <uri>sip:user@university.edu</uri>
    </contact>
  </registration>
</reginfo>`;

  test('reads the example of RFC 3680 5.3', () => {
    expect(parseRegistrationInformation(example)).toMatchObject({
      version: 0,
      whole: true,
      registrations: [
        {
          addressOfRecord: 'sip:user@example.com',
          id: 'as9',
          state: 'active',
          contacts: [
            { id: '76', state: 'active', event: 'registered', durationRegistered: 7322, q: '0.8' },
            { id: '77', state: 'terminated', event: 'expired', uri: 'sip:user@university.edu' },
          ],
        },
      ],
    });
  });

  test('passes over elements and attributes that it does not know (RFC 3680 5.1)', () => {
    const extended = example
      .replace(
        '<registration ',
        '<other/><x:registration xmlns:x="urn:x" id="z"/><registration xmlns:y="urn:y" y:id="y" new="1" ',
      )
      .replace('</contact>', '<y:uri xmlns:y="urn:y">sip:no@example.com</y:uri></contact>');
    expect(parseRegistrationInformation(extended)).toEqual(parseRegistrationInformation(example));
  });

  const withGruus = example.replace(
    '</contact>',
    `<gr:pub-gruu xmlns:gr="urn:ietf:params:xml:ns:gruuinfo" uri="sip:user@example.com;gr=hha9s8d-999a"/>
     <temp-gruu xmlns="urn:ietf:params:xml:ns:gruuinfo" uri="sip:8ffkas08af7fasklzi9@example.com;gr" first-cseq="54301"/></contact>`,
  );

  test('reads GRUUs (RFC 5628 7)', () => {
    const document = parseRegistrationInformation(withGruus);
    expect(document).toMatchObject({
      registrations: [
        {
          contacts: [
            {
              publicGruu: 'sip:user@example.com;gr=hha9s8d-999a',
              temporaryGruu: { uri: 'sip:8ffkas08af7fasklzi9@example.com;gr', firstCSeq: 54_301 },
            },
            { publicGruu: undefined, temporaryGruu: undefined },
          ],
        },
      ],
    });
  });

  test.each([
    ['a public GRUU that is no URI', 'uri="user"', 'uri="sip:user@example.com;gr=hha9s8d-999a"'],
    ['a temporary GRUU without its first CSeq', '', 'first-cseq="54301"'],
  ])('refuses %s', (_, wrong, right) => {
    expect(parseRegistrationInformation(withGruus.replace(right, wrong))).toBeInstanceOf(SyntaxFault);
  });

  test.each([
    ['another root', '<reginfo xmlns="urn:other"', '<reginfo xmlns="urn:ietf:params:xml:ns:reginfo"'],
    ['no version', '', 'version="0"'],
    ['a version below 0', 'version="-1"', 'version="0"'],
    ['a version over 32 bits', 'version="4294967296"', 'version="0"'],
    ['another state', 'state="some"', 'state="full"'],
    ['no address of record', '', 'aor="sip:user@example.com"'],
    ['an address of record that is no URI', 'aor="user"', 'aor="sip:user@example.com"'],
    ['no id', '', 'id="76"'],
    ['an id twice', 'id="77"', 'id="76"'],
    ['another event', 'event="lost"', 'event="registered"'],
    ['a shortened contact without expires', 'event="shortened"', 'event="registered"'],
    ['probation without retry-after', 'event="probation"', 'event="registered"'],
    ['a contact without a URI', '', '<uri>sip:user@pc887.example.com</uri>'],
    ['a duration that is no number', 'duration-registered="long"', 'duration-registered="7322"'],
  ])('refuses %s', (_, wrong, right) => {
    expect(example).toContain(right);
    expect(parseRegistrationInformation(example.replace(right, wrong))).toBeInstanceOf(SyntaxFault);
  });

  test('no text throws', () => {
    const words = fc.constantFrom(...example.split(/(?=[<">= ])/));
    fc.assert(
      fc.property(fc.array(words, { maxLength: 60 }), (texts) => {
        parseRegistrationInformation(texts.join(''));
      }),
    );
  });

  const text = fc.string({ unit: fc.constantFrom('a', 'ß', '電', '<', '>', '&', '"', "'", ' ', '\t', '\r', '\n') });
  const number = fc.option(fc.nat(), { nil: undefined });
  const contacts: fc.Arbitrary<RegisteredContact> = fc.record({
    id: text,
    state: fc.constantFrom('active', 'terminated'),
    event: fc.constantFrom('registered', 'refreshed', 'expired', 'rejected'),
    uri: fc.constantFrom('sip:a@b', 'sips:a@[::1]:5061;transport=tcp', 'tel:+49'),
    displayName: fc.option(text, { nil: undefined }),
    language: fc.constant(undefined),
    expires: number,
    retryAfter: number,
    durationRegistered: number,
    q: fc.option(text, { nil: undefined }),
    callId: fc.option(text, { nil: undefined }),
    cseq: number,
    parameters: fc.array(fc.tuple(text, text), { maxLength: 2 }),
    publicGruu: fc.constantFrom(undefined, 'sip:a@b;gr=urn:uuid:c'),
    temporaryGruu: fc.option(fc.record({ uri: fc.constant('sip:tgruu.1@b;gr'), firstCSeq: fc.nat() }), {
      nil: undefined,
    }),
  });
  const registrations: fc.Arbitrary<RegisteredAddress> = fc.record({
    addressOfRecord: fc.constantFrom('sip:alice@example.com', 'sip:bob@example.com'),
    id: text,
    state: fc.constantFrom('init', 'active', 'terminated'),
    contacts: fc.array(contacts, { maxLength: 3 }),
  });

  test('what is printed reads as what was meant', () => {
    const documents = fc.record({
      version: fc.nat(),
      whole: fc.boolean(),
      registrations: fc.uniqueArray(registrations, { selector: ({ id }) => id, maxLength: 3 }),
    });
    fc.assert(
      fc.property(documents, (document) => {
        const ids = document.registrations.flatMap(({ contacts }) => contacts.map(({ id }) => id));
        fc.pre(new Set(ids).size === ids.length);
        expect(parseRegistrationInformation(printRegistrationInformation(document))).toEqual(document);
      }),
    );
  });
});

describe('the writer', () => {
  test('counts versions from 0, and tells only what has changed', () => {
    const writer = registrationEvent.writer();
    const one = [registration([contact('a'), contact('b')])];
    expect(parsed(writer.write({ state: one, at: 0 }, 0, true))).toMatchObject({ version: 0, whole: true });
    const two = [registration([contact('a'), contact('b', { q: '0.5' })])];
    const change = parsed(writer.write({ state: two, at: 0 }, 0, false));
    expect(change).toMatchObject({ version: 1, whole: false, registrations: [{ contacts: [{ id: 'b', q: '0.5' }] }] });
    expect(change.registrations[0]?.contacts).toHaveLength(1);
  });

  test('writes nothing when nothing has changed but the time', () => {
    const writer = registrationEvent.writer();
    const at = (now: number, expires: number): { state: readonly RegisteredAddress[]; at: number } => ({
      state: [registration([contact('a', { expires, durationRegistered: 3600 - expires })])],
      at: now,
    });
    writer.write(at(0, 3600), 0, true);
    expect(writer.write(at(100_000, 3500), 100_000, false)).toBeUndefined();
    expect(parsed(writer.write(at(100_000, 3600), 100_000, false)).registrations).toHaveLength(1);
  });

  test('says how long it is until a contact expires when it writes, not when it was told', () => {
    const writer = registrationEvent.writer();
    const state = [registration([contact('a', { expires: 3600, durationRegistered: 10 })])];
    const document = parsed(writer.write({ state, at: 1000 }, 61_000, true));
    expect(document.registrations[0]?.contacts[0]).toMatchObject({ expires: 3540, durationRegistered: 70 });
  });

  test('tells a contact that ended once', () => {
    const writer = registrationEvent.writer();
    writer.write({ state: [registration([contact('a'), contact('b')])], at: 0 }, 0, true);
    const published = { state: [registration([contact('a'), ended('b')])], at: 0 };
    expect(parsed(writer.write(published, 0, false)).registrations[0]?.contacts).toMatchObject([
      { id: 'b', state: 'terminated' },
    ]);
    expect(parsed(writer.write(published, 0, true)).registrations[0]?.contacts).toMatchObject([{ id: 'a' }]);
    expect(writer.write({ state: [registration([contact('a')])], at: 0 }, 0, false)).toBeUndefined();
  });

  test('a registration that has ended is none to somebody who comes later', () => {
    const state = [registration([ended('a')], { state: 'terminated' })];
    const document = parsed(registrationEvent.writer().write({ state, at: 0 }, 0, true));
    expect(document.registrations).toMatchObject([{ state: 'init', contacts: [] }]);
  });

  test('tells all when something has vanished without a word', () => {
    const writer = registrationEvent.writer();
    writer.write({ state: [registration([contact('a'), contact('b')])], at: 0 }, 0, true);
    expect(parsed(writer.write({ state: [registration([contact('a')])], at: 0 }, 0, false))).toMatchObject({
      whole: true,
    });
    expect(parsed(writer.write({ state: [], at: 0 }, 0, false))).toMatchObject({ whole: true, registrations: [] });
  });

  test('one notification for two has what ended in the first', () => {
    const earlier = [registration([contact('a'), ended('b')])];
    const later = [registration([contact('a'), contact('c')])];
    expect(registrationEvent.coalesce?.(earlier, later)).toEqual([
      registration([contact('a'), contact('c'), ended('b')]),
    ]);
    expect(registrationEvent.coalesce?.([registration([ended('a')], { state: 'terminated' })], [])).toHaveLength(1);
  });
});

describe('the reader', () => {
  const document = (version: number, whole: boolean, contacts: readonly RegisteredContact[]): string =>
    printRegistrationInformation({ version, whole, registrations: [registration(contacts)] });
  const ids = (reading: Reading<readonly RegisteredAddress[]> | SyntaxFault): unknown =>
    reading instanceof SyntaxFault || reading.kind === 'outdated'
      ? reading
      : [
          reading.complete,
          ...reading.state.flatMap(({ contacts }) => contacts.map(({ id, state }) => `${id} ${state}`)),
        ];

  test('puts changes to what it knows, and shows once what ended', () => {
    const reader = registrationEvent.reader();
    expect(ids(reader.read(document(0, true, [contact('a')])))).toEqual([true, 'a active']);
    expect(ids(reader.read(document(1, false, [contact('b')])))).toEqual([true, 'a active', 'b active']);
    expect(ids(reader.read(document(2, false, [ended('a')])))).toEqual([true, 'a terminated', 'b active']);
    expect(ids(reader.read(document(3, false, [contact('c')])))).toEqual([true, 'b active', 'c active']);
    expect(ids(reader.read(document(4, true, [contact('d')])))).toEqual([true, 'd active']);
  });

  test('a version that was left out makes the state incomplete until it is told whole', () => {
    const reader = registrationEvent.reader();
    reader.read(document(0, true, [contact('a')]));
    expect(ids(reader.read(document(2, false, [contact('b')])))).toEqual([false, 'a active', 'b active']);
    expect(ids(reader.read(document(4, true, [contact('b')])))).toEqual([true, 'b active']);
  });

  test('what is partial from the first is incomplete', () => {
    expect(ids(registrationEvent.reader().read(document(7, false, [contact('a')])))).toEqual([false, 'a active']);
  });

  test('a version that jumps back is passed over', () => {
    const reader = registrationEvent.reader();
    reader.read(document(5, true, [contact('a')]));
    expect(reader.read(document(5, true, [contact('b')]))).toEqual({ kind: 'outdated' });
    expect(reader.read(document(4, true, [contact('b')]))).toEqual({ kind: 'outdated' });
    expect(ids(reader.read(document(6, false, [])))).toEqual([true, 'a active']);
  });

  test('no more is kept than the limit, however small the pieces', () => {
    const reader = registrationEvent.reader();
    let version = 0;
    const add = (): Reading<readonly RegisteredAddress[]> | SyntaxFault => {
      version += 1;
      return reader.read(
        document(
          version,
          false,
          Array.from({ length: 400 }, (_, i) => contact(`${String(version)}-${String(i)}`)),
        ),
      );
    };
    let reading = add();
    while (!(reading instanceof SyntaxFault) && version < 20) reading = add();
    expect(reading).toMatchObject({ status: 413 });
    expect(version).toBe(Math.ceil(maximumContacts / 400));
  });
});

test('whatever is told in whatever pieces, the reader knows what the writer was told last', () => {
  const states = fc.array(
    fc.record({
      contacts: fc.uniqueArray(
        fc.record({ id: fc.constantFrom('a', 'b', 'c'), q: fc.constantFrom('0.1', '0.2'), ends: fc.boolean() }),
        { selector: ({ id }) => id },
      ),
      whole: fc.boolean(),
    }),
    { minLength: 1 },
  );
  fc.assert(
    fc.property(states, (steps) => {
      const writer = registrationEvent.writer();
      const reader = registrationEvent.reader();
      steps.forEach(({ contacts, whole }, step) => {
        const state = [registration(contacts.map(({ id, q, ends }) => contact(id, { q, ...(ends && ended(id)) })))];
        const body = writer.write({ state, at: step }, step, whole || step === 0);
        const reading = body === undefined ? undefined : reader.read(body);
        if (reading === undefined) return;
        if (reading instanceof SyntaxFault || reading.kind !== 'state') throw new Error('does not read');
        const active = (all: readonly RegisteredAddress[]): unknown =>
          all
            .flatMap((each) =>
              each.contacts.filter((one) => one.state === 'active').map(({ id, q }) => `${id} ${q ?? ''}`),
            )
            .sort();
        expect(reading.complete).toBe(true);
        expect(active(reading.state)).toEqual(active(state));
      });
    }),
  );
});
