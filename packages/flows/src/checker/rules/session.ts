import type { SipMessage } from '@switchhook/sip';
import { sessionDescriptionOf } from '../../conversation/session-description.ts';
import type { SessionDescription } from '../../conversation/session-description.ts';
import type { Complaint, Exhibit } from '../examination.ts';

/** R-SDP: o= of one party in one session stays, and its version counts (RFC 3264 8). Streams are never lost or reordered. */
export function* describesSession({ expected, message, said, binding, tolerate }: Exhibit): Iterable<Complaint> {
  const { sdp } = expected.expect;
  const description = sessionDescriptionOf(message);
  if (sdp === undefined || description === undefined) return;
  if (sdp.version === 'unchanged-by-proxy') {
    const input = expected.forwards === undefined ? undefined : binding.message(expected.forwards);
    if (input !== undefined && input.body !== message.body) {
      yield { key: 'sdp.version', expected: 'the description as it came to the proxy', found: 'another' };
    }
    return;
  }
  if (sdp.version === 'initial') return;
  const previous = previousOf(
    message,
    binding
      .before(said)
      .filter(({ from }) => from === said.from)
      .map((each) => each.message),
  );
  if (previous === undefined) return;
  if (description.sessionId !== previous.sessionId) {
    yield { key: 'sdp.version', expected: `session ${previous.sessionId}`, found: `session ${description.sessionId}` };
  }
  const far = previousOf(
    message,
    binding
      .before(said)
      .filter(({ from }) => from !== said.from)
      .map((each) => each.message),
  );
  yield* sameStreams(previous, description, far);
  const isUnchanged = description.text === previous.text;
  const next = isUnchanged ? previous.version : previous.version + 1n;
  if (description.version === next) {
    if (isUnchanged === (sdp.version === 'incremented')) tolerate('T11');
    return;
  }
  yield { key: 'sdp.version', expected: `version ${next}`, found: `version ${description.version}` };
}

/** What a party said before in the same session: later calls after a redirection go on with it (R-SDP `same`). */
function previousOf(message: SipMessage, said: readonly (SipMessage | undefined)[]): SessionDescription | undefined {
  const ofCall = said.filter((each) => each !== undefined && each.callId === message.callId);
  return ofCall
    .map((each) => (each === undefined ? undefined : sessionDescriptionOf(each)))
    .findLast((description) => description !== undefined);
}

/** None is lost that both sides have: what the far end has refused, or ends with its offer, is no more. */
function* sameStreams(
  previous: SessionDescription,
  next: SessionDescription,
  far: SessionDescription | undefined,
): Iterable<Complaint> {
  const kinds = (of: SessionDescription): string => of.media.map(({ kind }) => kind).join(', ');
  if (!kinds(next).startsWith(kinds(previous))) {
    yield { key: 'sdp.streams', expected: kinds(previous), found: kinds(next) };
    return;
  }
  const lost = previous.media.find(
    ({ port }, place) => port !== 0 && next.media[place]?.port === 0 && (far?.media[place]?.port ?? 0) !== 0,
  );
  if (lost !== undefined) yield { key: 'sdp.streams', expected: `the ${lost.kind} stream`, found: 'port 0' };
}
