import type { SipContext } from '../context.ts';
import type { SipRequest } from '../message/message.ts';
import { KeyedHash, tokenLength } from '../keyed-hash.ts';

/** Between the mark of the call and the name of the flow. */
const SEPARATOR = '*';

/** Before all else of the name: a gateway takes part in the call. */
const GATEWAY = 'g';

/** Before the name of a flow: whose it is. */
const letters = { caller: 'a', callee: 'b' } as const;

/** Who began the dialog, and who was asked. */
export type DialogSide = keyof typeof letters;

/** What the user part of a Record-Route value of ours says that came back. */
export interface RouteMark {
  /** The flow to take; empty when there is none but that of the sender himself, who may have come by another one since. */
  readonly flowName: string;
  /** Whether a gateway takes part in the call. */
  readonly withGateway: boolean;
}

const plain: RouteMark = { flowName: '', withGateway: false };

/**
 * The user part of this proxy's Record-Route URIs: a mark that only this proxy can make and that is good for one call
 * (Call-ID and the tag of its caller), and behind it whether a gateway takes part and the name of the flow, when there is
 * one, which the mark covers.
 * The mark tells a request of a dialog that was let through from one that merely has a To tag, so that nobody is relayed
 * because of a Route header field he thought up himself or has from another call, and it tells a Request-URI that a
 * strict router bent (RFC 3261 16.4) from one that only looks like ours.
 */
export class RouteMarks {
  readonly #hash: KeyedHash;

  /** A secret that outlives the process lets the dialogs that stand go on after a restart. */
  constructor(context: SipContext, secret: string) {
    this.#hash = KeyedHash.of(context, secret, 'record-route');
  }

  /** The user part for the call that a request begins; with the name of the flow to one side, if there is one. */
  user(
    { callId, fromTag }: SipRequest,
    side: DialogSide,
    { flowName, withGateway }: { readonly flowName: string | undefined; readonly withGateway: boolean },
  ): string {
    const name = (withGateway ? GATEWAY : '') + (flowName === undefined ? '' : letters[side] + flowName);
    const mark = this.#mark(callId, fromTag, name);
    return name === '' ? mark : mark + SEPARATOR + name;
  }

  /**
   * What the user part of a URI says that came back with a request of the marked call. Undefined when this is no mark of
   * that call, or the request is not within a dialog of it.
   */
  read(user: string | undefined, { callId, fromTag, toTag }: SipRequest): RouteMark | undefined {
    if (user === undefined || toTag === undefined) return undefined;
    const end = user.indexOf(SEPARATOR);
    const mark = end < 0 ? user : user.slice(0, end);
    // What the user part of a phone's address is told by, without a look at the request.
    if (mark.length !== tokenLength) return undefined;
    const name = end < 0 ? '' : user.slice(end + 1);
    if (mark === this.#mark(callId, fromTag, name)) return said(name, letters.callee);
    if (mark === this.#mark(callId, toTag, name)) return said(name, letters.caller);
    return undefined;
  }

  #mark(callId: string, callerTag: string | undefined, name: string): string {
    return this.#hash.token(`${callId}\n${callerTag ?? ''}\n${name}`);
  }
}

function said(name: string, letter: string): RouteMark {
  if (name === '') return plain;
  const withGateway = name.startsWith(GATEWAY);
  const flow = withGateway ? name.slice(GATEWAY.length) : name;
  return { flowName: flow.startsWith(letter) ? flow.slice(letter.length) : '', withGateway };
}
