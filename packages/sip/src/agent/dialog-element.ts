import type { DialogIdentity, DialogParticipant, WatchedDialog } from '../event/packages/dialog-info.ts';
import { SyntaxFault } from '../message/fault.ts';
import { From } from '../message/headers/from.ts';
import { ReferredBy } from '../message/headers/referred-by.ts';
import { Replaces } from '../message/headers/replaces.ts';
import { To } from '../message/headers/to.ts';
import type { SipRequest } from '../message/message.ts';
import { NameAddr } from '../message/name-addr.ts';
import { SipUri } from '../message/uri.ts';
import type { Uri } from '../message/uri.ts';
import { decodeUtf8 } from '../message/utf8.ts';
import { IncomingInvite } from '../session/incoming-invite.ts';
import type { InviteSession } from '../session/invite-session.ts';
import type { OutgoingInvite } from '../session/outgoing-invite.ts';

/** What RFC 4235 4.1 says of a dialog beside its state: what its INVITE and the dialog itself tell. */
export type DialogElement = Omit<WatchedDialog, 'id' | 'state' | 'event' | 'code' | 'duration'>;

/** Of an INVITE, and of its session once there is one. */
export function dialogElementOf(
  invite: OutgoingInvite | IncomingInvite,
  session: InviteSession | undefined,
): DialogElement {
  const { request } = invite;
  const dialog = session?.dialog;
  const isCallee = invite instanceof IncomingInvite;
  const local = dialog?.localAddress ?? addressIn(request, From);
  const remote = isCallee ? invite.caller.address : (dialog?.remoteAddress ?? addressIn(request, To));
  const referredBy = addressIn(request, ReferredBy);
  return {
    callId: request?.callId,
    localTag: dialog?.localTag ?? request?.fromTag,
    remoteTag: dialog?.remoteTag,
    direction: isCallee ? 'recipient' : 'initiator',
    replaces: replacedBy(request, isCallee),
    referredBy: referredBy && identityOf(referredBy),
    routeSet: dialog?.routeSet.map(({ uri }) => decodeUtf8(uri.toString())) ?? [],
    local: participantOf(local, dialog?.localContact),
    remote: participantOf(remote, dialog?.remoteContact),
  };
}

function addressIn(request: SipRequest | undefined, type: typeof From): NameAddr | undefined {
  const address = request?.get(type);
  return address instanceof NameAddr ? address : undefined;
}

/** The tags of Replaces are as its recipient sees the dialog (RFC 3891 3). */
function replacedBy(request: SipRequest | undefined, isCallee: boolean): WatchedDialog['replaces'] {
  const replaces = request?.get(Replaces);
  if (replaces === undefined || replaces instanceof SyntaxFault) return undefined;
  const { callId, toTag, fromTag } = replaces;
  return isCallee ? { callId, localTag: toTag, remoteTag: fromTag } : { callId, localTag: fromTag, remoteTag: toTag };
}

function participantOf(address: NameAddr | undefined, contact: NameAddr | undefined): DialogParticipant | undefined {
  if (address === undefined) return undefined;
  return {
    identity: identityOf(address),
    target: contact && {
      uri: decodeUtf8(contact.uri.toString()),
      parameters: [...contact.parameters].map(([name, value]) => [decodeUtf8(name), parameterValue(value)]),
    },
  };
}

/** The address of record alone: what a URI has beside it is of one message. */
function identityOf({ uri, displayName }: NameAddr): DialogIdentity {
  return { uri: decodeUtf8(identityUri(uri)), displayName: displayName && decodeUtf8(displayName) };
}

function identityUri(uri: Uri): string {
  return uri instanceof SipUri ? uri.addressOfRecord.replace(/^sip/, uri.scheme) : uri.toString();
}

/** RFC 4235 4.1.6.2: without the angle brackets that RFC 3840 quotes texts by, and a name alone is true. */
function parameterValue(value: string): string {
  if (value === '') return 'true';
  const isText = value.startsWith('<') && value.endsWith('>');
  return decodeUtf8(isText ? value.slice(1, -1) : value);
}
