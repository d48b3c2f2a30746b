import type { HeaderInit } from '../message/header.ts';
import { headerKey } from '../message/header-name.ts';
import type { Via } from '../message/headers/via.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import type { Flow } from '../transport/contract.ts';

const viaKey = headerKey('Via');
const none: readonly never[] = [];

/** What a response gets and loses beside this proxy's Via. */
export interface ResponseChanges {
  readonly removeHeaders?: readonly string[] | undefined;
  /** Below values of the same name. */
  readonly headers?: readonly HeaderInit[];
  /** The values of Via in the place of its own: see {@link changedVias}. */
  readonly vias?: readonly string[] | undefined;
}

const asItCame: ResponseChanges = {};

/**
 * The Via values of the request, where a response to it has others beneath this proxy's. They have to be the same
 * (RFC 3261 8.2.6.2), but there are boxes on the way that write their own address there: the caller would not know the
 * answer for his (17.1.3), and by `rport` and `received` he would be told what nobody has seen. This proxy knows them.
 */
export function changedVias(
  response: SipResponse,
  furtherVia: Via | undefined,
  request: SipRequest,
): readonly string[] | undefined {
  const { topVia } = request;
  const isSame = furtherVia !== undefined && furtherVia.toString() === topVia.toString();
  // Nearly always it is the only one.
  if (isSame && isLast(furtherVia, response) && isLast(topVia, request)) return undefined;
  const vias = request.rawAll('Via');
  const found = response.rawAll('Via');
  return found.length === vias.length + 1 && vias.every((via, index) => via === found[index + 1]) ? undefined : vias;
}

/** Whether no other Via comes behind it in the message; false, too, where that cannot be told at once. */
function isLast(via: Via, { index, text }: SipRequest | SipResponse): boolean {
  let last = -1;
  for (let field = index.find('Via', viaKey); field >= 0; field = index.find('Via', viaKey, field)) last = field;
  return via.endsAt(text, index.valueEnd(last));
}

/**
 * A response as it goes on to `flow`: without this proxy's Via (RFC 3261 16.7 step 3) and without what is not for others.
 * Nearly every one loses that one line. Undefined for a response without another Via: it was never meant to go on.
 */
export function passedOn(
  response: SipResponse,
  furtherVia: Via | undefined,
  flow: Flow,
  { removeHeaders = none, headers = none, vias }: ResponseChanges = asItCame,
): SipResponse | undefined {
  const message = vias === undefined ? furtherVia && response.withoutTopVia(furtherVia) : withVias(response, vias);
  if (message === undefined) return undefined;
  const removed = removeHeaders.filter((name) => response.has(name));
  const wantsLength = flow.reliable && !response.has('Content-Length');
  if (removed.length === 0 && headers.length === 0 && !wantsLength) return message;
  const edit = message.edit();
  for (const name of removed) edit.remove(name);
  for (const [header, value] of headers) edit.append<unknown>(header, value);
  if (wantsLength) {
    // What a datagram ended by itself has to say so on a stream (RFC 3261 18.3).
    edit.set('Content-Length', String(response.body.length));
  }
  return edit.toMessage();
}

function withVias(response: SipResponse, vias: readonly string[]): SipResponse | undefined {
  if (!response.hasFurtherVia) return undefined;
  const edit = response.edit().remove('Via');
  for (const via of vias.toReversed()) edit.prepend('Via', via);
  return edit.toMessage();
}
