import type { Dialog } from '../../dialog/dialog.ts';
import { SipFragment } from '../../message/body/sipfrag.ts';
import { HeaderFields } from '../../message/body/header-fields.ts';
import { SyntaxFault } from '../../message/fault.ts';
import { Contact } from '../../message/headers/contact.ts';
import { From } from '../../message/headers/from.ts';
import { To } from '../../message/headers/to.ts';
import { NameAddr } from '../../message/name-addr.ts';
import type { EventPackage, Reading } from '../event-package.ts';

/** How the request that a REFER asked for fares: the status line of the last response to it. */
export interface ReferenceStatus {
  readonly status: number;
  readonly reason: string;
  /** The dialog that came of it: who may can replace a party of it by that (RFC 5359 2.3). */
  readonly dialog?: ReferredDialog | undefined;
}

/** A dialog as the header fields of a response name it. */
export interface ReferredDialog {
  readonly callId: string;
  /** Who was referred, with his tag. */
  readonly from: NameAddr;
  /** What he was referred to, with its tag. */
  readonly to: NameAddr;
  /** Where that is reached. */
  readonly contact: NameAddr | undefined;
}

/** The dialog that this side made as it was referred to, as the far end's 2xx names it: From is this side. */
export function referredDialogOf(dialog: Dialog): ReferredDialog {
  const { callId, localAddress, localTag, remoteAddress, remoteTag, remoteContact } = dialog;
  return {
    callId,
    from: localAddress.with({ parameters: localAddress.parameters.with('tag', localTag) }),
    to: remoteAddress.with({ parameters: remoteAddress.parameters.with('tag', remoteTag) }),
    contact: remoteContact,
  };
}

/**
 * The event package of REFER (RFC 3515 3). Each body is the whole state. A subscription that nobody has said the length
 * of lasts for longer than a phone rings.
 */
export const referEvent: EventPackage<ReferenceStatus> = {
  name: 'refer',
  contentType: 'message/sipfrag',
  defaultExpires: 300,
  minimumInterval: 1000,
  writer: () => ({ write: ({ state }) => fragmentOf(state).toString() }),
  reader: () => ({ read: readFragment }),
};

/** RFC 3515 2.4.5: it begins with a status line; what follows is for people who look for faults. */
function readFragment(body: string): Reading<ReferenceStatus> | SyntaxFault {
  const fragment = SipFragment.parse(body);
  if (fragment instanceof SyntaxFault) return fragment;
  const { start } = fragment;
  if (start?.kind !== 'response') return new SyntaxFault('a fragment without a status line');
  const { status, reason } = start;
  return { kind: 'state', state: { status, reason, dialog: dialogIn(fragment) }, complete: true };
}

function fragmentOf({ status, reason, dialog }: ReferenceStatus): SipFragment {
  if (dialog === undefined) return SipFragment.ofStatus(status, reason);
  const { callId, from, to, contact } = dialog;
  const fields = [
    { name: 'From', value: from.toString() },
    { name: 'To', value: to.toString() },
    { name: 'Call-ID', value: callId },
    ...(contact === undefined ? [] : [{ name: 'Contact', value: contact.toString() }]),
  ];
  return new SipFragment({ kind: 'response', status, reason }, new HeaderFields(fields));
}

/** Nothing where any of it is missing: a Call-ID without its tags names no dialog. */
function dialogIn(fragment: SipFragment): ReferredDialog | undefined {
  const [from, to, contact] = [fragment.get(From), fragment.get(To), fragment.get(Contact)];
  const callId = [...fragment.headerFields].find(({ name }) => /^(?:call-id|i)$/i.test(name))?.value;
  if (!(from instanceof NameAddr) || !(to instanceof NameAddr) || callId === undefined) return undefined;
  if (!from.parameters.has('tag') || !to.parameters.has('tag')) return undefined;
  return { callId, from, to, contact: contact instanceof NameAddr ? contact : undefined };
}
