import { NameAddr, ReferTo, SipUri } from '@switchhook/sip';
import type { RejectPlan, Uri } from '@switchhook/sip';
import type { Account } from '../subscribers/account.ts';
import type { Call } from './call.ts';
import type { OurAddress } from './domains.ts';
import { partyAt } from './parties.ts';
import type { Numbers } from './parties.ts';
import { refusal } from './refusals.ts';
import type { FindAnnouncement } from './refusals.ts';
import { deniedBy } from './screening.ts';
import type { Screen } from './screening.ts';
import type { Services } from './services.ts';

/** What outgoing screening needs to know. */
export interface OutgoingWorld extends Numbers {
  services(user: string, domain: string): Services | undefined;
  address(uri: Uri): OurAddress | undefined;
  /** Whether an address is a code that changes the settings of who dials it. */
  isCode(user: string, domain: string): boolean;
  readonly announcement: FindAnnouncement;
}

/** Why somebody may not call an address, as the response says it (RFC 5359 2.14). */
const originatingFailure = 'Screening Failure (Originating)';

/** The refusal of a call, or of one that is sent on, to whom its maker may not call (RFC 5359 2.14). */
export function screenOutgoing(
  call: Call,
  who: Account | undefined,
  uri: Uri,
  address: OurAddress | undefined,
  world: OutgoingWorld,
): RejectPlan | undefined {
  const outgoing = who === undefined ? undefined : world.services(who.user, who.domain)?.outgoing;
  if (who === undefined || outgoing === undefined) return undefined;
  const denied = deniedOutgoing(outgoing, uri, address, world, call.now);
  if (denied === undefined) return undefined;
  call.count?.('screened outgoing');
  call.note?.(`${who.user} may not call ${uri.toString()}: ${denied}`);
  return refusal(call, 403, originatingFailure, world.announcement(who.domain, 'screened-outgoing'));
}

/** Why a list lets nobody call an address at a moment, or without one at any time; undefined where it does, as it does for help. */
export function deniedOutgoing(
  outgoing: Screen,
  uri: Uri,
  address: OurAddress | undefined,
  numbers: Numbers,
  now?: () => number,
): string | undefined {
  const party = partyAt(uri, address, numbers);
  // Numbers that are dialled here, that is: another domain may make of 112 what it likes.
  const isDialled = address !== undefined || !(uri instanceof SipUri);
  if (isDialled && party.number !== undefined && numbers.isEmergency(party.number)) return undefined;
  return deniedBy(outgoing, party, now);
}

/**
 * The refusal of a REFER, within a dialog or not: whom one may not call one may not have called by others either (RFC 3515),
 * and nobody has others dial a code.
 */
export function screenReferral(
  call: Call,
  callee: OurAddress | undefined,
  world: OutgoingWorld,
): RejectPlan | undefined {
  const { caller, request } = call;
  const referTo = request.method === 'REFER' ? request.get(ReferTo) : undefined;
  if (!(referTo instanceof NameAddr)) return undefined;
  const who = caller.kind === 'subscriber' ? caller : caller.kind === 'participant' ? caller.account : undefined;
  const { uri } = referTo;
  const address = world.address(uri);
  const isOneself = who !== undefined && callee?.user === who.user && callee.domain === who.domain;
  if (address?.user !== undefined && world.isCode(address.user, address.domain) && !isOneself) {
    return { kind: 'reject', status: 403, reason: 'Codes Are Dialled By Oneself' };
  }
  return screenOutgoing(call, who, uri, address, world);
}
