import type { AddressLines } from '../dialog/route-set.ts';
import type { SipRequest } from '../message/message.ts';
import { SipUri } from '../message/uri.ts';
import { congestionSafe, isDatagramSize } from '../transport/congestion.ts';
import type { Destination, Flow, TransportError } from '../transport/contract.ts';
import type { ResolutionError, Resolver } from '../transport/resolver.ts';
import type { TransportLayer } from '../transport/transport-layer.ts';

/** One place to send a request to: a flow that is known, or an address. */
export type Way = Flow | Destination;

type Ways = readonly Way[] | ResolutionError;

/** A Via, and what the transport needs. */
const addedLength = 170;

/**
 * Where a request can go, best first: what the lookup names (RFC 3263), and among that first what a known flow leads to
 * (RFC 5626 4.3). Whose flow it is has been proved when it was opened: it is the registrar's, or that of the dialog. A flow is all there is where the far end has no other address, or none that can be found.
 */
export function waysTo(
  resolver: Resolver,
  { firstHop, secure }: Pick<AddressLines, 'firstHop' | 'secure'>,
  { flow, byFlow, size }: { readonly flow: Flow | undefined; readonly byFlow: boolean; readonly size: number },
): Ways | Promise<Ways> {
  const known = flow !== undefined && !flow.closed && (flow.secure || !secure) ? flow : undefined;
  if (known !== undefined && byFlow) return [known];
  if (!(firstHop instanceof SipUri)) {
    return { code: 'no-transport', temporary: false, message: `nobody to ask for ${firstHop.toString()}` };
  }
  const order = (found: readonly Destination[] | ResolutionError): Ways => {
    if ('code' in found) return known === undefined ? found : [known];
    const destinations = congestionSafe(found, size + addedLength);
    if (known === undefined) return destinations;
    const others = destinations.filter((destination) => !leadsTo(known, destination));
    return others.length === destinations.length ? destinations : [known, ...others];
  };
  const found = resolver.resolve(firstHop);
  if (!(found instanceof Promise)) return order(found);
  return found.then(order, () => order({ code: 'dns-failure', temporary: true, message: 'the resolver failed' }));
}

/** Whether a request of that size may go over UDP, where there is a choice (RFC 3261 18.1.1). */
export function fitsDatagram(size: number): boolean {
  return isDatagramSize(size + addedLength);
}

/** The request with its address lines. */
export function addressed(request: SipRequest, { requestUri, route }: AddressLines): SipRequest {
  const edit = request.edit().setRequestUri(requestUri).remove('Route');
  for (const value of route) edit.append('Route', value);
  return edit.toMessage();
}

export function flowOf(transports: Pick<TransportLayer, 'flowTo'>, way: Way): Flow | TransportError {
  return 'send' in way ? way : transports.flowTo(way);
}

/** The address that a failure is told of; undefined for a flow that this side did not look up. */
export function destinationOf(way: Way): Destination {
  return 'send' in way ? { protocol: way.protocol, ...way.remote } : way;
}

function leadsTo(flow: Flow, { protocol, address, port }: Destination): boolean {
  return flow.protocol === protocol && flow.remote.address === address && flow.remote.port === port;
}
