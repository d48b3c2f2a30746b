import { SyntaxFault } from '../message/fault.ts';
import { Contact } from '../message/headers/contact.ts';
import { From } from '../message/headers/from.ts';
import { To } from '../message/headers/to.ts';
import type { SipMessage, SipRequest, SipResponse } from '../message/message.ts';
import { NameAddr } from '../message/name-addr.ts';
import { SipUri } from '../message/uri.ts';
import type { Uri } from '../message/uri.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import type { Flow } from '../transport/contract.ts';
import { needsSecureContact, recordedRoutes, targetUri } from './route-set.ts';

/** What a dialog is made of (RFC 3261 12.1.1, 12.1.2). */
export interface DialogParts {
  readonly callId: string;
  readonly localTag: string;
  readonly remoteTag: string;
  readonly localAddress: NameAddr;
  readonly remoteAddress: NameAddr;
  /** The far end's Contact, with what it says of itself (RFC 3840). */
  readonly remoteContact: NameAddr;
  readonly remoteExtensions: readonly string[];
  readonly routeSet: readonly NameAddr[];
  readonly secure: boolean;
  readonly flow: Flow | undefined;
  readonly state: 'early' | 'confirmed';
  readonly localSequence: number;
  readonly remoteSequence: number | undefined;
}

/** What this side gives to a dialog that a request of the far end makes. */
type OwnParts = Pick<DialogParts, 'localTag' | 'state' | 'localSequence'>;

/**
 * Reads a dialog from a response to its request, for the client (RFC 3261 12.1.2). A fault where the response makes none:
 * a provisional one without To tag, or routes that do not read.
 */
export function partsOfResponse(
  request: SipRequest,
  response: SipResponse,
  flow: Flow | undefined,
): DialogParts | SyntaxFault {
  const routeSet = recordedRoutes(response, 'client');
  const local = addressOf(response, From);
  const remote = addressOf(response, To);
  if (routeSet instanceof SyntaxFault) return routeSet;
  if (local instanceof SyntaxFault) return local;
  if (remote instanceof SyntaxFault) return remote;
  const { fromTag, toTag } = response;
  if (toTag === undefined && response.status < 200) return new SyntaxFault('no tag, no dialog');
  const contact = contactOf(response) ?? bareAddress(request.requestUri);
  if (contact instanceof SyntaxFault) return contact;
  return {
    callId: response.callId,
    localTag: fromTag ?? '',
    remoteTag: toTag ?? '',
    localAddress: local,
    remoteAddress: remote,
    remoteContact: contact,
    remoteExtensions: extensionsOf(response),
    routeSet,
    secure: request.requestUriText.startsWith('sips:'),
    flow,
    state: response.status < 200 ? 'early' : 'confirmed',
    localSequence: response.cseqNumber,
    remoteSequence: undefined,
  };
}

/**
 * Reads a dialog from a request of the far end (RFC 3261 12.1.1; RFC 6665 4.4.1). A fault where its Contact is missing or
 * it does not read.
 */
export function partsOfRequest({ request, flow }: ServerTransaction, own: OwnParts): DialogParts | SyntaxFault {
  const routeSet = recordedRoutes(request, 'server');
  const local = addressOf(request, To);
  const remote = addressOf(request, From);
  const remoteContact = contactOf(request);
  if (routeSet instanceof SyntaxFault) return routeSet;
  if (local instanceof SyntaxFault) return local;
  if (remote instanceof SyntaxFault) return remote;
  if (remoteContact === undefined) return new SyntaxFault('Missing Contact');
  return {
    ...own,
    callId: request.callId,
    remoteTag: request.fromTag ?? '',
    localAddress: local,
    remoteAddress: remote,
    remoteContact,
    remoteExtensions: extensionsOf(request),
    routeSet,
    secure: needsSecureContact(request, routeSet, remoteContact.uri),
    flow,
    remoteSequence: request.cseqNumber,
  };
}

/** The option tags of what its sender supports (RFC 3261 20.37), in lower case. */
export function extensionsOf(message: SipMessage): readonly string[] {
  return message.rawAll('Supported').map((tag) => tag.toLowerCase());
}

/** The From or To without its tag. */
function addressOf(message: SipMessage, type: typeof From): NameAddr | SyntaxFault {
  const address = message.get(type);
  if (address === undefined) return new SyntaxFault(`no ${type.name}`);
  if (address instanceof SyntaxFault || !address.parameters.has('tag')) return address;
  return address.with({ parameters: address.parameters.without('tag') });
}

/**
 * The one Contact of a message that makes or refreshes a dialog; undefined where it is missing or none, or leads nowhere by
 * SIP (RFC 3261 8.1.1.8, 12.1.1).
 */
export function contactOf(message: SipMessage): NameAddr | undefined {
  const contact = message.get(Contact);
  if (!(contact instanceof NameAddr) || !(contact.uri instanceof SipUri)) return undefined;
  const uri = targetUri(contact.uri);
  return uri === contact.uri ? contact : contact.with({ uri });
}

function bareAddress(uri: Uri | SyntaxFault): NameAddr | SyntaxFault {
  return uri instanceof SyntaxFault ? uri : NameAddr.of({ uri });
}
