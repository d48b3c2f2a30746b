import { NameAddr, parseMessage, SipRequest, SipUri } from '@switchhook/sip';
import { describe, expect, test } from 'vitest';
import { refusalOf } from './takeover.ts';

function uri(text: string): SipUri {
  const read = SipUri.parse(text);
  if (!(read instanceof SipUri)) throw new RangeError(text);
  return read;
}

const bob = { user: 'bob', uri: uri('sip:bob@example.com') };

/** Why a REFER is refused that the exchange has proved to be bob's. */
function refusal(from: string, referredBy: string | undefined): string | undefined {
  const request = parseMessage(
    [
      'REFER sip:park@example.com SIP/2.0',
      'Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1',
      `From: <${from}>;tag=1`,
      'To: <sip:park@example.com>',
      'Call-ID: 1',
      'CSeq: 1 REFER',
      '',
      '',
    ].join('\r\n'),
  );
  if (!(request instanceof SipRequest)) throw new RangeError(from);
  const reference = {
    uri: uri('sip:alice@192.0.2.2'),
    method: 'INVITE',
    replaces: { callId: '2', toTag: '3', fromTag: '4', earlyOnly: false },
    join: undefined,
    headers: [],
  };
  const named = referredBy === undefined ? undefined : NameAddr.of({ uri: uri(referredBy) });
  return refusalOf({ reference, referredBy: named, message: request }, bob)?.reason;
}

describe('who refers says so in his own name', () => {
  test.each([
    ['the one that the exchange has for him', 'sip:bob@example.com', 'sip:bob@example.com'],
    ['an alias of the domain that From has, too', 'sip:bob@192.0.2.9', 'sip:bob@192.0.2.9'],
    ['his own, though From has an alias', 'sip:bob@192.0.2.9', 'sip:bob@example.com'],
    ['none', 'sip:bob@example.com', undefined],
  ])('%s', (_, from, referredBy) => {
    expect(refusal(from, referredBy)).toBeUndefined();
  });

  test.each([
    ['somebody else', 'sip:bob@example.com', 'sip:carol@example.com'],
    ['somebody else, whom From names as well', 'sip:carol@example.net', 'sip:carol@example.net'],
    ['one of the same name elsewhere', 'sip:bob@example.com', 'sip:bob@example.net'],
  ])('%s is refused', (_, from, referredBy) => {
    expect(refusal(from, referredBy)).toBe('Referred-By Is Somebody Else');
  });
});
