import { NameAddr, SipRequest, To } from '@switchhook/sip';
import type { SipMessage } from '@switchhook/sip';
import type { Complaint, Exhibit } from '../examination.ts';
import { isRequest } from '../hops.ts';
import { branchOf } from '../repetitions.ts';
import { routesIn } from '../route-list.ts';
import { same, sameTag, viasOf } from './responses.ts';

/** R-ACK2: the ACK to a 2xx is a transaction of its own, with the number of its INVITE (RFC 3261 13.2.2.4). */
export function* acknowledgesSuccess({ expected, message, binding }: Exhibit): Iterable<Complaint> {
  const invite = inviteOf(expected.acks, binding);
  if (invite === undefined) return;
  yield* same('cseqNumber', String(invite.cseqNumber), String(message.cseqNumber));
  if (branchOf(message) === branchOf(invite)) {
    yield { key: 'branch', expected: 'a new branch', found: `${branchOf(message)}, which is the INVITE's` };
  }
}

/** R-ACKN: the ACK to a failure belongs to the transaction of its INVITE, hop by hop (RFC 3261 17.1.1.3). */
export function* acknowledgesFailure({ expected, message, binding }: Exhibit): Iterable<Complaint> {
  const response = expected.acks === undefined ? undefined : binding.message(expected.acks);
  const invite = inviteOf(expected.acks, binding);
  if (!(message instanceof SipRequest) || response === undefined || invite === undefined) return;
  yield* ofTransaction(message, invite);
  yield* sameTo(response, message);
  const routes = (of: SipMessage): string =>
    routesIn(of, 'Route')
      .map(({ text }) => text)
      .join(', ') || 'no Route';
  yield* same('route', routes(invite), routes(message));
}

/** R-CANCEL: a CANCEL is its request over again, and comes after a provisional response (RFC 3261 9.1). */
export function* cancelsRequest({ expected, message, said, binding, hops }: Exhibit): Iterable<Complaint> {
  const cancelled = expected.cancels === undefined ? undefined : binding.matched.get(expected.cancels);
  if (!(message instanceof SipRequest) || cancelled === undefined || !isRequest(cancelled)) return;
  yield* ofTransaction(message, cancelled.message);
  yield* sameTo(cancelled.message, message);
  const provisional = hops.responsesTo(cancelled).find((response) => response.message.status < 200);
  if (provisional === undefined || (provisional.arrived ?? provisional.time) > said.time) {
    yield { key: 'order', expected: 'a provisional response before the CANCEL', found: 'none' };
  }
}

/** Display names and angle brackets do not matter when addresses are compared (RFC 3261 20.20, 20.39). */
function* sameTo(one: SipMessage, other: SipMessage): Iterable<Complaint> {
  const [wanted, found] = [one.get(To), other.get(To)];
  const isSame =
    wanted instanceof NameAddr &&
    found instanceof NameAddr &&
    wanted.uri.toString() === found.uri.toString() &&
    wanted.parameters.get('tag') === found.parameters.get('tag');
  if (!isSame) yield* same('to', one.raw(To) ?? 'none', other.raw(To) ?? 'none');
}

function* ofTransaction(message: SipRequest, invite: SipRequest): Iterable<Complaint> {
  yield* same('branch', branchOf(invite), branchOf(message));
  yield* same('requestUri', invite.requestUriText, message.requestUriText);
  yield* same('callId', invite.callId, message.callId);
  yield* same('cseqNumber', String(invite.cseqNumber), String(message.cseqNumber));
  yield* sameTag('From', invite.fromTag, message.fromTag);
  yield* same('from', invite.raw('From') ?? 'none', message.raw('From') ?? 'none');
  yield* same('viaCount', '1', String(viasOf(message).length));
}

function inviteOf(f: string | undefined, binding: Exhibit['binding']): SipRequest | undefined {
  const answers = binding.flow.messages.find((each) => each.f === f)?.answers;
  const invite = answers === undefined ? undefined : binding.message(answers);
  return invite instanceof SipRequest ? invite : undefined;
}
