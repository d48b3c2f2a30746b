import { SipRequest, SipUri } from '@switchhook/sip';
import { isSameAddress } from '../binding.ts';
import type { Complaint, Exhibit } from '../examination.ts';
import { isRequest } from '../hops.ts';
import { routesIn } from '../route-list.ts';
import { same, sameTag } from './responses.ts';

/** R-INDIALOG: a request within a dialog has its tags, goes to its remote target by its route set, and counts on (RFC 3261 12.2). */
export function* withinDialog(exhibit: Exhibit): Iterable<Complaint> {
  const { expected, message, binding, tolerate } = exhibit;
  const dialog = binding.dialogOf(expected);
  if (!(message instanceof SipRequest) || dialog === undefined) return;
  if (binding.isOutsideSession(expected)) {
    tolerate('T16');
    return;
  }
  const { from, to } = expected.expect.tags;
  yield* same('callId', dialog.callId, message.callId);
  yield* sameTag('From', dialog.tags.get(from) ?? message.fromTag ?? 'a tag', message.fromTag);
  if (to !== null) yield* sameTag('To', dialog.tags.get(to) ?? message.toTag ?? 'a tag', message.toTag);
  yield* toRemoteTarget(exhibit);
  yield* byRouteSet(exhibit);
  yield* countsOn(exhibit);
}

function* toRemoteTarget({ expected, message, said, binding }: Exhibit): Iterable<Complaint> {
  const dialog = binding.dialogOf(expected);
  const to = expected.expect.tags.to;
  if (!(message instanceof SipRequest) || dialog === undefined || to === null) return;
  const target = binding.remoteTarget(dialog, to, said);
  const uri = message.requestUri;
  if (target === undefined || (uri instanceof SipUri && uri.equals(target))) return;
  // The proxy of its domain puts the phone in the place of a GRUU (RFC 5627 5.1).
  const isResolved = expected.forwards !== undefined && target instanceof SipUri && target.parameters.has('gr');
  if (isResolved && binding.contactsOf(to).some((contact) => isSameAddress(contact, uri))) return;
  yield { key: 'requestUri', expected: `the remote target ${target.toString()}`, found: message.requestUriText };
}

/** What the dialog's first answer gave as Record-Route, in the order of its caller or of its called (RFC 3261 12.1). */
function* byRouteSet({ flow, expected, message, binding }: Exhibit): Iterable<Complaint> {
  // A proxy takes its own entry away; what it leaves is looked at by R-FWD-REQ.
  if (expected.forwards !== undefined) return;
  const dialog = flow.dialogs.find(({ id }) => id === expected.dialog);
  if (dialog === undefined) return;
  const isCaller = expected.from === dialog.caller;
  const sources = isCaller
    ? flow.messages.filter((each) => each.answers === dialog.createdBy && each.dialog === dialog.id).reverse()
    : flow.messages.filter((each) => each.kind === 'request' && each.to === dialog.callee && each.dialog === dialog.id);
  const source = sources.map(({ f }) => binding.message(f)).find((each) => each !== undefined);
  if (source === undefined) return;
  const recorded = routesIn(source, 'Record-Route');
  const routes = isCaller ? recorded.toReversed() : recorded;
  // A server may stand behind a proxy on its own machine, and hops that nobody sees (T12): those are behind it already.
  const own = routes.findLastIndex(({ host }) => binding.isHostOfOnly(expected.from, host));
  const wanted = routes.slice(own + 1).map(({ text }) => text);
  const found = routesIn(message, 'Route').map(({ text }) => text);
  yield* same('route', wanted.join(', ') || 'no Route', found.join(', ') || 'no Route');
}

/** CSeq goes up with every request of one side but ACK and CANCEL. */
function* countsOn({ message, said, binding }: Exhibit): Iterable<Complaint> {
  if (!(message instanceof SipRequest) || message.method === 'ACK' || message.method === 'CANCEL') return;
  const earlier = binding
    .before(said)
    .filter(isRequest)
    .filter((other) => other.from === said.from && other.to === said.to && other.message.callId === message.callId)
    .filter((other) => other.message.fromTag === message.fromTag && !['ACK', 'CANCEL'].includes(other.message.method));
  const highest = Math.max(...earlier.map((other) => other.message.cseqNumber), -1);
  if (message.cseqNumber > highest) return;
  yield { key: 'cseqNumber', expected: `more than ${highest}`, found: String(message.cseqNumber) };
}
