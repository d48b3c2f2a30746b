import { isAll, TOKEN } from '../message/characters.ts';
import { SyntaxFault } from '../message/fault.ts';
import { NameAddr } from '../message/name-addr.ts';
import type { SipRequest } from '../message/message.ts';
import { SipUri } from '../message/uri.ts';
import type { Uri } from '../message/uri.ts';
import type { Flow } from '../transport/contract.ts';
import { isFlowToken } from './flow-tokens.ts';
import type { FlowTokens } from './flow-tokens.ts';
import type { ProxyTransports } from './layers.ts';
import type { ProxyPolicy, RoutingFacts, Target } from './call-plan.ts';
import type { RouteMarks } from './route-marks.ts';

/** A status that ends the request. */
export interface RoutingFailure {
  readonly status: number;
  readonly reason: string;
}

/** A request after RFC 3261 16.4 and RFC 5626 5.3: where its sender wants it to go, without this proxy's own part. */
export class RoutedRequest implements RoutingFacts {
  /** As received, or with the Request-URI that a strict router had moved, or with our maddr taken off. */
  readonly request: SipRequest;
  readonly uri: Uri;
  readonly route: readonly string[];
  /** How many Route values were this proxy's. */
  readonly consumed: number;
  readonly vouched: boolean;
  /** Whether a gateway takes part in the call that it is vouched for. */
  readonly withGateway: boolean;
  /** The flow that a token names, for a request on its way to the client that opened it. */
  readonly flow: Flow | undefined;

  constructor(
    request: SipRequest,
    uri: Uri,
    route: readonly string[],
    consumed: number,
    vouched: boolean,
    withGateway: boolean,
    flow: Flow | undefined,
  ) {
    this.request = request;
    this.uri = uri;
    this.route = route;
    this.consumed = consumed;
    this.vouched = vouched;
    this.withGateway = withGateway;
    this.flow = flow;
  }
}

const noRoute: readonly string[] = [];
const forged: RoutingFailure = { status: 403, reason: 'Forbidden' };
const flowFailed: RoutingFailure = { status: 430, reason: 'Flow Failed' };

export class RoutePreprocessing {
  readonly #transports: ProxyTransports;
  readonly #policy: ProxyPolicy;
  readonly #tokens: FlowTokens;
  readonly #marks: RouteMarks;

  constructor(transports: ProxyTransports, policy: ProxyPolicy, tokens: FlowTokens, marks: RouteMarks) {
    this.#transports = transports;
    this.#policy = policy;
    this.#tokens = tokens;
    this.#marks = marks;
  }

  /** Whether a URI names this proxy itself, or a domain whose addresses it translates. */
  isOurs({ destinationHost: host, port }: SipUri): boolean {
    return this.#transports.isOurs(host, port) || (port === undefined && this.#policy.isOurDomain(host));
  }

  /**
   * Where a request goes that the policy need not be asked about: on along the route of a dialog that was let through,
   * or over the flow that a token names. Undefined for what the policy decides.
   */
  passingTarget({ uri, route, flow, vouched }: RoutedRequest): Target | undefined {
    if (flow !== undefined) return { uri, flow };
    if (!vouched) return undefined;
    // A GRUU is this proxy's to translate wherever the request goes then (RFC 5627 6.1).
    const isTranslated = uri instanceof SipUri && (route.length === 0 || uri.parameters.has('gr')) && this.isOurs(uri);
    return isTranslated ? undefined : { uri };
  }

  process(received: SipRequest, source: Flow): RoutedRequest | RoutingFailure | SyntaxFault {
    let request = received;
    const receivedUri = received.requestUri;
    if (receivedUri instanceof SyntaxFault) return receivedUri;
    let uri: Uri = receivedUri;
    if (uri instanceof SipUri && uri.parameters.has('maddr')) {
      const stripped = this.#withoutMaddr(uri, source);
      if (stripped !== undefined) {
        uri = stripped;
        request = withRequestUri(request, uri);
      }
    }
    if (!request.has('Route')) return new RoutedRequest(request, uri, noRoute, 0, false, false, undefined);

    let route = request.rawAll('Route');
    let vouched = false;
    let withGateway = false;
    let flow: Flow | undefined;
    const bent = uri instanceof SipUri ? this.#marks.read(uri.user, request) : undefined;
    if (bent !== undefined && uri instanceof SipUri && this.isOurs(uri)) {
      // A strict router put our Record-Route value into the Request-URI, and the true Request-URI last.
      const last = NameAddr.parse(route.at(-1) ?? '');
      if (last instanceof SyntaxFault) return last;
      vouched = true;
      withGateway = bent.withGateway;
      uri = last.uri;
      route = route.slice(0, -1);
      request = withRequestUri(request, uri, route);
      const found = this.#namedFlow(bent.flowName, source, uri);
      if (found !== undefined && 'status' in found) return found;
      flow = found;
    }
    let consumed = 0;
    for (const value of route) {
      let user = plainOwnUser(value, source);
      if (user === undefined) {
        const address = NameAddr.parse(value);
        if (address instanceof SyntaxFault) return address;
        if (!(address.uri instanceof SipUri) || !this.isOurs(address.uri)) break;
        user = address.uri.user;
      }
      consumed += 1;
      const token = user !== undefined && isFlowToken(user) ? user : undefined;
      const mark = token === undefined ? this.#marks.read(user, request) : undefined;
      const name = token === undefined ? mark?.flowName : this.#tokens.nameIn(token);
      if (name === undefined) {
        if (token !== undefined) return forged;
        continue;
      }
      // A flow token is proof enough by itself: only the registrar of the flow's client was ever told it.
      vouched = true;
      withGateway ||= mark?.withGateway === true;
      const found = this.#namedFlow(name, source, uri);
      if (found === undefined) continue;
      if ('status' in found) return found;
      flow = found;
    }
    const further = consumed === 0 ? route : route.slice(consumed);
    return new RoutedRequest(request, uri, further, consumed, vouched, withGateway, flow);
  }

  /**
   * The flow of that name, or the one that has taken its place; undefined when there is no name, and on the way out from that
   * very flow. One that has ended matters to nobody whose address this proxy translates, as a GRUU: by it his other flows are
   * found, and those that he has opened since.
   */
  #namedFlow(name: string, source: Flow, target: Uri): Flow | RoutingFailure | undefined {
    if (name === '') return undefined;
    const flow = this.#tokens.find(name) ?? this.#tokens.findAnew(name, target);
    if (flow === undefined) return target instanceof SipUri && this.isOurs(target) ? undefined : flowFailed;
    return isSameFlow(flow, source) ? undefined : flow;
  }

  /** The URI without a maddr that means us, if it came by the port and transport that the URI names. */
  #withoutMaddr(uri: SipUri, source: Flow): SipUri | undefined {
    const maddr = uri.destinationHost;
    if (!this.#transports.isOurs(maddr, uri.port) && !this.#policy.isOurDomain(maddr)) return undefined;
    const secure = uri.scheme === 'sips';
    const transport = uri.transport ?? (secure ? 'tls' : 'udp');
    const protocol = source.protocol.toLowerCase();
    if (transport !== protocol && !(transport === 'ws' && protocol === 'wss')) return undefined;
    if ((uri.port ?? (source.secure ? 5061 : 5060)) !== source.local.port) return undefined;
    return uri.with({ port: undefined, parameters: uri.parameters.without('maddr').without('transport') });
  }
}

const schemeStart = '<sip:';
const looseEnd = ';lr>';

/**
 * The user part of a Route value that stands as this proxy writes its Record-Route values for the flow that it came by:
 * nearly every request within a dialog has that one, and nothing else of it need be read. Undefined says nothing.
 */
function plainOwnUser(value: string, { sentBy }: Flow): string | undefined {
  const at = value.indexOf('@');
  const end = at + 1 + sentBy.length;
  if (at < 0 || value.length !== end + looseEnd.length || !value.startsWith(schemeStart)) return undefined;
  if (!value.startsWith(sentBy, at + 1) || !value.startsWith(looseEnd, end)) return undefined;
  const user = value.slice(schemeStart.length, at);
  return isAll(user, TOKEN) && !user.includes('%') ? user : undefined;
}

function isSameFlow(one: Flow, other: Flow): boolean {
  return (
    one === other ||
    (one.protocol === other.protocol &&
      one.remote.port === other.remote.port &&
      one.remote.address === other.remote.address)
  );
}

/** A copy with another Request-URI, and with another Route header field when one is given. */
function withRequestUri(request: SipRequest, uri: Uri, route?: readonly string[]): SipRequest {
  const edit = request.edit();
  edit.setRequestUri(uri.toString());
  if (route?.length === 0) edit.remove('Route');
  else if (route !== undefined) edit.set('Route', route.join(', '));
  return edit.toMessage();
}
