import { describe, expect, it } from 'vitest';
import { parseMessage, SipRequest } from './message.ts';
import { requestTargets } from './request-targets.ts';

function targets(...headers: readonly string[]): string[] {
  const lines = [
    'INVITE sip:b@192.0.2.3 SIP/2.0',
    'Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK1',
    'From: <sip:a@example.com>;tag=1',
    'Call-ID: c',
    'CSeq: 1 INVITE',
    ...headers,
  ];
  const message = parseMessage([...lines, '\r\n'].join('\r\n'));
  if (!(message instanceof SipRequest)) throw new Error('the request does not read');
  return requestTargets(message).map(String);
}

describe('what a request is addressed to', () => {
  it('is its Request-URI, then what that was before, the latest first, and the To', () => {
    expect(
      targets(
        'History-Info: <sip:sales@example.com>;index=1, <sip:bob@example.com;gr=j;conference=7>;index=1.1;mp=1',
        'History-Info: <sip:b@192.0.2.3>;index=1.1.1;rc=1.1',
        'To: <sip:sales@example.com;conference=6>',
      ),
    ).toEqual([
      'sip:b@192.0.2.3',
      'sip:b@192.0.2.3',
      'sip:bob@example.com;gr=j;conference=7',
      'sip:sales@example.com',
      'sip:sales@example.com;conference=6',
    ]);
  });

  it('leaves out what does not read', () => {
    const to = 'To: <sip:b@example.com>';
    expect(targets('History-Info: nothing', to)).toEqual(['sip:b@192.0.2.3', 'sip:b@example.com']);
  });
});
