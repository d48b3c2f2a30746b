import type { SaidMessage } from '../conversation/conversation.ts';
import type { FlowDescription, FlowMessage } from '../oracle/flow-schema.ts';
import type { Binding } from './binding.ts';
import type { Examination } from './examination.ts';
import { strengthFor } from './strangers.ts';

/**
 * Edges of the partial order that a flow's own tolerances leave open, as `flow: later < earlier`: the re-INVITE of a mixer
 * before or after the third party answers, and a subscription that stood before.
 */
const openEdges: ReadonlySet<string> = new Set(['2.10: F8 < F7', '2.11: F10 < F8', '2.15: F16 < F14', '2.16: F3 < F2']);

export function isOpenEdge(flow: string, f: string, cause: string): boolean {
  return openEdges.has(`${flow}: ${f} < ${cause}`);
}

/** Holds every effect against its causes. Nothing but the edges of the flow is asserted (T7, T8). */
export function checkOrder(binding: Binding, examination: Examination): void {
  const { flow, matched } = binding;
  for (const message of flow.messages) {
    const said = matched.get(message.f);
    if (said === undefined) continue;
    for (const drawn of message.after) {
      const f = causeOf(flow, message, drawn);
      const cause = matched.get(f);
      if (cause === undefined || !comesFirst(said, cause, binding)) continue;
      if (isOpenEdge(flow.id, message.f, f)) {
        examination.tolerate('T8', message, said);
        continue;
      }
      const parts = { key: 'order', expected: `after ${f}`, found: `before ${f}` };
      const strength = acceptsAllTheSame(message, f, said, binding) ? strengthFor(said.from, binding) : 'must';
      examination.complain('order', message, said, { ...parts, strength });
    }
  }
}

/**
 * Whether somebody shuts down the dialog that an INVITE with Replaces names before he accepts that, and accepts it. RFC 3891 3 has the 200 first, and
 * asks with a MUST that the dialog stands where the INVITE cannot be accepted: nobody has lost anything here.
 */
function acceptsAllTheSame({ method, from }: FlowMessage, f: string, said: SaidMessage, binding: Binding): boolean {
  const { messages } = binding.flow;
  const answer = messages.find((each) => each.f === f);
  const invite = messages.find((each) => each.f === answer?.answers);
  const request = invite?.expect.replaces === undefined ? undefined : binding.matched.get(invite.f);
  const isShutDown = (method === 'BYE' || method === 'CANCEL') && answer?.from === from && answer.status === 200;
  return isShutDown && request !== undefined && !comesFirst(said, request, binding);
}

/**
 * What has to be before a message, of what its flow draws before it. A session is over with its BYE, not with the answer (RFC 3261
 * 15.1.1, 15.1.2): who has said or got that may go on in another dialog (T8).
 */
export function causeOf({ messages }: FlowDescription, { from, dialog }: FlowMessage, f: string): string {
  const messageOf = (number: string | undefined): FlowMessage | undefined => messages.find((each) => each.f === number);
  let cause = messageOf(f);
  if (cause?.dialog === dialog) return f;
  while (cause?.kind === 'response') {
    const isParty = cause.from === from || cause.to === from;
    cause = messageOf(isParty ? cause.answers : cause.forwards);
  }
  return cause?.method === 'BYE' ? cause.f : f;
}

function comesFirst(said: SaidMessage, cause: SaidMessage, binding: Binding): boolean {
  // Who has to have received the cause cannot have acted before it came.
  const known = cause.to === said.from ? (cause.arrived ?? cause.time) : cause.time;
  return (
    said.time < known ||
    (said.time === known && isOrderKnown(said, cause, binding) && binding.before(cause).includes(said))
  );
}

/** Of a device one knows when its messages were read: those to two of ours, within a millisecond, may have been in either order. */
function isOrderKnown(said: SaidMessage, cause: SaidMessage, { conversation }: Binding): boolean {
  const { strangers = [] } = conversation;
  return !strangers.includes(said.from) || said.from !== cause.from || said.to === cause.to;
}

/** What a message answers, forwards, acknowledges or cancels: without that it cannot be there. */
export function causesOf({ answers, forwards, acks, cancels }: FlowMessage): readonly string[] {
  return [answers, forwards, acks, cancels].filter((f) => f !== undefined);
}

export function isConsequence(message: FlowMessage, missing: ReadonlySet<string>): boolean {
  return causesOf(message).some((f) => missing.has(f));
}
