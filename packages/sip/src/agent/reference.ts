import type { Dialog } from '../dialog/dialog.ts';
import { SyntaxFault } from '../message/fault.ts';
import { Join } from '../message/headers/join.ts';
import { ReferTo } from '../message/headers/refer-to.ts';
import { Replaces } from '../message/headers/replaces.ts';
import type { TargetDialog } from '../message/headers/target-dialog.ts';
import type { SipRequest } from '../message/message.ts';
import { NameAddr } from '../message/name-addr.ts';
import { OpaqueUri, SipUri } from '../message/uri.ts';
import type { Uri } from '../message/uri.ts';
import type { Reference, ReferralOutcome, ReferralParts, ReferralTarget } from './referral-contract.ts';

/** Characters of a Refer-To; a longer one gets 400. */
export const maximumReferTo = 4096;

/** What somebody else may have written into a request of this side, by their names in lower case (RFC 3261 19.1.5). */
const grantable: ReadonlyMap<string, string> = new Map(
  ['Replaces', 'Join', 'Require', 'Subject', 'Priority', 'Call-Info', 'Accept-Contact', 'Reject-Contact'].map(
    (name) => [name.toLowerCase(), name],
  ),
);

/**
 * What the Refer-To of a REFER refers to (RFC 3515 2.4.2). A fault carries the status to answer with: 400 for none, several,
 * one that does not read or that contradicts itself; 603 for a scheme that is not called by SIP.
 */
export function referenceOf(request: SipRequest): Reference | SyntaxFault {
  const [text, ...more] = request.rawAll(ReferTo);
  if (text === undefined) return new SyntaxFault('Missing Refer-To');
  if (more.length > 0) return new SyntaxFault('Several Refer-To');
  if (text.length > maximumReferTo) return new SyntaxFault('Refer-To Too Long');
  const address = NameAddr.parse(text);
  if (address instanceof SyntaxFault) return new SyntaxFault(`Refer-To: ${address.reason}`, address.offset);
  const { uri } = address;
  // A 416 would end the dialog that the REFER came in (RFC 5057 5.1), and with it a call that nothing is wrong with.
  if (uri instanceof OpaqueUri) return new SyntaxFault('Unsupported Scheme in Refer-To', 0, 603);
  return uri instanceof SipUri
    ? referenceOfUri(uri)
    : { uri, method: 'INVITE', replaces: undefined, join: undefined, headers: [] };
}

/** What a URI with header fields asks for: that of a Refer-To, or a link. */
export function referenceOfUri(uri: SipUri): Reference | SyntaxFault {
  const headers: (readonly [name: string, value: string])[] = [];
  for (const [name, value] of uri.headers) {
    const granted = grantable.get(name.toLowerCase());
    if (granted === undefined) continue;
    if (headers.some(([other]) => other === granted)) return new SyntaxFault(`Several ${granted} in Refer-To`);
    if (/[\r\n\0]/.test(value)) return new SyntaxFault(`A line end in ${granted} of Refer-To`);
    headers.push([granted, value]);
  }
  const valueOf = (name: string): string | undefined => headers.find(([other]) => other === name)?.[1];
  const replacesText = valueOf('Replaces');
  const joinText = valueOf('Join');
  const replaces = replacesText === undefined ? undefined : Replaces.parse(replacesText);
  if (replaces instanceof SyntaxFault) return new SyntaxFault(`Replaces of Refer-To: ${replaces.reason}`);
  const join = joinText === undefined ? undefined : Join.parse(joinText);
  if (join instanceof SyntaxFault) return new SyntaxFault(`Join of Refer-To: ${join.reason}`);
  if (replaces !== undefined && join !== undefined) return new SyntaxFault('Replaces and Join in Refer-To');
  const method = uri.parameters.get('method')?.toUpperCase() ?? 'INVITE';
  return { uri: bare(uri), method, replaces, join, headers };
}

function bare(uri: SipUri): Uri {
  if (uri.headers.size === 0 && !uri.parameters.has('method')) return uri;
  return uri.with({ headers: [], parameters: uri.parameters.without('method') });
}

/** A Refer-To, or a link, whose URI asks for these header fields. */
export function referTo(uri: Uri, headers: readonly (readonly [name: string, value: string])[] = []): NameAddr {
  return NameAddr.of({ uri: uri instanceof SipUri && headers.length > 0 ? uri.with({ headers }) : uri });
}

/** How a request outside of a dialog names it to the far end of it (RFC 4538 3). */
export function targetDialogOf({ callId, localTag, remoteTag }: Dialog): TargetDialog {
  return { callId, localTag: remoteTag, remoteTag: localTag };
}

/** Statuses of a REFER outside of a call that say that the call, or who asks, was not recognised there. */
const unrecognised: ReadonlySet<number> = new Set([403, 404, 420, 430, 480, 481]);

/** A REFER that is about a call, and not in its dialog. */
export type OutsideReferral = ReferralTarget & Pick<ReferralParts, 'from' | 'targetDialog' | 'headers'>;

/**
 * How the far end of a call is referred whose Contact is a GRUU: not in the dialog of the call (RFC 7647 4, RFC 5589 6.1).
 * Undefined for others, and for those that do not know Target-Dialog and would not find the call (RFC 5589 6.2).
 */
export function outsideOf(dialog: Dialog): OutsideReferral | undefined {
  const { remoteTarget, localAddress } = dialog;
  const isGruu = remoteTarget instanceof SipUri && remoteTarget.parameters.has('gr');
  if (!isGruu || !dialog.remoteSupports('tdialog')) return undefined;
  return {
    target: remoteTarget,
    // By whom he talks to he knows who asks.
    from: NameAddr.of({ uri: localAddress.uri }),
    targetDialog: targetDialogOf(dialog),
    headers: [['Require', 'tdialog']],
  };
}

/**
 * Whether a REFER outside of a call came to nothing because the call, or who asks, was not recognised. Within the dialog, where
 * its messages come from says enough.
 */
export function isUnrecognised(outcome: ReferralOutcome): boolean {
  return outcome.kind === 'unreachable' || (outcome.kind === 'refused' && unrecognised.has(outcome.response.status));
}
