import { Contact } from '../message/headers/contact.ts';
import type { SipRequest } from '../message/message.ts';
import { SipUri } from '../message/uri.ts';
import type { Flow } from '../transport/contract.ts';
import type { ProxyPolicy } from './call-plan.ts';
import type { FlowTokens } from './flow-tokens.ts';
import type { NextHop } from './next-hop.ts';
import type { RequestContext } from './request-context.ts';
import type { DialogSide, RouteMarks } from './route-marks.ts';

/**
 * Methods whose requests never make or refresh a dialog. All others, unknown ones included, are record-routed
 * (RFC 3261 16.6 step 4).
 */
const outsideDialogs = new Set([
  'ACK',
  'BYE',
  'CANCEL',
  'INFO',
  'MESSAGE',
  'OPTIONS',
  'PRACK',
  'PUBLISH',
  'REGISTER',
  'UPDATE',
]);

export function canRecordRoute(method: string): boolean {
  return !outsideDialogs.has(method);
}

/**
 * The `transport` parameter that brings a request back over this kind of flow. RFC 5630 would have none for TLS, but
 * leaves a `sip:` dialog no other way to name a TLS hop: a `sips:` value would turn the Contacts into `sips:` as well.
 */
function transportParameter(flow: Flow, scheme: 'sip' | 'sips'): string {
  switch (flow.protocol) {
    case 'UDP':
      return '';
    case 'TCP':
      return ';transport=tcp';
    case 'TLS':
      return scheme === 'sips' ? '' : ';transport=tls';
    case 'WS':
    case 'WSS':
      return ';transport=ws';
  }
}

/** Makes the Record-Route and Path values of this proxy. */
export class RecordRouting {
  readonly #tokens: FlowTokens;
  readonly #marks: RouteMarks;
  readonly #policy: Pick<ProxyPolicy, 'isGateway'>;

  constructor(tokens: FlowTokens, marks: RouteMarks, policy: Pick<ProxyPolicy, 'isGateway'>) {
    this.#tokens = tokens;
    this.#marks = marks;
    this.#policy = policy;
  }

  /**
   * The Record-Route value for a request on its way over `downstream`. Two values, the downstream one on top, where
   * one address cannot serve both sides (RFC 5658), or where both must be reached over the connection they opened.
   * `boundTo` is the contact of a registration that is reached over its flow, or where its datagrams came from.
   */
  value(context: RequestContext, hop: NextHop, downstream: Flow, boundTo: SipUri | undefined): string {
    const { request, source, routed } = context;
    const withGateway = routed.withGateway || this.#isGateway(source) || this.#isGateway(downstream);
    const user = (side: DialogSide, flowName: string | undefined): string =>
      this.#marks.user(request, side, { flowName, withGateway });
    const upstreamFlow = isEdgeFor(request, source) ? this.#tokens.name(source) : undefined;
    const downstreamFlow =
      boundTo !== undefined && needsFlow(downstream, boundTo) ? this.#tokens.name(downstream) : undefined;
    const upstreamPlace = new Place(context.scheme, source);
    const downstreamPlace = new Place(downstreamScheme(hop), downstream);
    const bothBound = upstreamFlow !== undefined && downstreamFlow !== undefined && upstreamFlow !== downstreamFlow;
    const towardsCallee = user('callee', downstreamFlow);
    if (!upstreamPlace.equals(downstreamPlace) || bothBound)
      return `${downstreamPlace.uri(towardsCallee)}, ${upstreamPlace.uri(user('caller', upstreamFlow))}`;
    if (downstreamFlow !== undefined) return upstreamPlace.uri(towardsCallee);
    return upstreamPlace.uri(user('caller', upstreamFlow));
  }

  #isGateway(flow: Flow): boolean {
    return this.#policy.isGateway?.(flow) === true;
  }

  /** The Path value for a REGISTER (RFC 3327, RFC 5626 5.1): with the flow when it comes straight from the phone. */
  path({ request, source, scheme }: RequestContext): string {
    const place = new Place(scheme, source);
    return isFirstHop(request) ? place.uri(this.#tokens.token(source), ';ob') : place.uri(undefined);
  }
}

/** This proxy itself, for the dialog that it begins by what it says for itself (RFC 3261 12.1.1). */
export function ownContact({ scheme, source }: RequestContext): string {
  return new Place(scheme, source).address;
}

/** Where this proxy can be reached, as a URI without user says it. */
class Place {
  readonly #scheme: string;
  readonly #rest: string;

  constructor(scheme: 'sip' | 'sips', flow: Flow) {
    this.#scheme = scheme;
    this.#rest = flow.sentBy + transportParameter(flow, scheme);
  }

  equals(other: Place): boolean {
    return this.#scheme === other.#scheme && this.#rest === other.#rest;
  }

  get address(): string {
    return `<${this.#scheme}:${this.#rest}>`;
  }

  uri(user: string | undefined, parameter = ''): string {
    return `<${this.#scheme}:${user === undefined ? '' : `${user}@`}${this.#rest};lr${parameter}>`;
  }
}

/** RFC 3261 16.6 step 4: secure when the Request-URI that leaves, or the Route on top of it, is. */
function downstreamScheme(hop: NextHop): 'sip' | 'sips' {
  return hop.requestUri.startsWith('sips:') || hop.route[0]?.includes('<sips:') === true ? 'sips' : 'sip';
}

function isFirstHop(request: SipRequest): boolean {
  return !request.hasFurtherVia;
}

/** Whether the sender can only be reached over the flow that he opened: a phone, behind a NAT or on a connection. */
function isEdgeFor(request: SipRequest, flow: Flow): boolean {
  if (flow.outgoing) return false;
  if (!flow.reliable) {
    const { host, port = 5060 } = request.topVia;
    if (host === flow.remote.address && port === flow.remote.port && !asksForOutbound(request)) return false;
  }
  return isFirstHop(request);
}

/** The `ob` parameter in the Contact (RFC 5626 5.3.2). */
function asksForOutbound(request: SipRequest): boolean {
  if (request.raw('Contact')?.includes(';ob') !== true) return false;
  const contact = request.get(Contact);
  return (
    typeof contact === 'object' && 'uri' in contact && contact.uri instanceof SipUri && contact.uri.parameters.has('ob')
  );
}

/** Whether a request to a binding must take its flow: always on a connection, on UDP when the address is translated. */
function needsFlow(flow: Flow, uri: SipUri): boolean {
  if (flow.reliable) return true;
  return uri.host !== flow.remote.address || (uri.port ?? 5060) !== flow.remote.port || uri.parameters.has('ob');
}
