import type { MessageEdit } from '../message/edit.ts';
import type { HeaderInit } from '../message/header.ts';
import type { SipRequest } from '../message/message.ts';
import { SipUri } from '../message/uri.ts';
import type { Flow } from '../transport/contract.ts';
import type { NextHop } from './next-hop.ts';
import type { RoutedRequest } from './route-preprocessing.ts';

/** What a forwarded copy gets beside its new address (RFC 3261 16.6 steps 4 and 5). */
export interface Additions {
  readonly removeHeaders?: readonly string[] | undefined;
  /** In the order in which they shall stand on top of others of their name. */
  readonly headers?: readonly HeaderInit[] | undefined;
  readonly targetHeaders?: readonly HeaderInit[] | undefined;
  /** In the order in which they shall stand below others of their name. */
  readonly trailingHeaders?: readonly HeaderInit[] | undefined;
  readonly recordRoute?: string | undefined;
  readonly path?: string | undefined;
  readonly maximumBreadth?: number | undefined;
}

/** One request that is being proxied, as its copies are made from it. */
export class RequestContext {
  readonly routed: RoutedRequest;
  readonly request: SipRequest;
  readonly source: Flow;
  readonly isInvite: boolean;
  /** Of the call: what was asked for must be kept on each hop (RFC 5630). */
  readonly scheme: 'sip' | 'sips';
  /** Max-Forwards as received; 71 when there is none. */
  readonly hops: number;
  /** Incoming Max-Breadth (RFC 5393 5.3.2). */
  readonly breadth: number;
  /** The second part of the branch (RFC 5393 4.2.1); undefined for a request that cannot fork. */
  readonly loopHash: string | undefined;

  constructor(routed: RoutedRequest, source: Flow, hops: number, breadth: number, loopHash: string | undefined) {
    this.routed = routed;
    this.request = routed.request;
    this.source = source;
    this.isInvite = routed.request.method === 'INVITE';
    this.scheme = routed.uri instanceof SipUri ? routed.uri.scheme : 'sip';
    this.hops = hops;
    this.breadth = breadth;
    this.loopHash = loopHash;
  }

  /** A copy for one next hop, all but the Via (RFC 3261 16.6 steps 1 to 6 and 9). */
  copy(hop: NextHop, flow: Flow, additions: Additions): SipRequest {
    const { request } = this;
    const edit = request.edit();
    if (hop.requestUri !== request.requestUriText) edit.setRequestUri(hop.requestUri);
    edit.set('Max-Forwards', String(this.hops - 1));
    this.#writeRoute(edit, hop.route);
    if (additions.removeHeaders !== undefined) for (const name of additions.removeHeaders) edit.remove(name);
    if (additions.headers !== undefined) prependAll(edit, additions.headers);
    if (additions.targetHeaders !== undefined) prependAll(edit, additions.targetHeaders);
    if (additions.trailingHeaders !== undefined) appendAll(edit, additions.trailingHeaders);
    if (additions.path !== undefined) edit.prepend('Path', additions.path);
    if (additions.recordRoute !== undefined) edit.prepend('Record-Route', additions.recordRoute);
    if (additions.maximumBreadth !== undefined) this.#writeBreadth(edit, additions.maximumBreadth);
    if (flow.reliable && !request.has('Content-Length')) edit.set('Content-Length', String(request.body.length));
    return edit.toMessage();
  }

  #writeRoute(edit: MessageEdit, route: readonly string[]): void {
    const { routed } = this;
    if (route === routed.route) {
      if (routed.consumed === 0) return;
      if (route.length === 0) edit.remove('Route');
      else for (let taken = 0; taken < routed.consumed; taken += 1) edit.removeFirstValue('Route');
    } else {
      edit.set('Route', route.join(', '));
    }
  }

  #writeBreadth(edit: MessageEdit, breadth: number): void {
    const value = String(breadth);
    if (this.request.raw('Max-Breadth') !== value) edit.set('Max-Breadth', value);
  }
}

function prependAll(edit: MessageEdit, headers: readonly HeaderInit[]): void {
  for (const [header, value] of headers.toReversed()) edit.prepend<unknown>(header, value);
}

function appendAll(edit: MessageEdit, headers: readonly HeaderInit[]): void {
  for (const [header, value] of headers) edit.append<unknown>(header, value);
}
