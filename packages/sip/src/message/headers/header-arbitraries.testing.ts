import fc from 'fast-check';
import type { HeaderType } from '../header.ts';
import { NameAddr } from '../name-addr.ts';
import { Parameters } from '../parameters.ts';
import { parseUri } from '../uri.ts';
import type { Uri } from '../uri.ts';
import { SyntaxFault } from '../fault.ts';
import { Accept } from './accept.ts';
import { AcceptEncoding } from './accept-encoding.ts';
import { AcceptLanguage } from './accept-language.ts';
import { AlertInfo } from './alert-info.ts';
import { Allow } from './allow.ts';
import { AllowEvents } from './allow-events.ts';
import { AuthenticationInfo } from './authentication-info.ts';
import { Authorization } from './authorization.ts';
import { CallId } from './call-id.ts';
import { CallInfo } from './call-info.ts';
import { Contact } from './contact.ts';
import { ContentDisposition } from './content-disposition.ts';
import { ContentEncoding } from './content-encoding.ts';
import { ContentLanguage } from './content-language.ts';
import { ContentLength } from './content-length.ts';
import { ContentType } from './content-type.ts';
import { CSeq } from './cseq.ts';
import { SipDate } from './date.ts';
import { Diversion } from './diversion.ts';
import { ErrorInfo } from './error-info.ts';
import { Event } from './event.ts';
import { Expires } from './expires.ts';
import { FlowTimer } from './flow-timer.ts';
import { From } from './from.ts';
import { HistoryInfo } from './history-info.ts';
import { InReplyTo } from './in-reply-to.ts';
import { Join } from './join.ts';
import { MaxBreadth } from './max-breadth.ts';
import { MaxForwards } from './max-forwards.ts';
import { MimeVersion } from './mime-version.ts';
import { MinExpires } from './min-expires.ts';
import { MinSE } from './min-se.ts';
import { Organization } from './organization.ts';
import { PAssertedIdentity } from './p-asserted-identity.ts';
import { Path } from './path.ts';
import { PPreferredIdentity } from './p-preferred-identity.ts';
import { Priority } from './priority.ts';
import { Privacy } from './privacy.ts';
import { ProxyAuthenticate } from './proxy-authenticate.ts';
import { ProxyAuthenticationInfo } from './proxy-authentication-info.ts';
import { ProxyAuthorization } from './proxy-authorization.ts';
import { ProxyRequire } from './proxy-require.ts';
import { RAck } from './rack.ts';
import { Reason } from './reason.ts';
import { RecordRoute } from './record-route.ts';
import { ReferredBy } from './referred-by.ts';
import { ReferSub } from './refer-sub.ts';
import { ReferTo } from './refer-to.ts';
import { Replaces } from './replaces.ts';
import { ReplyTo } from './reply-to.ts';
import { Require } from './require.ts';
import { RetryAfter } from './retry-after.ts';
import { Route } from './route.ts';
import { RSeq } from './rseq.ts';
import { Server } from './server.ts';
import { ServiceRoute } from './service-route.ts';
import { SessionExpires } from './session-expires.ts';
import { SipETag } from './sip-etag.ts';
import { SipIfMatch } from './sip-if-match.ts';
import { Subject } from './subject.ts';
import { SubscriptionState } from './subscription-state.ts';
import { Supported } from './supported.ts';
import { TargetDialog } from './target-dialog.ts';
import { Timestamp } from './timestamp.ts';
import { To } from './to.ts';
import { Unsupported } from './unsupported.ts';
import { UserAgent } from './user-agent.ts';
import { Via, ViaValue } from './via.ts';
import { Warning } from './warning.ts';
import { WwwAuthenticate } from './www-authenticate.ts';

/** A header type together with values of it; `unknown` inside, so that a table can hold all of them. */
interface HeaderSample {
  readonly type: HeaderType<unknown>;
  readonly values: fc.Arbitrary<unknown>;
}

function sample<T>(type: HeaderType<T>, values: fc.Arbitrary<T>): HeaderSample {
  return { type, values };
}

const letters = 'abcdefghijklmnopqrstuvwxyz';
const alphanumeric = `${letters}${letters.toUpperCase()}0123456789`;

function textOf(characters: string, minLength = 0): fc.Arbitrary<string> {
  return fc.string({ unit: fc.constantFrom(...Array.from(characters)), minLength, maxLength: 12 });
}

const token = textOf(`${alphanumeric}-.!%*_+\`'~`, 1);
const lowerToken = token.map((text) => text.toLowerCase());
const word = textOf(`${alphanumeric}-.!%*_+\`'~()<>:\\"/[]?{}`, 1);
const callId = fc.oneof(
  word,
  fc.tuple(word, word).map(([left, right]) => `${left}@${right}`),
);
const quotable = textOf(`${alphanumeric} \t"\\,;=<>@()\xc3\xa9\xa0`);
const freeText = textOf(`${alphanumeric}",;:<>()\\\xc3\xa9\xa0`, 1);
const uint32 = fc.nat(0xffff_ffff);
const quality = fc.nat(1000).map((thousandths) => thousandths / 1000);

function optional<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.option(arbitrary, { nil: undefined });
}

/** Parameters that no header field defines. */
const parameters = fc
  .dictionary(
    lowerToken.map((name) => `x-${name}`),
    fc.oneof(fc.constant(''), token, quotable),
    { maxKeys: 3 },
  )
  .map((entries) => Parameters.of(Object.entries(entries)));

function uriOf(text: string): Uri {
  const uri = parseUri(text);
  if (uri instanceof SyntaxFault) throw new Error(`${text}: ${uri.reason}`);
  return uri;
}

const uri = fc
  .oneof(
    textOf(alphanumeric, 1).map((user) => `sip:${user}@example.com`),
    fc.constantFrom(
      'sips:bob:secret@[2001:db8::1]:5061;transport=tcp;lr',
      'sip:b%20ob@192.0.2.4?Replaces=a%40b%3Bto-tag%3D1',
      'tel:+1-201-555-0123;phone-context=example.com',
      'http://www.example.com/sounds/moo.wav',
      'urn:service:sos.fire',
    ),
  )
  .map(uriOf);

const address = fc.record({ displayName: optional(quotable), uri, parameters }).map((parts) => NameAddr.of(parts));

const information = fc.record({ uri, parameters });
const authenticationParameters = fc
  .uniqueArray(fc.tuple(fc.oneof(lowerToken, fc.constantFrom('nc', 'qop', 'algorithm')), fc.oneof(token, quotable)), {
    selector: ([name]) => name,
    minLength: 1,
    maxLength: 5,
  })
  .map((entries) => new Map(entries));
const authentication = fc.record({ scheme: token, parameters: authenticationParameters });
const index = fc.array(fc.nat(99), { minLength: 1, maxLength: 4 }).map((numbers) => numbers.join('.'));
const comment = fc.oneof(
  textOf(`${alphanumeric} ;,"`).map((text) => `(${text})`),
  fc.constantFrom('(a (nested) comment)', '(\\) escaped \\()', '()'),
);
const products = fc.array(fc.oneof(fc.record({ product: token, version: optional(token) }), fc.record({ comment })), {
  minLength: 1,
  maxLength: 4,
});
const decimal = fc.oneof(fc.nat().map(String), fc.constantFrom('54.', '54.21', '0.5'));
const contact = fc.oneof(fc.constant('*' as const), address);
const via = fc
  .record({
    protocol: fc.constantFrom('UDP', 'TCP', 'TLS', 'WS', 'X-NEW'),
    host: fc.constantFrom('example.com', '192.0.2.1', '2001:db8::9:1'),
    port: optional(fc.integer({ min: 1, max: 65_535 })),
    parameters,
  })
  .map((parts) => ViaValue.of(parts));

/** Every typed header field of the library, with values of all shapes that it can have. */
export const headerSamples: readonly HeaderSample[] = [
  sample(Accept, fc.record({ type: lowerToken, subtype: lowerToken, q: optional(quality), parameters })),
  sample(AcceptEncoding, fc.record({ coding: token, q: optional(quality), parameters })),
  sample(AcceptLanguage, fc.record({ range: token, q: optional(quality), parameters })),
  sample(AlertInfo, information),
  sample(Allow, token),
  sample(AllowEvents, token),
  sample(AuthenticationInfo, authenticationParameters),
  sample(Authorization, authentication),
  sample(CallId, callId),
  sample(CallInfo, information),
  sample(Contact, contact),
  sample(ContentDisposition, fc.record({ type: lowerToken, handling: optional(lowerToken), parameters })),
  sample(ContentEncoding, token),
  sample(ContentLanguage, token),
  sample(ContentLength, uint32),
  sample(ContentType, fc.record({ type: lowerToken, subtype: lowerToken, parameters })),
  sample(CSeq, fc.record({ number: fc.nat(0x7fff_ffff), method: token })),
  sample(
    SipDate,
    fc.integer({ min: -62_167_219_200, max: 253_402_300_799 }).map((seconds) => seconds * 1000),
  ),
  sample(
    Diversion,
    fc.record({
      address,
      reason: optional(token),
      counter: optional(uint32),
      limit: optional(uint32),
      privacy: optional(token),
      screen: optional(token),
    }),
  ),
  sample(ErrorInfo, information),
  sample(Event, fc.record({ type: token, id: optional(token), parameters })),
  sample(Expires, uint32),
  sample(FlowTimer, uint32),
  sample(From, address),
  sample(
    HistoryInfo,
    fc.record({
      address,
      index,
      target: optional(fc.record({ kind: fc.constantFrom('rc' as const, 'mp' as const, 'np' as const), index })),
    }),
  ),
  sample(InReplyTo, callId),
  sample(Join, fc.record({ callId, toTag: token, fromTag: token, parameters })),
  sample(MaxBreadth, uint32),
  sample(MaxForwards, fc.nat(255)),
  sample(MimeVersion, fc.record({ major: fc.nat(), minor: fc.nat() })),
  sample(MinExpires, uint32),
  sample(MinSE, fc.record({ seconds: uint32, parameters })),
  sample(Organization, freeText),
  sample(PAssertedIdentity, address),
  sample(Path, address),
  sample(PPreferredIdentity, address),
  sample(Priority, token),
  sample(Privacy, fc.array(lowerToken, { minLength: 1, maxLength: 4 })),
  sample(ProxyAuthenticate, authentication),
  sample(ProxyAuthenticationInfo, authenticationParameters),
  sample(ProxyAuthorization, authentication),
  sample(ProxyRequire, token),
  sample(RAck, fc.record({ responseNumber: uint32, cseqNumber: uint32, method: token })),
  sample(Reason, fc.record({ protocol: token, cause: optional(uint32), text: optional(quotable), parameters })),
  sample(RecordRoute, address),
  sample(ReferredBy, address),
  sample(ReferSub, fc.record({ subscribe: fc.boolean(), parameters })),
  sample(ReferTo, address),
  sample(Replaces, fc.record({ callId, toTag: token, fromTag: token, earlyOnly: fc.boolean(), parameters })),
  sample(ReplyTo, address),
  sample(Require, token),
  sample(
    RetryAfter,
    fc.record({ seconds: uint32, comment: optional(comment), duration: optional(uint32), parameters }),
  ),
  sample(Route, address),
  sample(RSeq, uint32),
  sample(Server, products),
  sample(ServiceRoute, address),
  sample(
    SessionExpires,
    fc.record({ seconds: uint32, refresher: optional(fc.constantFrom('uac' as const, 'uas' as const)), parameters }),
  ),
  sample(SipETag, token),
  sample(SipIfMatch, token),
  sample(Subject, freeText),
  sample(
    SubscriptionState,
    fc.record({
      state: lowerToken,
      reason: optional(token),
      expires: optional(uint32),
      retryAfter: optional(uint32),
      parameters,
    }),
  ),
  sample(Supported, token),
  sample(TargetDialog, fc.record({ callId, localTag: token, remoteTag: token, parameters })),
  sample(Timestamp, fc.record({ time: decimal, delay: optional(decimal) })),
  sample(To, address),
  sample(Unsupported, token),
  sample(UserAgent, products),
  sample(Via, via),
  sample(Warning, fc.record({ code: fc.integer({ min: 100, max: 999 }), agent: token, text: quotable })),
  sample(WwwAuthenticate, authentication),
];
