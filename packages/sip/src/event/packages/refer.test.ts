import { expect, test } from 'vitest';
import { SyntaxFault } from '../../message/fault.ts';
import { NameAddr } from '../../message/name-addr.ts';
import { referEvent } from './refer.ts';
import type { ReferenceStatus } from './refer.ts';

function address(text: string): NameAddr {
  const read = NameAddr.parse(text);
  if (read instanceof SyntaxFault) throw new Error(read.reason);
  return read;
}

function written(state: ReferenceStatus): string {
  return referEvent.writer().write({ state, at: 0 }, 0, true) ?? '';
}

const dialog = {
  callId: 'a5-75-34-12-76@server.example.com',
  from: address('<sips:music@server.example.com>;tag=0111'),
  to: address('<sips:a8342043f@atlanta.example.com;gr>;tag=098594'),
  contact: address('<sips:a8342043f@atlanta.example.com;gr>'),
};

test('tells the dialog that came of a reference, as RFC 5359 2.3 F17 does, and reads it', () => {
  const body = written({ status: 200, reason: 'OK', dialog });
  expect(body).toBe(
    'SIP/2.0 200 OK\r\nFrom: <sips:music@server.example.com>;tag=0111\r\n' +
      'To: <sips:a8342043f@atlanta.example.com;gr>;tag=098594\r\nCall-ID: a5-75-34-12-76@server.example.com\r\n' +
      'Contact: <sips:a8342043f@atlanta.example.com;gr>\r\n',
  );
  const read = referEvent.reader().read(body);
  if (read instanceof SyntaxFault || read.kind !== 'state') throw new Error('it does not read');
  expect(read.state.dialog?.callId).toBe(dialog.callId);
  expect(read.state.dialog?.from.toString()).toBe(dialog.from.toString());
  expect(read.state.dialog?.to.parameters.get('tag')).toBe('098594');
  expect(read.state.dialog?.contact?.toString()).toBe(dialog.contact.toString());
});

test.each([
  ['no header fields', 'SIP/2.0 200 OK\r\n'],
  ['no Call-ID', 'SIP/2.0 200 OK\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=2\r\n'],
  ['no tag', 'SIP/2.0 200 OK\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: x\r\n'],
  ['a From that does not read', 'SIP/2.0 200 OK\r\nFrom: <sip:\r\nTo: <sip:c@d>;tag=2\r\nCall-ID: x\r\n'],
])('with %s there is a status and no dialog', (_, body) => {
  expect(referEvent.reader().read(body)).toEqual({
    kind: 'state',
    state: { status: 200, reason: 'OK', dialog: undefined },
    complete: true,
  });
});
