import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AgentBench, Listener, TestCalls } from './agent.testing.ts';

/** What a stranger writes into a header field is refused or carried along; it never throws, and nothing is left of it. */

/** Any bytes but those that end a line. */
const byte = fc.integer({ min: 0, max: 0xff }).filter((code) => code !== 0x0a && code !== 0x0d);
const text = fc.string({ unit: byte.map((code) => String.fromCharCode(code)) });
const quoted = text.map((inner) => `"${inner.replace(/["\\]/g, '\\$&')}" `);
const uriText = fc.oneof(
  text,
  fc.tuple(fc.constantFrom('sip:', 'sips:', 'tel:', 'http:', 'x:', ''), text).map((parts) => parts.join('')),
  fc.constantFrom(
    'sip:a@192.0.2.9?Subject=x&Route=y',
    'sip:a@192.0.2.9;method=BYE',
    'sip:b@192.0.2.9?Subject=%0d%0aEvil%3a1&Priority=%ff%00',
    'sip:%00@192.0.2.9',
    'sip:a@[2001:db8::1]:1;x=%22%3e',
    'tel:+1;phone-context=x',
    'urn:service:sos',
    '*',
  ),
);
const address = fc
  .tuple(
    fc.oneof(fc.constantFrom('', '"a" ', 'x y ', '"\\"\\\\" ', '"\xff" ', '"\\\0" '), quoted),
    uriText,
    fc.constantFrom('', ';a=b', ';tag=1', ';q=x'),
  )
  .map(([name, uri, parameters]) => `${name}<${uri}>${parameters}`);
const value = fc.oneof(
  address,
  uriText,
  fc.tuple(address, address).map((both) => both.join(', ')),
);

const numRuns = 300;

describe('a stranger', () => {
  it('calls, whatever the INVITE says', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom('Contact', 'Record-Route', 'From'), value, async (field, said) => {
        const contact = field === 'Contact' ? said : '<sip:bob@192.0.2.9>';
        const route = field === 'Record-Route' ? said : '<sip:192.0.2.9;lr>';
        const from = field === 'From' ? said : '<sip:bob@192.0.2.9>';
        const bench = await AgentBench.started();
        const calls = new TestCalls(bench.agent);
        const invite = [
          'INVITE sip:alice@192.0.2.1 SIP/2.0',
          'Via: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bK-hostile',
          'Max-Forwards: 70',
          `From: ${from};tag=bob`,
          `To: ${from}`,
          'Call-ID: hostile',
          'CSeq: 1 INVITE',
          `Contact: ${contact}`,
          `Record-Route: ${route}`,
          'Content-Length: 0',
          '\r\n',
        ].join('\r\n');
        bench.hear(invite);
        const transaction = calls.invites[0];
        const dialog = transaction === undefined ? undefined : bench.agent.acceptDialog(transaction);
        if (dialog !== undefined && 'offset' in dialog) transaction?.refuse(dialog.status);
        else if (transaction !== undefined && dialog !== undefined) {
          const usage = calls.use(dialog);
          dialog.respond(transaction, 200);
          dialog.send('BYE', new Listener());
          dialog.removeUsage(usage);
        }
        expect(await bench.leftOvers()).toEqual([]);
      }),
      { numRuns },
    );
  });

  it('answers, whatever the response says', async () => {
    const header = fc.tuple(
      fc.constantFrom('Contact', 'Record-Route', 'WWW-Authenticate', 'Proxy-Authenticate', 'Retry-After', 'Require'),
      fc.oneof(
        value,
        text.map((inner) => `Digest realm="${inner}", nonce="${inner}"`),
      ),
    );
    const answer = fc.tuple(
      fc.constantFrom(183, 200, 302, 401, 407, 423, 439, 503),
      fc.array(header, { maxLength: 4 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(answer, { minLength: 1, maxLength: 4 }), fc.boolean(), async (answers, registers) => {
        const bench = await AgentBench.started();
        bench.names.set('example.com', ['192.0.2.9']);
        const calls = new TestCalls(bench.agent);
        const registration = registers ? bench.agent.register() : undefined;
        if (registration === undefined) calls.invite({ redirects: { follow: () => true } });
        for (const [status, headers] of answers) {
          const request = bench.requests.filter(({ method }) => method !== 'ACK' && method !== 'CANCEL').at(-1);
          if (request === undefined) break;
          const plain = request.createResponse(status, { toTag: 'far' }).text;
          const lines = headers.map(([name, said]) => `${name}: ${said}\r\n`).join('');
          bench.hear(plain.replace('Content-Length', `${lines}Content-Length`), request.topVia.protocol);
        }
        for (const { dialog } of calls.usages) {
          if (dialog.state !== 'terminated') dialog.send('BYE', new Listener());
          dialog.end({ kind: 'unused' });
        }
        registration?.stop();
        bench.clock.advance(200_000);
        expect(await bench.leftAfterStop()).toEqual([]);
      }),
      { numRuns },
    );
  });
});
