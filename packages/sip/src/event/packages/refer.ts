import { SipFragment } from '../../message/body/sipfrag.ts';
import { SyntaxFault } from '../../message/fault.ts';
import type { EventPackage, Reading } from '../event-package.ts';

/** How the request that a REFER asked for fares: the status line of the last response to it. */
export interface ReferenceStatus {
  readonly status: number;
  readonly reason: string;
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
  writer: () => ({ write: ({ state: { status, reason } }) => SipFragment.ofStatus(status, reason).toString() }),
  reader: () => ({ read: readFragment }),
};

/** RFC 3515 2.4.5: it begins with a status line; what follows is for people who look for faults. */
function readFragment(body: string): Reading<ReferenceStatus> | SyntaxFault {
  const fragment = SipFragment.parse(body);
  if (fragment instanceof SyntaxFault) return fragment;
  const { start } = fragment;
  if (start?.kind !== 'response') return new SyntaxFault('a fragment without a status line');
  return { kind: 'state', state: { status: start.status, reason: start.reason }, complete: true };
}
