import { NameAddr, ReferTo, SipUri } from '@switchhook/sip';
import type { SipMessage } from '@switchhook/sip';
import type { Complaint, Exhibit, RuleCheck } from '../examination.ts';
import { referBefore } from './references.ts';

/** Option tags, methods and header fields that are there or are not. */
export const optionExpectations = {
  *require(exhibit) {
    const { expected, message } = exhibit;
    if (!message.has('Require') && isReferredWithout(exhibit)) return;
    yield* includes('require', 'Require', expected.expect.require, message);
  },

  *supported({ expected, message }) {
    yield* includes('supported', 'Supported', expected.expect.supported, message);
  },

  *allowIncludes({ expected, message }) {
    yield* includes('allowIncludes', 'Allow', expected.expect.allowIncludes, message);
  },

  *absent({ expected, message }) {
    for (const name of expected.expect.absent ?? []) {
      if (message.has(name)) yield { key: 'absent', expected: `no ${name}`, found: message.raw(name) ?? '' };
    }
  },

  *statusAccept({ expected, message }) {
    const wanted = expected.expect.statusAccept;
    if (wanted === undefined || !('status' in message) || wanted.includes(message.status)) return;
    yield { key: 'statusAccept', expected: wanted.join(' or '), found: String(message.status) };
  },
} satisfies Record<string, RuleCheck>;

/** What a REFER does not want to be required is not (RFC 3261 19.1.5): the REFER has to answer for that. */
function isReferredWithout({ said, binding }: Exhibit): boolean {
  const target = referBefore(said, binding)?.get(ReferTo);
  const headers = target instanceof NameAddr && target.uri instanceof SipUri ? target.uri.headers : undefined;
  return headers?.get('Replaces') !== undefined && headers.get('Require') === undefined;
}

function* includes(
  key: string,
  header: string,
  wanted: readonly string[] | undefined,
  message: SipMessage,
): Iterable<Complaint> {
  const found = message.rawAll(header);
  for (const tag of wanted ?? []) {
    if (found.some((each) => each.toLowerCase() === tag.toLowerCase())) continue;
    yield { key, expected: `${header}: ${tag}`, found: found.join(', ') || 'none' };
  }
}
