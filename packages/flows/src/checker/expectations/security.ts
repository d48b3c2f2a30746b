import { ErrorInfo, ProxyAuthenticate, ProxyAuthorization, SipRequest, SyntaxFault } from '@switchhook/sip';
import type { Authentication, SipMessage } from '@switchhook/sip';
import type { CredentialsExpectation } from '../../oracle/expectation-schema.ts';
import type { Complaint, RuleCheck } from '../examination.ts';
import { same } from '../rules/responses.ts';
import { isTarget } from '../target.ts';

/** Challenges, credentials, and where the caller hears why he is refused. */
export const securityExpectations = {
  *proxyAuthenticate({ expected, message }) {
    const wanted = expected.expect.proxyAuthenticate;
    if (wanted === undefined) return;
    const challenges = message.all(ProxyAuthenticate);
    const digests = challenges instanceof SyntaxFault ? [] : challenges.filter(isDigest);
    if (digests.length === 0) yield { key: 'proxyAuthenticate', expected: 'a Digest challenge', found: 'none' };
    for (const challenge of digests) {
      yield* hasParameters('proxyAuthenticate', wanted, challenge);
      const algorithm = challenge.parameters.get('algorithm') ?? 'MD5';
      const known = ['SHA-512-256', ...(wanted.algorithm ?? [])];
      if (!known.includes(algorithm.toUpperCase())) {
        yield { key: 'proxyAuthenticate.algorithm', expected: known.join(' or '), found: algorithm };
      }
    }
  },

  *proxyAuthorization({ expected, message, binding }) {
    const wanted = expected.expect.proxyAuthorization;
    if (wanted === undefined) return;
    const value = message.get(ProxyAuthorization);
    // A proxy does not challenge an ACK: it repeats the credentials of its INVITE, or does without (E2.13-08).
    if (value === undefined && message.cseqMethod === 'ACK') return;
    if (value === undefined || value instanceof SyntaxFault) {
      yield { key: 'proxyAuthorization', expected: 'credentials', found: value?.reason ?? 'none' };
      return;
    }
    yield* hasParameters('proxyAuthorization', wanted, value);
    // What he is called by there need not be what he is called by elsewhere.
    if (wanted.username !== undefined && value.parameters.get('username') === undefined) {
      yield { key: 'proxyAuthorization.username', expected: `the user name of ${wanted.username}`, found: 'none' };
    }
    yield* issued('nonce', wanted.nonceFrom, value, binding.message(wanted.nonceFrom ?? ''));
    yield* issued('realm', wanted.realmFrom, value, binding.message(wanted.realmFrom ?? ''));
    if (wanted.qop !== undefined)
      yield* same('proxyAuthorization.qop', wanted.qop, value.parameters.get('qop') ?? 'none');
    if (wanted.sameAs === undefined && message instanceof SipRequest) {
      yield* same('proxyAuthorization.uri', message.requestUriText, value.parameters.get('uri') ?? 'none');
    }
    const original = wanted.sameAs === undefined ? undefined : binding.message(wanted.sameAs);
    if (original !== undefined) {
      const text = (of: SipMessage): string => of.raw(ProxyAuthorization) ?? 'none';
      yield* same('proxyAuthorization', text(original), text(message));
    }
  },

  *errorInfo(exhibit) {
    const { expected, message } = exhibit;
    const wanted = expected.expect.errorInfo;
    if (wanted === undefined) return;
    const value = message.get(ErrorInfo);
    const uri = value === undefined || value instanceof SyntaxFault ? undefined : value.uri;
    yield* isTarget('errorInfo', wanted.errorInfo === expected.f ? { contact: wanted.contact } : wanted, uri, exhibit);
  },
} satisfies Record<string, RuleCheck>;

function isDigest({ scheme }: Authentication): boolean {
  return scheme.toLowerCase() === 'digest';
}

function* hasParameters(key: string, wanted: CredentialsExpectation, found: Authentication): Iterable<Complaint> {
  if (!isDigest(found)) yield { key: `${key}.scheme`, expected: wanted.scheme, found: found.scheme };
  for (const name of wanted.present) {
    if (!found.parameters.has(name)) yield { key: `${key}.present.${name}`, expected: name, found: 'none' };
  }
  for (const name of wanted.absent ?? []) {
    if (found.parameters.has(name)) {
      yield { key: `${key}.absent.${name}`, expected: `no ${name}`, found: found.parameters.get(name) ?? '' };
    }
  }
}

/** The value stands in one of the challenges of that message. */
function* issued(
  name: string,
  f: string | undefined,
  { parameters }: Authentication,
  challenge: SipMessage | undefined,
): Iterable<Complaint> {
  const all = challenge?.all(ProxyAuthenticate);
  if (f === undefined || all === undefined || all instanceof SyntaxFault) return;
  const values = all.map((each) => each.parameters.get(name));
  if (values.includes(parameters.get(name))) return;
  yield { key: `proxyAuthorization.${name}`, expected: `the ${name} of ${f}`, found: parameters.get(name) ?? 'none' };
}
