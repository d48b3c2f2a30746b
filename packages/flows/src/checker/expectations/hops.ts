import { SipRequest, SipUri, SyntaxFault, Via } from '@switchhook/sip';
import type { SipMessage } from '@switchhook/sip';
import type { Relation } from '../../oracle/expectation-schema.ts';
import type { Complaint, Exhibit, RuleCheck } from '../examination.ts';
import { branchOf } from '../repetitions.ts';
import { routesIn } from '../route-list.ts';

/** What a message shows of its way and of its transaction. */
export const hopExpectations = {
  *viaCount({ expected, message, binding, tolerate }) {
    const wanted = expected.expect.viaCount;
    const vias = message.all(Via);
    if (wanted === undefined || vias instanceof SyntaxFault || vias.length === wanted) return;
    const hosts = binding.conversation.participants.flatMap((each) => each.hosts);
    const strangers = vias.filter(({ host }) => !hosts.includes(host)).length;
    // Hops that nobody watches may be on the way as well (T12).
    if (vias.length - strangers === wanted) tolerate('T12');
    else yield { key: 'viaCount', expected: `${wanted} Via`, found: String(vias.length) };
  },

  *recordRoute({ expected, message, binding }) {
    yield* passes('recordRoute', 'Record-Route', expected.expect.recordRoute, message, binding);
  },

  *route({ expected, message, binding }) {
    yield* passes('route', 'Route', expected.expect.route, message, binding);
  },

  *routeLr({ expected, message }) {
    if (expected.expect.routeLr === undefined) return;
    const tight = routesIn(message, 'Route').find(({ isLoose }) => !isLoose);
    if (tight !== undefined) yield { key: 'routeLr', expected: 'a Route with lr', found: tight.text };
  },

  *maxForwards({ expected, message, binding }) {
    const wanted = expected.expect.maxForwards;
    if (wanted === undefined) return;
    const found = message.maxForwards;
    if (found === undefined) yield { key: 'maxForwards', expected: 'Max-Forwards', found: 'none' };
    const before = expected.forwards === undefined ? undefined : binding.message(expected.forwards)?.maxForwards;
    if (wanted === 'decremented' && before !== undefined && found !== before - 1) {
      yield { key: 'maxForwards', expected: String(before - 1), found: String(found) };
    }
  },

  *branch({ expected, message, binding }) {
    const acknowledged = binding.flow.messages.find(({ f }) => f === expected.acks)?.answers;
    yield* related('branch', expected.expect.branch, acknowledged, branchOf(message), binding, branchOf);
  },

  *cseqNumber({ expected, message, binding }) {
    const number = (of: Exhibit['message']): string => String(of.cseqNumber);
    const wanted = expected.expect.cseqNumber;
    const relation = wanted === undefined || wanted === 'new' ? undefined : wanted;
    if (relation !== undefined && 'greaterThan' in relation) {
      const other = binding.message(relation.greaterThan);
      // Another call counts for itself (T23).
      if (other === undefined || other.callId !== message.callId || message.cseqNumber > other.cseqNumber) return;
      yield { key: 'cseqNumber', expected: `more than ${other.cseqNumber}`, found: number(message) };
      return;
    }
    yield* related('cseqNumber', wanted, undefined, number(message), binding, number);
  },

  *toTagSameAs({ expected, message, binding }) {
    const f = expected.expect.toTagSameAs;
    const other = f === undefined ? undefined : binding.message(f);
    if (other === undefined || other.toTag === message.toTag) return;
    yield { key: 'toTagSameAs', expected: other.toTag ?? 'none', found: message.toTag ?? 'none' };
  },

  *toTagDistinctFrom({ expected, message, binding }) {
    for (const f of expected.expect.toTagDistinctFrom ?? []) {
      const other = binding.message(f);
      if (other?.toTag === undefined || other.toTag !== message.toTag) continue;
      yield { key: 'toTagDistinctFrom', expected: `another To tag than ${f} has`, found: other.toTag };
    }
  },

  /** A dialog that began with sips never shows a Contact or a route of sip (T12, RFC 5630 3). */
  *scheme({ expected, message, binding }) {
    const dialog = binding.flow.dialogs.find(({ id }) => id === expected.dialog);
    const opening = dialog === undefined ? undefined : binding.message(dialog.createdBy);
    if (!(opening instanceof SipRequest) || schemeOf(opening.requestUri) !== 'sips') return;
    const found = [message.rawAll('Contact'), message.rawAll('Record-Route'), message.rawAll('Route')].flat();
    const bare = found.find((text) => /(^|<)\s*sip:/i.test(text));
    if (bare !== undefined) yield { key: 'scheme', expected: 'sips', found: bare };
    if (message instanceof SipRequest && schemeOf(message.requestUri) === 'sip') {
      yield { key: 'scheme', expected: 'sips', found: message.requestUriText };
    }
  },
} satisfies Record<string, RuleCheck>;

function schemeOf(uri: unknown): string | undefined {
  return uri instanceof SipUri ? uri.scheme : undefined;
}

/** Each proxy that is named is among the entries, in that order; more may be (T12). */
function* passes(
  key: string,
  name: 'Route' | 'Record-Route',
  wanted: readonly string[] | undefined,
  message: SipMessage,
  binding: Exhibit['binding'],
): Iterable<Complaint> {
  if (wanted === undefined) return;
  const entries = routesIn(message, name);
  for (const proxy of wanted) {
    if (entries.some(({ host }) => binding.isHostOf(proxy, host))) continue;
    const found = entries.map(({ text }) => text).join(', ') || 'none';
    yield { key, expected: `${name} with ${proxy}`, found };
  }
}

/** `new` is different from what the message acknowledges. */
function* related(
  key: string,
  wanted: Relation | undefined,
  acknowledged: string | undefined,
  found: string,
  binding: Exhibit['binding'],
  read: (message: Exhibit['message']) => string,
): Iterable<Complaint> {
  if (wanted === undefined) return;
  const [f, isSame] =
    wanted === 'new'
      ? [acknowledged, false]
      : 'sameAs' in wanted
        ? [wanted.sameAs, true]
        : ['differsFrom' in wanted ? wanted.differsFrom : undefined, false];
  const other = f === undefined ? undefined : binding.message(f);
  if (f === undefined || other === undefined) return;
  const value = read(other);
  if ((value === found) === isSame) return;
  yield { key, expected: isSame ? value : `another than ${value} of ${f}`, found };
}
