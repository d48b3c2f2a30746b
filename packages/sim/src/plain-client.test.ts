import { expect, test } from 'vitest';
import {
  DigestClient,
  From,
  headerField,
  NameAddr,
  SipRequest,
  TransactionLayer,
  TransportLayer,
} from '@switchhook/sip';
import type { ServerTransaction, SipResponse } from '@switchhook/sip';
import { simulatedContext } from './context.ts';
import { SimulatedNetwork } from './network.ts';

const ignore = (): void => undefined;

/** What a user agent makes: which way it goes, and so its Via, is not its business. */
function options(): SipRequest {
  return SipRequest.create({
    method: 'OPTIONS',
    requestUri: 'sip:bob@192.0.2.2',
    headers: [
      ['Max-Forwards', '70'],
      headerField(From, NameAddr.of({ uri: 'sip:alice@192.0.2.1', parameters: { tag: 'a' } })),
      ['To', '<sip:bob@192.0.2.2>'],
      ['Call-ID', 'call'],
      ['CSeq', '1 OPTIONS'],
    ],
  });
}

test('a client makes a request without a Via, and the transaction layer puts its own on', async () => {
  const context = simulatedContext(1);
  const network = new SimulatedNetwork(context.clock, context.random);
  const seen: SipRequest[] = [];
  const server = new TransactionLayer(
    context,
    new TransportLayer(context, { transports: [network.host('bob', ['192.0.2.2']).transport('UDP')] }),
  );
  await server.start({
    request: (transaction: ServerTransaction) => {
      seen.push(transaction.request);
      transaction.respond(transaction.request.createResponse(200, { toTag: 'b' }));
    },
    cancel: ignore,
    ack: ignore,
    strayResponse: ignore,
  });
  const transports = new TransportLayer(context, {
    transports: [network.host('alice', ['192.0.2.1']).transport('UDP')],
  });
  const client = new TransactionLayer(context, transports);
  await client.start({ request: ignore, cancel: ignore, ack: ignore, strayResponse: ignore });
  const flow = transports.flowTo({ protocol: 'UDP', address: '192.0.2.2', port: 5060 });
  if ('code' in flow) throw new Error(flow.message);

  const responses: SipResponse[] = [];
  const transaction = client.request(options(), flow, {
    response: (response) => responses.push(response),
    failed: ignore,
  });
  context.clock.advance(40_000);

  expect(responses.map(({ status }) => status)).toEqual([200]);
  expect(seen).toHaveLength(1);
  expect(seen[0]?.rawAll('Via')).toHaveLength(1);
  expect(seen[0]?.topVia).toMatchObject({
    protocol: 'UDP',
    host: '192.0.2.1',
    branch: transaction.request.topVia.branch,
  });
  await client.stop();
  await server.stop();
});

test('a request without a Via can be edited, and answered for a challenge, but not responded to', () => {
  const request = options();
  expect(() => request.topVia).toThrow(expect.objectContaining({ code: 'malformed-message' }));
  expect(() => request.createResponse(200)).toThrow(expect.objectContaining({ code: 'malformed-message' }));
  expect(request.edit().set('CSeq', '2 OPTIONS').toMessage().cseqNumber).toBe(2);
  const client = new DigestClient(simulatedContext(1), () => undefined);
  expect(client.authorize(request)).toBe(request);
});
