import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CSeq } from './headers/cseq.ts';
import { MaxForwards } from './headers/max-forwards.ts';
import { Route } from './headers/route.ts';
import { Via } from './headers/via.ts';
import { parseMessage, SipRequest, SipResponse } from './message.ts';
import { invite, ringing } from './message-samples.testing.ts';
import { NameAddr } from './name-addr.ts';

function request(text = invite): SipRequest {
  const message = parseMessage(text);
  if (message instanceof SipRequest) return message;
  throw new Error('not a request');
}

function response(): SipResponse {
  const message = parseMessage(ringing);
  if (message instanceof SipResponse) return message;
  throw new Error('not a response');
}

describe('an edit', () => {
  test('of nothing changes nothing', () => {
    expect(request().edit().toText()).toBe(invite);
    expect(request().edit().remove('Absent').removeFirstValue('Absent').toText()).toBe(invite);
  });

  test('sets the Request-URI and nothing else', () => {
    const text = request().edit().setRequestUri('sip:x@y').toText();
    expect(text).toBe(invite.replace('sip:bob@biloxi.example.com;transport=tcp', 'sip:x@y'));
  });

  test('sets the status', () => {
    const edited = response().edit().setStatus(200, 'OK').toMessage();
    expect(edited).toMatchObject({ status: 200, reason: 'OK' });
    expect(edited.text).toBe(ringing.replace('180 Ringing far away', '200 OK'));
  });

  test('refuses what the message does not have', () => {
    expect(() => response().edit().setRequestUri('sip:x')).toThrow(expect.objectContaining({ code: 'not-a-request' }));
    expect(() => request().edit().setStatus(200, 'OK')).toThrow(expect.objectContaining({ code: 'not-a-response' }));
  });

  test('puts a field before the first of its name, else on top', () => {
    expect(request().edit().prepend(Via, 'SIP/2.0/UDP p').toText()).toBe(
      invite.replace('Via: ', 'Via: SIP/2.0/UDP p\r\nVia: '),
    );
    expect(request().edit().prepend('Record-Route', '<sip:p;lr>').toText()).toBe(
      invite.replace('Via: ', 'Record-Route: <sip:p;lr>\r\nVia: '),
    );
    expect(request().edit().prepend('call-id', 'x').toText()).toBe(
      invite.replace('Call-ID: ', 'call-id: x\r\nCall-ID: '),
    );
  });

  test('puts a field behind the last of its name, else at the end', () => {
    expect(request().edit().append('via', 'SIP/2.0/UDP p').toText()).toBe(
      invite.replace('Max-Forwards', 'via: SIP/2.0/UDP p\r\nMax-Forwards'),
    );
    expect(request().edit().append('Subject', 'x').toText()).toBe(invite.replace('l: 4\r\n', 'l: 4\r\nSubject: x\r\n'));
  });

  test('sets a field in its place, all others of that name go', () => {
    expect(request().edit().set(MaxForwards, 69).toText()).toBe(invite.replace(': 70', ': 69'));
    const text = request().edit().set('Via', 'SIP/2.0/UDP p').toText();
    expect(request(text).rawAll('Via')).toEqual(['SIP/2.0/UDP p']);
    expect(request().edit().set('Subject', 'x').toText()).toBe(invite.replace('l: 4\r\n', 'l: 4\r\nSubject: x\r\n'));
  });

  test('removes every field of a name', () => {
    expect(request().edit().remove(Via).remove('ROUTE').toText()).toBe(
      invite.replace(/(Via|v|Route): [^]*?\r\n(?!\t)/g, ''),
    );
  });

  test('removes the first value of a list, then of the next field', () => {
    const edit = request().edit().removeFirstValue(Via);
    expect(request(edit.toText()).rawAll(Via)).toHaveLength(2);
    edit.removeFirstValue('v');
    expect(request(edit.toText()).rawAll(Via)).toEqual(['SIP/2.0/TLS far.example.com;branch=z9hG4bKy']);
    expect(edit.toText()).toContain('\r\nv: SIP/2.0/TLS');
    edit.removeFirstValue(Route);
    expect(edit.toText()).toContain('\r\nRoute: <sip:p2.example.com;lr>\r\n');
    edit.removeFirstValue(Route);
    expect(edit.toText()).not.toContain('Route');
  });

  test('replaces the first value', () => {
    const edit = request().edit().replaceFirstValue(Via, 'SIP/2.0/UDP p');
    expect(edit.toText()).toBe(
      invite.replace('SIP/2.0/UDP pc33.atlanta.example.com;branch=z9hG4bK776asdhds;rport', 'SIP/2.0/UDP p'),
    );
    edit.replaceFirstValue('Subject', 'on top');
    expect(edit.toText()).toContain(' SIP/2.0\r\nSubject: on top\r\nVia');
  });

  test('sees what it did before', () => {
    const edit = request().edit().prepend('Via', 'SIP/2.0/UDP p').prepend('Via', 'SIP/2.0/UDP q');
    expect(request(edit.toText()).rawAll('Via').slice(0, 2)).toEqual(['SIP/2.0/UDP q', 'SIP/2.0/UDP p']);
    expect(edit.removeFirstValue('v').removeFirstValue('v').toText()).toBe(invite);
  });

  test('changes the body and its length', () => {
    const edited = request().edit().setBody('new body', 'text/html').toMessage();
    expect(edited.body).toBe('new body');
    expect(edited.raw('Content-Length')).toBe('8');
    expect(edited.raw('Content-Type')).toBe('text/html');
    const emptied = request().edit().setBody('').toMessage();
    expect(emptied).toMatchObject({ body: '' });
    expect(emptied.has('Content-Type')).toBe(false);
    expect(emptied.rawAll('Content-Length')).toEqual(['0']);
  });

  test.each([
    ['X', 'a\r\nY: b'],
    ['X', 'a\nY: b'],
    ['X', 'a\rY: b'],
    ['X Y', 'a'],
    ['X:', 'a'],
    ['', 'a'],
  ])('cannot break out of its line: %j %j', (name, value) => {
    expect(() => request().edit().set(name, value)).toThrow(/a line of a message cannot be|not a header name/);
    expect(() => request().edit().setRequestUri(`sip:x\r\n`)).toThrow(/not a Request-URI/);
  });

  test('that breaks the message throws when the message is wanted', () => {
    const edit = request().edit().set(CSeq, { number: 1, method: 'BYE' });
    expect(() => edit.toMessage()).toThrow(expect.objectContaining({ code: 'malformed-message' }));
  });

  test('may make more of a message than may be received', () => {
    const edit = request().edit();
    for (let i = 0; i < 300; i++) edit.prepend('Via', 'SIP/2.0/UDP p');
    expect(edit.toMessage().rawAll('Via')).toHaveLength(303);
  });

  test('leaves every byte that it does not touch in place', () => {
    const fields = invite.slice(invite.indexOf('\r\n') + 2, invite.indexOf('\r\n\r\n') + 2).split(/(?<=\r\n)(?![ \t])/);
    const name = fc.constantFrom('Via', 'Route', 'Max-Forwards', 'To', 'X-Unknown', 'X-New', 'm');
    const step = fc.tuple(
      fc.constantFrom('prepend', 'append', 'set', 'remove', 'removeFirstValue', 'replaceFirstValue'),
      name,
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 6 }), (steps) => {
        const edit = request().edit();
        for (const [action, header] of steps) {
          if (action === 'remove' || action === 'removeFirstValue') edit[action](header);
          else if (action === 'prepend' || action === 'append' || action === 'set') edit[action](header, 'new');
          else edit.replaceFirstValue(header, 'new');
        }
        const text = edit.toText();
        const touched = new Set(steps.map(([, header]) => header));
        const isTouched = (field: string): boolean =>
          [...touched].some(
            (header) =>
              request(invite).raw(header) !== undefined &&
              new RegExp(`^(${header}|${header === 'Via' ? 'v' : header})[ :]`).test(field),
          );
        let position = text.indexOf('\r\n') + 2;
        for (const field of fields.filter((each) => !isTouched(each))) {
          const found = text.indexOf(field, position);
          expect(found).toBeGreaterThanOrEqual(position);
          position = found + field.length;
        }
        expect(text.startsWith(invite.slice(0, invite.indexOf('\r\n')))).toBe(true);
        expect(text.endsWith('\r\n\r\nbody')).toBe(true);
      }),
      { seed: 16_6, numRuns: 500 },
    );
  });
});

describe('making messages', () => {
  const options = SipRequest.create({
    method: 'OPTIONS',
    requestUri: 'sip:carol@chicago.example.com',
    headers: [
      [Via, 'SIP/2.0/UDP p;branch=z9hG4bKa'],
      ['From', NameAddr.of({ uri: 'sip:a@b', parameters: { tag: '1' } }).toString()],
      ['To', '<sip:carol@chicago.example.com>'],
      ['Call-ID', 'x'],
      [CSeq, { number: 7, method: 'OPTIONS' }],
      ['Content-Length', '999'],
      ['Record-Route', '<sip:p;lr>'],
      ['Timestamp', '54'],
    ],
    body: 'abc',
  });

  test('a request gets its Content-Length from its body', () => {
    expect(options).toMatchObject({ method: 'OPTIONS', cseqNumber: 7, fromTag: '1', body: 'abc' });
    expect(options.rawAll('Content-Length')).toEqual(['3']);
  });

  test.each([
    [{ method: 'A B', requestUri: 'sip:x', headers: [] }, 'invalid-method'],
    [{ method: 'A', requestUri: 'sip:x y', headers: [] }, 'invalid-uri'],
    [{ method: 'A', requestUri: 'sip:x', headers: [] }, 'malformed-message'],
    [{ method: 'A', requestUri: 'sip:x\r\n', headers: [] }, 'invalid-uri'],
  ])('%j is no request', (parts, code) => {
    expect(() => SipRequest.create(parts)).toThrow(expect.objectContaining({ code }));
  });

  test('a response copies what ties it to the request, byte for byte', () => {
    const made = request().createResponse(180, { toTag: 'abc' });
    expect(made).toMatchObject({ status: 180, reason: 'Ringing', toTag: 'abc', fromTag: '1928301774' });
    expect(made.text).toContain(invite.slice(invite.indexOf('Via'), invite.indexOf('Max-Forwards')));
    expect(made.text).toContain('\r\nf : Alice <sip:alice@atlanta.example.com>;\r\n  tag=1928301774\r\n');
    expect(made.text).toContain('\r\nTo: "Bob, \\"B\\"" <sip:bob@biloxi.example.com>;tag=abc\r\n');
    expect(made.text).toMatch(/Content-Length: 0\r\n\r\n$/);
    expect(made.has('Route')).toBe(false);
  });

  test('a tag that is there stays', () => {
    const tagged = request(invite.replace('biloxi.example.com>', 'biloxi.example.com>;tag=old'));
    expect(tagged.createResponse(200, { toTag: 'new' }).toTag).toBe('old');
  });

  test('Record-Route goes along only when asked, Timestamp into a 100', () => {
    expect(options.createResponse(200).has('Record-Route')).toBe(false);
    expect(options.createResponse(200, { recordRoute: true }).raw('Record-Route')).toBe('<sip:p;lr>');
    expect(options.createResponse(100).raw('Timestamp')).toBe('54');
    expect(options.createResponse(200).has('Timestamp')).toBe(false);
  });

  test('a response may have more fields, another reason and a body', () => {
    const made = options.createResponse(299, { reason: 'Fine', headers: [[Route, '<sip:q>']], body: 'xy' });
    expect(made).toMatchObject({ status: 299, reason: 'Fine', body: 'xy' });
    expect(made.raw(Route)).toBe('<sip:q>');
    expect(options.createResponse(299).reason).toBe('OK');
    expect(() => options.createResponse(99)).toThrow(expect.objectContaining({ code: 'invalid-status' }));
    expect(() => options.createResponse(200, { reason: 'a\r\nb' })).toThrow(/a line of a message cannot be/);
  });
});
