import { directionOfSession, isOldHold, sessionDescriptionOf } from '../../conversation/session-description.ts';
import type { SessionDescription } from '../../conversation/session-description.ts';
import type { Complaint, Exhibit, RuleCheck } from '../examination.ts';
import { strengthOfOldHold } from '../strangers.ts';

/** What the offer or answer in a message says. */
export const sessionExpectations = {
  *sdp({ flow, expected, message, said, binding, tolerate }) {
    const wanted = expected.expect.sdp;
    if (wanted === undefined) return;
    const description = sessionDescriptionOf(message);
    if (description === undefined) {
      yield {
        key: 'sdp',
        expected: `an ${wanted.role}`,
        found: message.body === '' ? 'no body' : 'no description that reads',
      };
      return;
    }
    const direction = directionOfSession(description);
    const allowed: readonly string[] = wanted.allowed ?? [wanted.direction];
    const isOfHold = allowed.includes('inactive');
    // Each stream is held and resumed with the others (RFC 3264 8.4); one that is refused has no direction.
    const standing = description.media.filter(({ port }) => port !== 0);
    const other =
      standing.length === 0 ? direction : standing.find((each) => !allowed.includes(each.direction))?.direction;
    if (other !== undefined && !allowed.includes(other)) {
      yield { key: 'sdp.direction', expected: allowed.join(' or '), found: other };
    } else if (isOfHold && direction !== wanted.direction) tolerate('T9');
    const answered = flow.messages.find(({ f }) => f === expected.answers);
    const offer = answered === undefined ? undefined : binding.message(answered.f);
    const offered = offer === undefined ? undefined : sessionDescriptionOf(offer);
    if (wanted.role === 'answer' && offered !== undefined) {
      // To an inactive offer nothing but inactive is an answer (RFC 3264 6.1); a stream is answered, not dropped.
      if (directionOfSession(offered) === 'inactive' && direction !== 'inactive') {
        yield { key: 'sdp.direction', expected: 'inactive, as was offered', found: direction };
      }
      if (offered.media.length !== description.media.length) {
        const [before, after] = [offered.media.length, description.media.length];
        yield { key: 'sdp.streams', expected: `${before} streams`, found: `${after}` };
      }
      yield* commonFormats(offered, description);
    }
    if (isOldHold(description)) {
      const strength = strengthOfOldHold(said, binding);
      yield { key: 'sdp.address', expected: 'an address of its own', found: '0.0.0.0', strength };
    }
    yield* mediaPort(wanted.mediaPort, description.media[0]?.port, binding, expected.from);
  },
} satisfies Record<string, RuleCheck>;

/** A stream is accepted with one format at least of those that were offered (RFC 3264 6.1). */
function* commonFormats(offered: SessionDescription, answer: SessionDescription): Iterable<Complaint> {
  for (const [place, { port, formats }] of answer.media.entries()) {
    const all = offered.media[place]?.formats ?? formats;
    if (port === 0 || formats.some((format) => all.includes(format))) continue;
    yield { key: 'sdp.formats', expected: `one of ${all.join(', ')}`, found: formats.join(', ') };
  }
}

/** `distinct-from D`: another port than the same party has in dialog D. */
function* mediaPort(
  wanted: string | undefined,
  port: number | undefined,
  binding: Exhibit['binding'],
  from: string,
): Iterable<Complaint> {
  const other = /^distinct-from (\S+)$/.exec(wanted ?? '')?.[1];
  const dialog = other === undefined ? undefined : binding.dialog(other);
  if (dialog === undefined) return;
  const said = binding.messages
    .filter((each) => each.from === from && each.message?.callId === dialog.callId)
    .map(({ message }) => (message === undefined ? undefined : sessionDescriptionOf(message)))
    .find((each) => each !== undefined);
  if (said?.media[0]?.port !== port || port === undefined) return;
  yield { key: 'sdp.mediaPort', expected: 'another port than in the other call', found: String(port) };
}
