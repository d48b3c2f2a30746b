import { From, headerField, isSecure, NameAddr, ReferredBy, referredDialogOf, SipUri } from '@switchhook/sip';
import type {
  Caller,
  HeaderInit,
  IncomingReferral,
  InviteOutcome,
  InviteSession,
  InviteSessions,
  OutgoingInvite,
  SyntaxFault,
} from '@switchhook/sip';
import { byeless } from './server.ts';
import type { ServerSound } from './server-sound.ts';

/** Milliseconds that somebody may take to be taken over: his telephone does it, and nobody has to pick up. */
const takeoverTime = 30_000;

/** A subscriber, as the exchange has proved him. */
export interface ProvenCaller {
  readonly user: string;
  readonly uri: SipUri;
}

/** Who calls or refers, if it is a subscriber of that domain for whom the exchange vouches. */
export function subscriberOf({ address, asserted }: Caller, domain: string): ProvenCaller | undefined {
  const { uri } = address;
  if (!asserted || !(uri instanceof SipUri) || uri.user === undefined || uri.host !== domain) return undefined;
  return { user: uri.user, uri };
}

/**
 * Why a REFER is not one that takes somebody over (RFC 5359 2.3, 2.15); undefined where it is. Who is referred to replaces a
 * party of a call, and whoever refers says so in his own name: the far end goes by it (RFC 3892).
 */
export function refusalOf(
  { reference, referredBy, message }: Pick<IncomingReferral, 'reference' | 'referredBy' | 'message'>,
  by: ProvenCaller,
): Refusal | undefined {
  if (reference.method !== 'INVITE' || reference.replaces === undefined) {
    return { status: 403, reason: 'Refer-To Replaces Nobody' };
  }
  if (referredBy !== undefined && !isNamedBy(referredBy, by, message.get(From))) {
    return { status: 403, reason: 'Referred-By Is Somebody Else' };
  }
  return undefined;
}

/** Whether it is the proved caller; by another name of his domain's, where he says From by that, too, which was proved then. */
function isNamedBy({ uri }: NameAddr, by: ProvenCaller, from: NameAddr | SyntaxFault | undefined): boolean {
  if (!(uri instanceof SipUri)) return false;
  const said = from instanceof NameAddr && from.uri instanceof SipUri && from.uri.user === by.user ? from.uri : by.uri;
  return [by.uri, said].some(({ addressOfRecord }) => addressOfRecord === uri.addressOfRecord);
}

export interface Refusal {
  readonly status: number;
  readonly reason: string;
}

/** What a takeover is made with. */
export interface TakeoverParts {
  readonly sessions: InviteSessions;
  readonly sound: ServerSound;
  readonly by: ProvenCaller;
  /** Who this side is to the one who is taken over; the address of the server without it. */
  readonly from?: NameAddr | undefined;
}

/** Who was taken over. */
export interface Taken {
  readonly invite: OutgoingInvite;
  readonly session: InviteSession;
}

/**
 * Does what a REFER asks for: an INVITE with its Replaces to who is held or parked, in which this side plays. Who refers is
 * told how it goes, and in the end the dialog that has come of it, by which he can take the other one back.
 */
export async function takeOver(referral: IncomingReferral, parts: TakeoverParts): Promise<Taken | undefined> {
  const { sessions, sound, by, from } = parts;
  const { reference } = referral;
  if (!referral.accept()) return undefined;
  const secure = isSecure(reference.uri);
  const invite = sessions.invite(
    {
      target: reference.uri,
      from,
      headers: takeoverHeaders(referral, by),
      contactParameters: byeless,
      ringTime: takeoverTime,
    },
    sound.open(secure),
  );
  invite.listen((event) => {
    if (event.kind === 'progress') referral.progress(event.response.status, event.response.reason);
  });
  const outcome = await invite.outcome;
  if (outcome.kind === 'answered') {
    referral.finish(200, 'OK', referredDialogOf(outcome.session.dialog));
    return { invite, session: outcome.session };
  }
  const { status, reason } = refusalIn(outcome);
  referral.finish(status, reason);
  return undefined;
}

function takeoverHeaders({ headers, referredBy, reference }: IncomingReferral, by: ProvenCaller): HeaderInit[] {
  const isRequired = reference.headers.some(
    ([name, value]) => name === 'Require' && String(value).toLowerCase().includes('replaces'),
  );
  return [
    ...headers,
    ...(isRequired ? [] : [['Require', 'replaces'] as const]),
    ...(referredBy === undefined ? [headerField(ReferredBy, NameAddr.of({ uri: by.uri }))] : []),
  ];
}

function refusalIn(outcome: Exclude<InviteOutcome, { kind: 'answered' }>): Refusal {
  switch (outcome.kind) {
    case 'refused':
    case 'redirected':
      return { status: outcome.response.status, reason: outcome.response.reason };
    case 'no-answer':
    case 'cancelled':
    case 'replaced':
      return { status: 408, reason: 'Request Timeout' };
    case 'unreachable':
      return { status: outcome.failure.status, reason: outcome.failure.message };
    case 'no-media':
    case 'media':
      return { status: 488, reason: 'Not Acceptable Here' };
  }
}
