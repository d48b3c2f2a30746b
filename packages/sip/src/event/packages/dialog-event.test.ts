import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SyntaxFault } from '../../message/fault.ts';
import { dialogEvent, type WatchedDialogs } from './dialog-event.ts';
import {
  type DialogInformation,
  type DialogParticipant,
  parseDialogInformation,
  printDialogInformation,
  type WatchedDialog,
} from './dialog-info.ts';

const entity = 'sip:alice@example.com';
const dialog = (id: string, change: Partial<WatchedDialog> = {}): WatchedDialog => ({
  id,
  state: 'confirmed',
  routeSet: [],
  ...change,
});
const ended = (id: string): WatchedDialog => dialog(id, { state: 'terminated', event: 'remote-bye' });
const at = (time: number, ...dialogs: readonly WatchedDialog[]): { state: WatchedDialogs; at: number } => ({
  state: { entity, dialogs },
  at: time,
});

function parsed(body: string | undefined): DialogInformation {
  const document = parseDialogInformation(body ?? '');
  if (document instanceof SyntaxFault) throw new Error(document.reason);
  return document;
}

describe('parseDialogInformation', () => {
  const example = `<?xml version="1.0"?>
<dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" version="1" state="partial" entity="sip:alice@example.com">
  <dialog id="as7d900as8" call-id="a84b4c76e66710" local-tag="1928301774" remote-tag="456887766" direction="initiator">
    <state event="rejected" code="486">terminated</state>
    <duration>274</duration>
    <replaces call-id="hg287s98s89" local-tag="6762h7" remote-tag="09278hsb"/>
    <referred-by display-name="Bob">sip:bob@example.com</referred-by>
    <route-set><hop>sip:proxy.example.com;lr</hop></route-set>
    <local>
      <identity display-name="Alice">sip:alice@example.com</identity>
      <target uri="sip:alice@pc33.example.com"><param pname="+sip.rendering" pval="no"/></target>
      <session-description type="application/sdp">v=0</session-description>
      <cseq>7</cseq>
    </local>
    <remote><target uri="sip:bob@192.0.2.4"/></remote>
  </dialog>
</dialog-info>`;

  test('reads all that RFC 4235 4.1 defines', () => {
    expect(parseDialogInformation(example)).toEqual({
      version: 1,
      whole: false,
      entity,
      dialogs: [
        {
          id: 'as7d900as8',
          callId: 'a84b4c76e66710',
          localTag: '1928301774',
          remoteTag: '456887766',
          direction: 'initiator',
          state: 'terminated',
          event: 'rejected',
          code: 486,
          duration: 274,
          replaces: { callId: 'hg287s98s89', localTag: '6762h7', remoteTag: '09278hsb' },
          referredBy: { uri: 'sip:bob@example.com', displayName: 'Bob' },
          routeSet: ['sip:proxy.example.com;lr'],
          local: {
            identity: { uri: entity, displayName: 'Alice' },
            target: { uri: 'sip:alice@pc33.example.com', parameters: [['+sip.rendering', 'no']] },
            sessionDescription: { type: 'application/sdp', text: 'v=0' },
            cseq: 7,
          },
          remote: { target: { uri: 'sip:bob@192.0.2.4', parameters: [] } },
        },
      ],
    });
  });

  test('passes over what it does not know', () => {
    const extended = example
      .replace('<dialog id', '<x:dialog xmlns:x="urn:x"/><new/><dialog x="1" id')
      .replace('<duration>', '<x:duration xmlns:x="urn:x">1</x:duration><duration>');
    expect(parseDialogInformation(extended)).toEqual(parseDialogInformation(example));
  });

  test('reads what the examples of RFC 4235 and RFC 5359 have beside the schema', () => {
    const printed = example
      .replaceAll('display-name=', 'display=')
      .replace('<target uri="sip:bob@192.0.2.4"/>', '<target>\n sip:bob@192.0.2.4\n</target>');
    expect(printed).not.toBe(example);
    expect(parseDialogInformation(printed)).toEqual(parseDialogInformation(example));
  });

  test('takes the direction that the examples of RFC 4235 have, and the schema has not, for none', () => {
    expect(parsed(example.replace('"initiator"', '"receiver"')).dialogs[0]?.direction).toBeUndefined();
  });

  test.each([
    ['another root', '<dialog-info xmlns="urn:other"', '<dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info"'],
    ['no version', '', 'version="1"'],
    ['another state of the document', 'state="half"', 'state="partial"'],
    ['no entity', '', 'entity="sip:alice@example.com"'],
    ['a dialog without id', '', 'id="as7d900as8"'],
    ['a dialog without state', '', '<state event="rejected" code="486">terminated</state>'],
    ['a state that is none', '>ringing<', '>terminated<'],
    ['a code that is no status', 'code="999"', 'code="486"'],
    ['a duration that is no number', '<duration>long<', '<duration>274<'],
    ['a dialog that replaces half of one', '', 'remote-tag="09278hsb"'],
    ['a target that is no URI', 'uri="there"', 'uri="sip:bob@192.0.2.4"'],
    ['a description without its type', '', 'type="application/sdp"'],
  ])('refuses %s', (_, wrong, right) => {
    expect(example).toContain(right);
    expect(parseDialogInformation(example.replace(right, wrong))).toBeInstanceOf(SyntaxFault);
  });

  test('refuses an id twice', () => {
    const twice = printDialogInformation({ version: 0, whole: true, entity, dialogs: [dialog('a'), dialog('a')] });
    expect(parseDialogInformation(twice)).toBeInstanceOf(SyntaxFault);
  });

  test('no text throws', () => {
    const words = fc.constantFrom(...example.split(/(?=[<">= ])/));
    fc.assert(
      fc.property(fc.array(words, { maxLength: 60 }), (texts) => {
        parseDialogInformation(texts.join(''));
      }),
    );
  });

  test('what is printed reads as what was meant', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'ß', '<', '&', '"', ' ', '\n') });
    const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined });
    const uri = fc.constantFrom(entity, 'tel:+49', 'sips:b@[::1];transport=tls');
    const identity = fc.record({ uri, displayName: maybe(text) });
    const participant: fc.Arbitrary<DialogParticipant> = fc.record({
      identity: maybe(identity),
      target: maybe(fc.record({ uri, parameters: fc.array(fc.tuple(text, text), { maxLength: 2 }) })),
      sessionDescription: maybe(fc.record({ type: text, text })),
      cseq: maybe(fc.nat()),
    });
    const dialogs: fc.Arbitrary<WatchedDialog> = fc.record({
      id: text,
      callId: maybe(text),
      localTag: maybe(text),
      remoteTag: maybe(text),
      direction: fc.constantFrom(undefined, 'initiator', 'recipient'),
      state: fc.constantFrom('trying', 'proceeding', 'early', 'confirmed', 'terminated'),
      event: fc.constantFrom(undefined, 'cancelled', 'timeout'),
      code: maybe(fc.integer({ min: 100, max: 699 })),
      duration: maybe(fc.nat()),
      replaces: maybe(fc.record({ callId: text, localTag: text, remoteTag: text })),
      referredBy: maybe(identity),
      routeSet: fc.array(uri, { maxLength: 2 }),
      local: maybe(participant),
      remote: maybe(participant),
    });
    const documents = fc.record({
      version: fc.nat(),
      whole: fc.boolean(),
      entity: uri,
      dialogs: fc.uniqueArray(dialogs, { selector: ({ id }) => id, maxLength: 3 }),
    });
    fc.assert(
      fc.property(documents, (document) => {
        expect(parseDialogInformation(printDialogInformation(document))).toEqual(document);
      }),
    );
  });
});

describe('the package', () => {
  test('tells what has changed, with versions from 0, and nothing when only time went by', () => {
    const writer = dialogEvent.writer();
    expect(parsed(writer.write(at(0, dialog('a', { duration: 1 })), 0, true))).toMatchObject({
      version: 0,
      whole: true,
    });
    expect(writer.write(at(9000, dialog('a', { duration: 10 })), 9000, false)).toBeUndefined();
    const change = parsed(writer.write(at(9000, dialog('a', { duration: 10 }), dialog('b')), 9000, false));
    expect(change).toMatchObject({ version: 1, whole: false });
    expect(change.dialogs.map(({ id }) => id)).toEqual(['b']);
  });

  test('says how long a dialog stands when it writes, not when it was told', () => {
    const document = parsed(dialogEvent.writer().write(at(1000, dialog('a', { duration: 5 })), 31_000, true));
    expect(document.dialogs[0]?.duration).toBe(35);
  });

  test('tells once what ended, and all when one has vanished without a word', () => {
    const writer = dialogEvent.writer();
    writer.write(at(0, dialog('a'), dialog('b')), 0, true);
    const published = at(0, dialog('a'), ended('b'));
    expect(parsed(writer.write(published, 0, false)).dialogs).toMatchObject([{ id: 'b', state: 'terminated' }]);
    expect(parsed(writer.write(published, 0, true)).dialogs).toMatchObject([{ id: 'a' }]);
    expect(parsed(writer.write(at(0), 0, false))).toMatchObject({ whole: true, dialogs: [] });
  });

  test('one notification for two has what ended in the first', () => {
    const both = dialogEvent.coalesce?.({ entity, dialogs: [ended('a')] }, { entity, dialogs: [dialog('b')] });
    expect(both?.dialogs).toEqual([dialog('b'), ended('a')]);
  });

  test('phones of a fork have their dialogs together', () => {
    const state = (id: string): WatchedDialogs => ({ entity, dialogs: [dialog(id)] });
    expect(dialogEvent.merge?.([state('a'), state('b')])).toEqual({ entity, dialogs: [dialog('a'), dialog('b')] });
  });

  test('a reader puts changes to what it knows (RFC 4235 4.3)', () => {
    const reader = dialogEvent.reader();
    const read = (version: number, whole: boolean, ...dialogs: readonly WatchedDialog[]): unknown => {
      const reading = reader.read(printDialogInformation({ version, whole, entity, dialogs }));
      if (reading instanceof SyntaxFault || reading.kind === 'outdated') return reading;
      return [reading.complete, ...reading.state.dialogs.map(({ id, state }) => `${id} ${state}`)];
    };
    expect(read(3, true, dialog('a'))).toEqual([true, 'a confirmed']);
    expect(read(4, false, dialog('b', { state: 'early' }))).toEqual([true, 'a confirmed', 'b early']);
    expect(read(4, false, ended('a'))).toEqual({ kind: 'outdated' });
    expect(read(5, false, ended('a'))).toEqual([true, 'a terminated', 'b early']);
    expect(read(7, false, dialog('b'))).toEqual([false, 'b confirmed']);
    expect(read(9, true)).toEqual([true]);
    expect(read(8, true, dialog('c'))).toEqual({ kind: 'outdated' });
    // RFC 5359 2.17 prints one version four times, each with all there is.
    expect(read(9, true, dialog('c'))).toEqual([true, 'c confirmed']);
  });

  test('no more dialogs are kept than the limit, however small the pieces', () => {
    const reader = dialogEvent.reader();
    const piece = (version: number): unknown =>
      reader.read(
        printDialogInformation({
          version,
          whole: false,
          entity,
          dialogs: Array.from({ length: 400 }, (_, index) => dialog(`${String(version)}-${String(index)}`)),
        }),
      );
    expect([piece(0), piece(1)]).toMatchObject([{ kind: 'state' }, { kind: 'state' }]);
    expect(piece(2)).toMatchObject({ status: 413 });
  });
});
