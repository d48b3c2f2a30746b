import { Proxy, SipUri, TransactionLayer, TransportLayer } from '@switchhook/sip';
import type { ProxyPolicy, Resolver, SipContext, Transport } from '@switchhook/sip';

/** A proxy that rings the phones of a user one after the other, twenty seconds each. */
export async function startProxy(
  context: SipContext,
  transport: Transport,
  resolver: Resolver,
  phones: ReadonlyMap<string, readonly SipUri[]>,
): Promise<TransactionLayer> {
  const policy: ProxyPolicy = {
    isOurDomain: (host) => host === 'example.com',
    plan({ requestUri }) {
      if (!(requestUri instanceof SipUri) || requestUri.host !== 'example.com') return { kind: 'reject', status: 403 };
      const found = phones.get(requestUri.user ?? '');
      if (found === undefined) return { kind: 'reject', status: 404 };
      return { kind: 'ring', stages: found.map((uri) => ({ targets: [{ uri }], ringTime: 20_000 })) };
    },
  };
  const transports = new TransportLayer(context, { transports: [transport] });
  const transactions = new TransactionLayer(context, transports);
  await transactions.start(new Proxy(context, transactions, transports, resolver, policy));
  return transactions;
}
