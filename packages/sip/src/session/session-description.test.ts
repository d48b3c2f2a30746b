import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SyntaxFault } from '../message/fault.ts';
import { opus, pcmu } from './media-engine.testing.ts';
import { parseSessionDescription } from './session-description-parser.ts';
import { printSessionDescription } from './session-description-writer.ts';
import { isNowhere, isUnicast, sessionDescriptionLimits } from './session-description.ts';
import type { MediaDescription, SessionDescription } from './session-description.ts';

const head = ['v=0', 'o=alice 2890844526 3 IN IP4 host.atlanta.example', 's=', 'c=IN IP4 192.0.2.4', 't=0 0'];

function read(...lines: string[]): SessionDescription {
  const description = parseSessionDescription(`${[...head, ...lines].join('\r\n')}\r\n`);
  if (description instanceof SyntaxFault) throw new Error(description.reason);
  return description;
}

function stream(...lines: string[]): MediaDescription {
  const [media] = read(...lines).media;
  if (media === undefined) throw new Error('no stream');
  return media;
}

function faultOf(text: string): SyntaxFault {
  const fault = parseSessionDescription(text);
  if (fault instanceof SyntaxFault) return fault;
  throw new Error('it reads');
}

describe('reading a session description (RFC 8866)', () => {
  it('reads who made it', () => {
    const { origin } = read();
    expect(origin).toEqual({
      username: 'alice',
      sessionId: '2890844526',
      version: 3,
      address: 'host.atlanta.example',
    });
  });

  it('knows static payload types without a=rtpmap, and takes a=rtpmap where there is one (RFC 3551)', () => {
    const { formats } = stream('m=audio 49170 RTP/AVP 0 9 97', 'a=rtpmap:97 opus/48000/2', 'a=fmtp:97 useinbandfec=1');
    expect(formats).toEqual([
      pcmu,
      { payloadType: 9, encoding: 'G722', clockRate: 8_000, channels: 1 },
      { ...opus, payloadType: 97 },
    ]);
  });

  it('leaves out a dynamic payload type that nothing explains, but not from the list', () => {
    const { formats, formatList } = stream('m=audio 49170 RTP/AVP 0 99');
    expect(formats).toEqual([pcmu]);
    expect(formatList).toEqual(['0', '99']);
  });

  it('takes a codec whose name is a number', () => {
    expect(stream('m=audio 49170 RTP/AVP 98', 'a=rtpmap:98 1016/8000').formats[0]?.encoding).toBe('1016');
  });

  it('lets the stream override what the session says (RFC 8866 5.7, RFC 3264 5.1)', () => {
    const description = read(
      'a=sendonly',
      'm=audio 49170 RTP/AVP 0',
      'c=IN IP6 2001:db8::1',
      'a=inactive',
      'm=video 49180 RTP/AVP 31',
    );
    expect(description.media.map(({ address, direction }) => [address, direction])).toEqual([
      ['2001:db8::1', 'inactive'],
      ['192.0.2.4', 'sendonly'],
    ]);
  });

  it('reads RTCP, packet times and ports that come in numbers', () => {
    const lines = ['a=rtcp:5005', 'a=rtcp-mux', 'a=ptime:30', 'a=maxptime:60'];
    expect(stream('m=audio 49170/2 RTP/AVP 0', ...lines)).toMatchObject({
      port: 49_170,
      controlPort: 5_005,
      multiplexed: true,
      packetTime: 30,
      maximumPacketTime: 60,
    });
  });

  it('reads where RTCP goes (RFC 3605)', () => {
    const control = (line: string): unknown => {
      const { controlPort, controlAddress } = stream('m=audio 49170 RTP/AVP 0', line);
      return [controlPort, controlAddress];
    };
    expect(control('a=rtcp:53020 IN IP4 126.16.64.4')).toEqual([53_020, '126.16.64.4']);
    expect(control('a=rtcp:53020 IN IP6 2001:2345:6789:ABCD:EF01:2345:6789:ABCD')).toEqual([
      53_020,
      '2001:2345:6789:ABCD:EF01:2345:6789:ABCD',
    ]);
    expect(control('a=rtcp:53020 IN IP4 /etc')).toEqual([53_020, undefined]);
    expect(control('a=rtcp:0 IN IP4 126.16.64.4')).toEqual([undefined, undefined]);
  });

  it('reads of a stream what it says, though another has said the same but for its m= or its place', () => {
    const lines = ['a=rtpmap:97 opus/48000/2', 'a=sendonly', 'a=ptime:40'];
    const description = read(...lines, 'm=audio 49170 RTP/AVP 97', ...lines, 'm=audio 49172 RTP/AVP 98', ...lines);
    expect(description.media.map(({ port, formats, direction }) => [port, formats.length, direction])).toEqual([
      [49_170, 1, 'sendonly'],
      [49_172, 0, 'sendonly'],
    ]);
    expect(read(...lines, 'm=audio 49170 RTP/AVP 97').media[0]).toMatchObject({ formats: [], packetTime: undefined });
  });

  it('passes over attributes and bandwidths that it does not know', () => {
    const media = stream(
      'b=X-YZ:128',
      'm=audio 49170 RTP/AVP 0',
      'b=AS:64',
      'a=silly:walk',
      'a=ptime:soon',
      'k=prompt',
    );
    expect(media.packetTime).toBeUndefined();
    expect(media.formats).toEqual([pcmu]);
  });

  it('keeps what other protocols say about themselves', () => {
    const { formatList, formats, protocol } = stream('m=image 49170 udptl t38');
    expect({ formatList, formats, protocol }).toEqual({ formatList: ['t38'], formats: [], protocol: 'udptl' });
  });

  it('reads lines that end in any way', () => {
    for (const end of ['\r\n', '\n', '\r']) {
      expect(parseSessionDescription([...head, 'm=audio 1 RTP/AVP 0'].join(end))).not.toBeInstanceOf(SyntaxFault);
    }
  });

  it.each([
    ['', 'does not begin with v=0'],
    ['v=1\r\n', 'does not begin with v=0'],
    ['v=0\r\ns=-\r\n', 'no valid o='],
    ['v=0\r\no=- x 1 IN IP4 192.0.2.1\r\n', 'no valid o='],
    [[...head, 'm=audio'].join('\n'), 'm= line'],
    [[...head, 'm=audio 70000 RTP/AVP 0'].join('\n'), 'over 65535'],
    [[...head, 'm=audio -1 RTP/AVP 0'].join('\n'), 'm= line'],
    [[...head, 'm=audio 1 RTP/AVP 128'].join('\n'), 'payload type'],
    [[...head, 'm=audio 1 RTP/AVP zero'].join('\n'), 'payload type'],
    ['v=0\no=- 1 1 IN IP4 192.0.2.1\nm=audio 1 RTP/AVP 0\n', 'no address'],
    ['v=0\no=- 1 1 IN IP4 192.0.2.1\nnonsense\n', 'no type'],
    ['<html>', 'does not begin'],
  ])('says what is wrong with %j', (text, reason) => {
    expect(faultOf(text).reason).toContain(reason);
  });

  it('has limits', () => {
    const { characters, lines, media, formats } = sessionDescriptionLimits;
    const numbers = Array.from({ length: formats + 1 }, (_, index) => index % 96);
    expect(faultOf(`${head.join('\n')}\n`.padEnd(characters + 1, 'a=x\n')).status).toBe(413);
    expect(faultOf([...head, ...Array.from({ length: lines }, () => 'a=x')].join('\n')).status).toBe(413);
    expect(
      faultOf([...head, ...Array.from({ length: media + 1 }, () => 'm=audio 1 RTP/AVP 0')].join('\n')).status,
    ).toBe(488);
    expect(faultOf([...head, `m=audio 1 RTP/AVP ${numbers.join(' ')}`].join('\n')).status).toBe(488);
  });

  it('never throws, and comes to an end, whatever it is given', () => {
    const line = fc.oneof(
      fc.constantFrom(...head, 'm=audio 5000 RTP/AVP 0 8', 'm=video 0 RTP/SAVPF 31', 'a=sendonly', 'a=rtcp:9 IN IP4 x'),
      fc.constantFrom('a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:', 'a=rtpmap:0 /', 'a=fmtp:0', 'c=IN IP4', 'o=', 'm='),
      fc.string(),
      fc.string({ unit: 'binary' }).map((text) => `a=${text}`),
      fc
        .tuple(
          fc.constantFrom('a=imageattr:', 'a=simulcast:', 'a=candidate:', 'a=ssrc-group:', 'a=mediaclk:'),
          fc.string(),
        )
        .map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 40 }), fc.constantFrom('\r\n', '\n', '\r'), (lines, end) => {
        parseSessionDescription(lines.join(end));
        parseSessionDescription([...head, ...lines].join(end));
      }),
    );
  });
});

describe('keys in a session description (RFC 4568)', () => {
  const key = 'd0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj';

  function cryptoOf(...lines: string[]): MediaDescription['crypto'] {
    return stream('m=audio 49170 RTP/SAVP 0', ...lines.map((each) => `a=crypto:${each}`)).crypto;
  }

  it('reads keys with their lifetime and MKI', () => {
    expect(cryptoOf(`1 AES_CM_128_HMAC_SHA1_80 inline:${key}|2^20|1:4`)).toEqual([
      { tag: 1, suite: 'AES_CM_128_HMAC_SHA1_80', key, rest: '|2^20|1:4' },
    ]);
  });

  it('passes over keys of the wrong length, several keys in one line, and unknown suites', () => {
    expect(cryptoOf('1 AES_CM_128_HMAC_SHA1_80 inline:short', `2 ROT_13 inline:${key}`)).toEqual([]);
    expect(cryptoOf(`1 AES_CM_128_HMAC_SHA1_80 inline:${key};inline:${key}`)).toEqual([]);
  });

  it('chooses no line with a session parameter that it does not understand, unless it may be passed over', () => {
    const line = `AES_CM_128_HMAC_SHA1_80 inline:${key}`;
    expect(cryptoOf(`1 ${line} KDR=1`, `2 ${line} WSH=60 UNENCRYPTED_SRTP`)).toEqual([]);
    expect(cryptoOf(`1 ${line} WSH=60 -later`).map(({ tag }) => tag)).toEqual([1]);
  });
});

describe('addresses of a session description', () => {
  it.each(['0.0.0.0', '::', '0:0:0:0:0:0:0:0', 'host.invalid', 'INVALID.'])('sends nothing to %s', (address) => {
    expect(isNowhere(address)).toBe(true);
  });

  it.each(['10.0.0.0', '::1', 'invalid.example', '100.0.0.1'])('sends to %s', (address) => {
    expect(isNowhere(address)).toBe(false);
  });

  it('tells one host from a group and from a name', () => {
    expect(['192.0.2.1', '2001:db8::1'].map(isUnicast)).toEqual([true, true]);
    expect(['224.2.1.1', 'ff02::1', 'host.example', '1.2.3'].map(isUnicast)).toEqual([false, false, false, false]);
  });
});

describe('writing a session description', () => {
  const format = fc.record({
    payloadType: fc.integer({ min: 96, max: 127 }),
    encoding: fc.constantFrom('opus', 'telephone-event', 'G726-32', 'L16'),
    clockRate: fc.constantFrom(8_000, 16_000, 48_000),
    channels: fc.constantFrom(1, 2),
  });
  const media = fc
    .record({
      kind: fc.constantFrom('audio', 'video'),
      port: fc.integer({ min: 1, max: 65_535 }),
      protocol: fc.constantFrom('RTP/AVP', 'RTP/SAVP', 'RTP/AVPF', 'RTP/SAVPF'),
      formats: fc.uniqueArray(format, { minLength: 1, maxLength: 5, selector: ({ payloadType }) => payloadType }),
      address: fc.oneof(fc.ipV4(), fc.constantFrom('2001:db8::1', 'host.example')),
      direction: fc.constantFrom('sendrecv' as const, 'sendonly' as const, 'recvonly' as const, 'inactive' as const),
      control: fc.constantFrom(
        {},
        { controlPort: 5_007 },
        { controlPort: 9, controlAddress: '192.0.2.7' },
        { controlPort: 65_535, controlAddress: '2001:db8::7' },
      ),
      multiplexed: fc.boolean(),
      packetTime: fc.option(fc.integer({ min: 1, max: 200 }), { nil: undefined }),
      maximumPacketTime: fc.option(fc.integer({ min: 1, max: 200 }), { nil: undefined }),
      crypto: fc.constantFrom([], [{ tag: 3, suite: 'AEAD_AES_256_GCM', key: 'a'.repeat(59) }]),
    })
    .map(({ control, ...each }) => ({
      ...each,
      ...control,
      formatList: each.formats.map(({ payloadType }) => String(payloadType)),
    }));

  it('is read back as it was meant', () => {
    fc.assert(
      fc.property(
        fc.array(media, { maxLength: 5 }),
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.record({ start: fc.nat(4_000_000_000), stop: fc.nat(4_000_000_000) }),
        (streams, version, timing) => {
          const description = {
            origin: { username: '-', sessionId: '281474976710656', version, address: '192.0.2.1' },
            timing,
            media: streams,
          };
          expect(parseSessionDescription(printSessionDescription(description))).toEqual(description);
        },
      ),
    );
  });
});
