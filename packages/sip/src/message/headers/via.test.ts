import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SyntaxFault } from '../fault.ts';
import { valid } from '../valid.testing.ts';
import { Via, ViaValue } from './via.ts';

describe('Via', () => {
  test('is read whole', () => {
    const via = valid(
      Via.parse('sip / 2.0\t/ tCp  [2001:DB8::1] : 5061 ; Branch = z9hG4bKx;rport;received=[::1] ;ttl=1'),
    );
    expect(via).toMatchObject({
      protocol: 'TCP',
      host: '2001:db8::1',
      port: 5061,
      branch: 'z9hG4bKx',
      rport: true,
      received: '::1',
      sentBy: '[2001:db8::1]:5061',
    });
    expect(via.parameters.get('ttl')).toBe('1');
  });

  test.each(['UDP', 'TCP', 'TLS', 'WS', 'WSS', 'TLS-SCTP', 'udp', 'X~1', 'UDP-X'])('transport %s', (transport) => {
    const via = valid(Via.parse(`SIP/2.0/${transport} Example.COM;rport=5070`));
    expect(via).toMatchObject({ protocol: transport.toUpperCase(), host: 'example.com', port: undefined, rport: 5070 });
    expect(Via.print(via)).toBe(`SIP/2.0/${transport} Example.COM;rport=5070`);
  });

  test.each([
    ['', 'Via is not of SIP'],
    ['SIP/2.0', 'no transport in Via'],
    ['SIP/3.0/UDP a', 'Via is not of SIP/2.0'],
    ['HTTP/2.0/UDP a', 'Via is not of SIP'],
    ['SIP/2.0/ a', 'no white space after the transport in Via'],
    ['SIP/2.0/UDP', 'no white space after the transport in Via'],
    ['SIP/2.0/UDP ', 'no valid host in Via'],
    ['SIP/2.0/UDP -', 'no valid host in Via'],
    ['SIP/2.0/UDP ::1', 'no valid host in Via'],
    ['SIP/2.0/UDP a:', 'no valid port in Via'],
    ['SIP/2.0/UDP a:65536', 'no valid port in Via'],
    ['SIP/2.0/UDP a;branch', 'branch without a value'],
    ['SIP/2.0/UDP a;branch="x"', 'branch is not a token'],
    ['SIP/2.0/UDP a;branch=', 'no parameter value'],
    ['SIP/2.0/UDP a;branch=x y', 'no separator between parameters'],
    ['SIP/2.0/UDP a;received', 'received without a value'],
    ['SIP/2.0/UDP a;received="x"', 'received is not an address'],
    ['SIP/2.0/UDP a;rport=x', 'no valid rport in Via'],
    ['SIP/2.0/UDP a;;x', 'no parameter name'],
    ['SIP/2.0/UDP a b', 'no separator between parameters'],
    ['SIP/2.0/UDP a, SIP/2.0/UDP b', 'comma in Via'],
  ])('%j is a fault', (text, reason) => {
    expect(Via.parse(text)).toMatchObject({ reason });
  });

  test('one in a folded list is cut out and unfolded', () => {
    const text = 'x: SIP/2.0/UDP a\r\n ;branch=b\r\n\t;x , SIP/2.0/UDP c';
    const via = valid(ViaValue.scan(text, 2, text.length, false));
    expect(via.toString()).toBe('SIP/2.0/UDP a ;branch=b ;x');
    expect(via.parameters.toString()).toBe(';branch=b;x');
  });

  test('a copy has the changes', () => {
    const via = valid(Via.parse('SIP/2.0/UDP a:5070;branch=b;rport'));
    const marked = via.with({ parameters: via.parameters.with('rport', 1024).with('received', '::1') });
    expect(marked.toString()).toBe('SIP/2.0/UDP a:5070;branch=b;rport=1024;received=::1');
    expect(marked).toMatchObject({ rport: 1024, received: '::1' });
    expect(ViaValue.of({ protocol: 'WSS', host: '::1', port: 1 }).toString()).toBe('SIP/2.0/WSS [::1]:1');
    expect(() => ViaValue.of({ protocol: 'U DP', host: 'a' })).toThrow(
      expect.objectContaining({ code: 'invalid-header-value' }),
    );
    expect(() => ViaValue.of({ protocol: 'UDP', host: 'a b' })).toThrow(
      expect.objectContaining({ code: 'invalid-host' }),
    );
  });

  test('no text throws, and what is read prints as it came', () => {
    const piece = fc.constantFrom(
      'SIP/2.0/UDP ',
      'a',
      ':',
      '1',
      ';',
      'branch',
      'received',
      'rport',
      '=',
      '"',
      ',',
      ' ',
      '[::1]',
      '\\',
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const text = `SIP/2.0/UDP a${pieces.join('')}`;
        const via = Via.parse(text);
        if (via instanceof SyntaxFault) expect(via.offset).toBeLessThanOrEqual(text.length);
        else expect(via.toString()).toBe(text.trimEnd());
      }),
      { seed: 20_42, numRuns: 2_000 },
    );
  });
});
