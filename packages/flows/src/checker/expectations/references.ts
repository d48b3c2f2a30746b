import {
  NameAddr,
  parseUri,
  ReferredBy,
  ReferSub,
  ReferTo,
  Replaces,
  SipRequest,
  SipUri,
  SyntaxFault,
} from '@switchhook/sip';
import type { Uri } from '@switchhook/sip';
import type { Reference } from '../../oracle/expectation-schema.ts';
import { isSameAddress } from '../binding.ts';
import type { Binding } from '../binding.ts';
import type { SaidMessage } from '../../conversation/conversation.ts';
import type { Complaint, Exhibit, RuleCheck } from '../examination.ts';
import { namesDialog } from '../rules/replacement.ts';
import { same } from '../rules/responses.ts';
import { isGruu, isTarget } from '../target.ts';

/** REFER, and the address that a text message carries. */
export const referenceExpectations = {
  *referTo(exhibit) {
    const wanted = exhibit.expected.expect.referTo;
    if (wanted === undefined) return;
    const value = exhibit.message.get(ReferTo);
    const { length } = exhibit.message.rawAll('Refer-To');
    if (length > 1) yield { key: 'referTo', expected: 'one Refer-To', found: String(length) };
    yield* refersTo('referTo', wanted, value instanceof NameAddr ? value.uri : undefined, exhibit);
  },

  *bodyUri(exhibit) {
    const wanted = exhibit.expected.expect.bodyUri;
    if (wanted === undefined) return;
    const text = /sips?:[^\s"'<>]+/i.exec(exhibit.message.body)?.[0] ?? '';
    // In HTML an ampersand is written as an entity.
    const uri = parseUri(text.replaceAll('&amp;', '&'));
    yield* refersTo('bodyUri', wanted, uri instanceof SyntaxFault ? undefined : uri, exhibit);
    if (wanted.escaped === true && /\?.*@/.test(text)) {
      yield { key: 'bodyUri.escaped', expected: 'header fields with @ as %40', found: text };
    }
  },

  *referredBy(exhibit) {
    const { expected, message, binding, said } = exhibit;
    const wanted = expected.expect.referredBy;
    if (wanted === undefined) return;
    const value = message.get(ReferredBy);
    const refer = message.cseqMethod === 'REFER' ? undefined : referBefore(said, binding);
    // What the REFER does not have, who follows it must not invent (RFC 3892 2.2).
    if (refer !== undefined && !refer.has('Referred-By')) {
      if (value !== undefined) {
        const found = message.raw('Referred-By') ?? 'none';
        yield { key: 'referredBy', expected: 'no Referred-By, as in the REFER', found };
      }
      return;
    }
    if (!(value instanceof NameAddr) || !(value.uri instanceof SipUri)) {
      const found = message.raw('Referred-By') ?? 'none';
      yield { key: 'referredBy', expected: 'Referred-By with a SIP URI', found };
      return;
    }
    yield* isTarget('referredBy', wanted, value.uri, exhibit);
    const original = refer?.get(ReferredBy);
    if (original instanceof NameAddr) yield* same('referredBy', original.uri.toString(), value.uri.toString());
  },

  *referSub({ expected, message, binding }) {
    const wanted = expected.expect.referSub;
    if (wanted === undefined) return;
    const value = message.get(ReferSub);
    const found = value === undefined || value instanceof SyntaxFault ? undefined : value.subscribe;
    if (found !== wanted) yield { key: 'referSub', expected: String(wanted), found: String(found ?? 'none') };
    // An address of record may fork, and who forks a REFER without a subscription never hears of the others.
    if (wanted || !(message instanceof SipRequest)) return;
    const home = binding.participant(expected.to)?.addressOfRecord;
    const uri = message.requestUri;
    if (home !== undefined && uri instanceof SipUri && isSameAddress(SipUri.parse(home), uri)) {
      yield* isGruu('referSub.gruu', uri);
    }
  },
} satisfies Record<string, RuleCheck>;

/** The REFER that a request may come of: the last that its sender has got before. */
export function referBefore(said: SaidMessage, binding: Binding): SipRequest | undefined {
  const refer = binding
    .before(said)
    .findLast(({ to, message }) => to === said.from && message instanceof SipRequest && message.method === 'REFER');
  return refer?.message instanceof SipRequest ? refer.message : undefined;
}

function* refersTo(key: string, wanted: Reference, uri: Uri | undefined, exhibit: Exhibit): Iterable<Complaint> {
  yield* isTarget(`${key}.target`, wanted.target, uri, exhibit);
  const headers = uri instanceof SipUri ? uri.headers : undefined;
  const required =
    headers
      ?.get('Require')
      ?.split(',')
      .map((tag) => tag.trim().toLowerCase()) ?? [];
  for (const tag of wanted.headers.require ?? []) {
    if (required.includes(tag)) continue;
    yield { key: `${key}.headers.require`, expected: `Require=${tag}`, found: required.join(', ') || 'none' };
  }
  const replaces = headers?.get('Replaces');
  if (wanted.headers.replaces === undefined) {
    if (replaces !== undefined) yield { key: `${key}.headers.replaces`, expected: 'no Replaces', found: replaces };
    return;
  }
  const found = replaces === undefined ? undefined : Replaces.parse(replaces);
  if (found === undefined || found instanceof SyntaxFault) {
    yield { key: `${key}.headers.replaces`, expected: 'Replaces', found: found?.reason ?? 'none' };
    return;
  }
  yield* namesDialog(`${key}.headers.replaces`, wanted.headers.replaces, found, exhibit.binding);
}
