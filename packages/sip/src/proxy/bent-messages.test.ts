import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TransactionLayer } from '../transaction/transaction-layer.ts';
import { BenchDatagramTransport, testContext } from '../transport/transport-layer.testing.ts';
import { TransportLayer } from '../transport/transport-layer.ts';
import { Proxy } from './proxy.ts';
import { requestText, sip } from './proxy.testing.ts';

const alice = '192.0.2.100';
const bob = '192.0.2.200';

/** What senders put where it does not belong. */
const pieces = fc.constantFrom(
  ...['"', '<', '>', ';', ',', ':', '@', ' ', '\r\n', '\r\n ', '\0', '\xff', '%', '[', ']', '=', '?a=b', '99999'],
  ...['Via: x\r\n', ';branch=', ';rport', ';maddr=[::1', ';received=', 'sip:', 'tag=', ';transport=', 'Contact: *\r\n'],
  ...['Route: <sip:a;lr>, ', 'Max-Forwards: 0\r\n', 'Require: 100rel\r\n', 'Record-Route: ', ';maddr=192.0.2.1'],
);
const bends = fc.array(fc.record({ at: fc.nat(700), cut: fc.nat(12), piece: pieces }), { minLength: 1, maxLength: 3 });

function bent(text: string, changes: readonly { at: number; cut: number; piece: string }[]): string {
  return changes.reduce((result, { at, cut, piece }) => {
    const place = at % result.length;
    return result.slice(0, place) + piece + result.slice(place + cut);
  }, text);
}

function answer(request: string, status: string): string {
  const copied = request.split('\r\n').filter((line) => /^(?:Via|Record-Route|From|To|Call-ID|CSeq):/.test(line));
  const tagged = copied.map((line) => (/^To:(?!.*;tag)/.test(line) ? `${line};tag=bob` : line));
  return `${[`SIP/2.0 ${status}`, ...tagged, `Contact: <sip:bob@${bob}>`, 'Content-Length: 0'].join('\r\n')}\r\n\r\n`;
}

test('whichever message of a call is bent, and however, none of them throws, and nothing is left of it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(5), bends, async (which, changes) => {
      const transport = new BenchDatagramTransport('192.0.2.1', 5060);
      const context = testContext();
      const transports = new TransportLayer(context, { transports: [transport] });
      const transactions = new TransactionLayer(context, transports);
      const resolver = { resolve: () => [{ protocol: 'UDP' as const, address: bob, port: 5060 }] };
      const proxy = new Proxy(context, transactions, transports, resolver, {
        plan: () => ({ kind: 'ring', stages: [{ targets: [{ uri: sip(`sip:bob@${bob}`) }] }] }),
        isOurDomain: (host) => host === 'example.com',
      });
      await transactions.start(proxy);
      let step = 0;
      const say = (text: string, address: string): void => {
        transport.endpoint.received(step === which ? bent(text, changes) : text, address, 5060);
        step += 1;
      };
      const heard = (): string => transport.sent.findLast(({ to }) => to.startsWith(bob))?.text ?? '';
      say(requestText(), alice);
      const invite = heard();
      say(answer(invite, '180 Ringing'), bob);
      say(answer(invite, '200 OK'), bob);
      const routes = invite.split('\r\n').filter((line) => line.startsWith('Record-Route:'));
      const headers = routes.map((line) => line.replace('Record-Route', 'Route'));
      for (const method of ['ACK', 'BYE']) {
        const via = [`SIP/2.0/UDP ${alice}:5060;branch=z9hG4bK${method}`];
        say(requestText({ method, uri: `sip:bob@${bob}`, via, toTag: 'bob', headers }), alice);
      }
      say(answer(heard(), '200 OK'), bob);
      await transactions.stop();
      expect(proxy.stats().requests).toBe(0);
      expect(transactions.stats()).toMatchObject({ clientTransactions: 0, serverTransactions: 0, timers: 0 });
    }),
    { numRuns: 500 },
  );
});
