import { TransactionLayer, TransportLayer } from '@switchhook/sip';
import type { SipContext, Transport } from '@switchhook/sip';

const ignore = (): void => undefined;

/** A user agent that says what it can do, and can do nothing else. Stop it with `stop()`. */
export async function answerOptions(context: SipContext, transport: Transport): Promise<TransactionLayer> {
  const transactions = new TransactionLayer(context, new TransportLayer(context, { transports: [transport] }));
  await transactions.start({
    request(transaction) {
      const { request } = transaction;
      const status = request.method === 'OPTIONS' ? 200 : 405;
      const toTag = context.random.token();
      transaction.respond(request.createResponse(status, { toTag, headers: [['Allow', 'OPTIONS']] }));
    },
    cancel: ignore,
    ack: ignore,
    strayResponse: ignore,
  });
  return transactions;
}
