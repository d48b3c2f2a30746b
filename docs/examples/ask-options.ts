import { headerField, NameAddr, SipRequest, To, TransactionLayer, TransportLayer } from '@switchhook/sip';
import type { Destination, SipContext, Transport } from '@switchhook/sip';

const ignore = (): void => undefined;

/** Asks what is at `uri`; resolves with the status of the answer. The transaction layer puts the Via on. */
export async function askOptions(
  context: SipContext,
  transport: Transport,
  uri: string,
  destination: Destination,
): Promise<number> {
  const transports = new TransportLayer(context, { transports: [transport] });
  const transactions = new TransactionLayer(context, transports);
  await transactions.start({ request: ignore, cancel: ignore, ack: ignore, strayResponse: ignore });
  try {
    const flow = transports.flowTo(destination);
    if ('code' in flow) throw new Error(flow.message);
    const request = SipRequest.create({
      method: 'OPTIONS',
      requestUri: uri,
      headers: [
        ['Max-Forwards', '70'],
        ['From', `<sip:asker@example.com>;tag=${context.random.token()}`],
        headerField(To, NameAddr.of({ uri })),
        ['Call-ID', context.random.token()],
        ['CSeq', '1 OPTIONS'],
      ],
    });
    return await new Promise((resolve, reject) => {
      transactions.request(request, flow, {
        response: ({ status }) => status >= 200 && resolve(status),
        failed: ({ message }) => reject(new Error(message)),
      });
    });
  } finally {
    await transactions.stop();
  }
}
