import { Event, SipFragment, SyntaxFault } from '@switchhook/sip';
import type { SaidMessage } from '../conversation/conversation.ts';
import { directionOfSession, sessionDescriptionOf } from '../conversation/session-description.ts';
import type { FlowMessage } from '../oracle/flow-schema.ts';
import type { Binding } from './binding.ts';
import { isRequest, isResponse } from './hops.ts';
import type { Hops, SaidRequest, SaidResponse } from './hops.ts';
import { isSuppressed } from './suppression.ts';

/**
 * Tolerances (ERRATA.md, T1 to T25) for what the flow does not have. The others are in what they allow: T3 and T9 in the
 * expectations themselves, T4, T7 and T8 in the edges of the partial order, T10, T12 and T14 in what is not compared, T11
 * in R-SDP, T15 and T17 in Contact, T16 in the binding of a REFER, T18 in what is looked at, T21 in the repetitions, T22 in
 * `withTeardownBy`, T23 in R-NEW.
 */
export function toleranceFor(said: SaidMessage, binding: Binding, hops: Hops): string | undefined {
  if (isResponse(said)) return responseTolerance(said, binding, hops);
  return isRequest(said) ? requestTolerance(said, binding, hops) : undefined;
}

const interleaved: ReadonlySet<string> = new Set(['REGISTER', 'OPTIONS', 'INFO', 'PUBLISH']);

function requestTolerance(said: SaidRequest, binding: Binding, hops: Hops): string | undefined {
  const { message } = said;
  if (interleaved.has(message.method)) return 'T19';
  const status = hops.finalTo(said)?.message.status;
  if (status === 401 || status === 407) return wasRepeated(said, binding) ? 'T13' : undefined;
  switch (message.method) {
    case 'PRACK':
      return 'T2';
    case 'ACK':
      return acknowledged(said, binding, hops);
    case 'INVITE':
    case 'UPDATE':
      return isRefresh(said, binding) ? 'T19' : undefined;
    case 'SUBSCRIBE':
    case 'NOTIFY':
      return eventTolerance(said, binding);
    case 'BYE':
      return crossedCancel(said, binding, hops) ? 'T6' : endsFork(said, binding, hops) ? 'T24' : undefined;
    default:
      return undefined;
  }
}

function responseTolerance(said: SaidResponse, binding: Binding, hops: Hops): string | undefined {
  const { status, cseqMethod } = said.message;
  if (status === 100) return 'T1';
  const request = hops.requestOf(said);
  if (request === undefined) return undefined;
  if (status < 200) return cseqMethod === 'INVITE' ? (status === 199 ? 'T24' : 'T2') : undefined;
  const isOfFlow = [...binding.matched.values()].includes(request);
  // What answers a tolerated request is tolerated with it, whatever the answer.
  if (!isOfFlow) return requestTolerance(request, binding, hops);
  return cseqMethod === 'INVITE' && wasCancelled(request, binding) ? 'T6' : undefined;
}

/** The same request once more, with credentials. */
function wasRepeated({ from, to, message, time }: SaidRequest, binding: Binding): boolean {
  return binding.messages.some(
    (other) =>
      isRequest(other) &&
      other.from === from &&
      other.to === to &&
      other.time >= time &&
      other.message !== message &&
      other.message.method === message.method &&
      other.message.callId === message.callId &&
      other.message.cseqNumber > message.cseqNumber &&
      (other.message.has('Authorization') || other.message.has('Proxy-Authorization')),
  );
}

/** An ACK goes with the final response that it acknowledges. */
function acknowledged(said: SaidRequest, binding: Binding, hops: Hops): string | undefined {
  const invite = binding
    .before(said)
    .findLast(
      (other): other is SaidRequest =>
        isRequest(other) &&
        other.from === said.from &&
        other.to === said.to &&
        other.message.method === 'INVITE' &&
        other.message.callId === said.message.callId &&
        other.message.cseqNumber === said.message.cseqNumber,
    );
  const final = invite === undefined ? undefined : hops.finalTo(invite);
  return final === undefined ? undefined : responseTolerance(final, binding, hops);
}

/** A re-INVITE or UPDATE that changes no stream (RFC 4028), or carries no description at all. */
function isRefresh(said: SaidRequest, binding: Binding): boolean {
  if (said.message.toTag === undefined) return false;
  const description = sessionDescriptionOf(said.message);
  if (description === undefined) return true;
  const previous = binding
    .before(said)
    .filter(({ from, message }) => from === said.from && message?.callId === said.message.callId)
    .map(({ message }) => (message === undefined ? undefined : sessionDescriptionOf(message)))
    .findLast((each) => each !== undefined);
  return previous !== undefined && directionOfSession(previous) === directionOfSession(description);
}

function eventTolerance({ message }: SaidRequest, binding: Binding): string | undefined {
  const event = message.get(Event);
  if (event === undefined || event instanceof SyntaxFault) return undefined;
  const ofFlow = binding.flow.messages.filter(({ expect }) => expect.event?.package === event.type);
  if (ofFlow.length === 0) return 'T19';
  const isOfDialog = binding.flow.dialogs.some(({ id }) => binding.dialog(id)?.callId === message.callId);
  if (message.method === 'SUBSCRIBE') return isOfDialog && message.toTag !== undefined ? 'T19' : undefined;
  if (event.type === 'dialog') return 'T20';
  const fragment = SipFragment.parse(message.body);
  const status = fragment instanceof SyntaxFault ? undefined : fragment.status;
  return status !== undefined && status < 200 ? 'T5' : undefined;
}

function wasCancelled(request: SaidRequest, binding: Binding): boolean {
  return binding.messages.some(
    (other) =>
      isRequest(other) &&
      other.message.method === 'CANCEL' &&
      other.message.callId === request.message.callId &&
      other.message.cseqNumber === request.message.cseqNumber &&
      other.from === request.from,
  );
}

/** The answer crossed the CANCEL: the session that it made is ended again (RFC 3261 15). */
function crossedCancel({ message, from }: SaidRequest, binding: Binding, hops: Hops): boolean {
  return binding.messages.filter(isRequest).some((invite) => {
    const isOfCall =
      invite.message.method === 'INVITE' && invite.message.callId === message.callId && invite.from === from;
    return isOfCall && wasCancelled(invite, binding) && (hops.finalTo(invite)?.message.status ?? 0) === 200;
  });
}

/** The caller hangs up a branch that answered too late. */
function endsFork({ message }: SaidRequest, binding: Binding, hops: Hops): boolean {
  const tags = new Set(
    binding.messages
      .filter(isResponse)
      .filter((each) => each.message.cseqMethod === 'INVITE' && each.message.callId === message.callId)
      .filter((each) => each.message.status === 200 && hops.requestOf(each)?.message.toTag === undefined)
      .map((each) => each.message.toTag),
  );
  return tags.size > 1 && tags.has(message.toTag);
}

/** Why a message of the flow may be missing; undefined when it may not. */
export function toleranceForAbsence(message: FlowMessage, binding: Binding, hops: Hops): string | undefined {
  const { kind, method, status, expect, forwards, dialog } = message;
  if (message.optional) return status === 100 ? 'T1' : 'T2';
  if (kind === 'response' && method === 'INVITE' && status !== null && status < 200) {
    return forwards !== undefined && binding.matched.has(forwards) ? undefined : 'T2';
  }
  if (expect.sipfrag?.class === 1 && hasFinalNotify(dialog, binding)) return 'T5';
  if (tellsOnlySuppressed(message, binding)) return 'T25';
  if (status === 487 || (message.ackKind === 'non-2xx' && answeredBy(message.acks, binding) === 487)) {
    const invite = binding.flow.messages.find(({ f }) => f === message.acks)?.answers ?? message.answers;
    const said = invite === undefined ? undefined : binding.matched.get(invite);
    const final = said !== undefined && isRequest(said) ? hops.finalTo(said)?.message.status : undefined;
    return final !== undefined && final !== 487 && said !== undefined && isRequest(said) && wasCancelled(said, binding)
      ? 'T6'
      : undefined;
  }
  return undefined;
}

/** A subscription is ended by a NOTIFY all the same (RFC 6665 4.1.2.3). */
function tellsOnlySuppressed(message: FlowMessage, binding: Binding): boolean {
  const { dialogInfo: { dialogs } = { dialogs: [] }, subscriptionState } = message.expect;
  if (dialogs.length === 0 || subscriptionState?.state === 'terminated') return false;
  return dialogs.every((dialog) => isSuppressed(dialog, message, binding));
}

function answeredBy(f: string | undefined, binding: Binding): number | null | undefined {
  return binding.flow.messages.find((each) => each.f === f)?.status;
}

function hasFinalNotify(dialog: string | null, binding: Binding): boolean {
  return binding.flow.messages.some(
    (each) => each.dialog === dialog && each.expect.sipfrag?.class === 2 && binding.matched.has(each.f),
  );
}
