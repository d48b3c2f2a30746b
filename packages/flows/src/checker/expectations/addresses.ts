import { SipRequest, SipUri, SyntaxFault } from '@switchhook/sip';
import type { NameAddr } from '@switchhook/sip';
import { contactOf, contactsIn, isSameAddress } from '../binding.ts';
import type { Complaint, Exhibit, RuleCheck } from '../examination.ts';
import { same } from '../rules/responses.ts';
import { isGruu, isTarget } from '../target.ts';

/** Where a request goes, and where its sender says that he is. */
export const addressExpectations = {
  *requestUri(exhibit) {
    const { expected, message } = exhibit;
    const wanted = expected.expect.requestUri;
    if (wanted === undefined || !(message instanceof SipRequest)) return;
    const { requestUri } = message;
    const uri = requestUri instanceof SyntaxFault ? undefined : requestUri;
    yield* isTarget('requestUri', wanted, uri, exhibit);
    const [f, part] = wanted.sameAs?.split(' ') ?? [];
    const original = f === undefined || part !== undefined ? undefined : exhibit.binding.message(f);
    // What belongs to one transaction has one Request-URI, byte for byte.
    if (original instanceof SipRequest) yield* same('requestUri', original.requestUriText, message.requestUriText);
  },

  *contact({ expected, message, binding }) {
    const wanted = expected.expect.contact;
    if (wanted === undefined) return;
    const contact = contactOf(message);
    if (contact === undefined) {
      yield { key: 'contact', expected: `the Contact of ${wanted.of}`, found: 'none' };
      return;
    }
    const { uri } = contact;
    const isOwn =
      uri instanceof SipUri &&
      (binding.isHostOf(wanted.of, uri.host) || uri.parameters.has('gr') || isAtHome(uri, wanted.of, binding));
    if (!isOwn) yield { key: 'contact', expected: `an address at a host of ${wanted.of}`, found: uri.toString() };
    if (wanted.gruu === true) yield* isGruu('contact.gruu', uri);
    if (wanted.mixer === true && !contact.parameters.has('isfocus')) {
      yield { key: 'contact.mixer', expected: 'a Contact that is a focus', found: contact.toString() };
    }
    if (wanted.sameUriAs !== undefined) {
      const other = binding.message(wanted.sameUriAs);
      const otherUri = other === undefined ? undefined : contactOf(other)?.uri;
      if (otherUri !== undefined && !isSameAddress(otherUri, uri)) {
        yield { key: 'contact.sameUriAs', expected: otherUri.toString(), found: uri.toString() };
      }
    }
    yield* parameters(contact, wanted);
  },

  *contact3xx({ expected, message, binding }) {
    const wanted = expected.expect.contact3xx;
    if (wanted === undefined) return;
    const uris = contactsIn(message).map(({ uri }) => uri);
    const uri = uris.find((each) => each instanceof SipUri && binding.isHostOf(wanted.proxy, each.host));
    if (uri === undefined) {
      const found = uris.map(String).join(', ') || 'none';
      yield { key: 'contact3xx.proxy', expected: `a Contact at ${wanted.proxy}`, found };
    } else if (uri instanceof SipUri && wanted.lr && !uri.parameters.has('lr')) {
      yield { key: 'contact3xx.lr', expected: 'a Contact with lr', found: uri.toString() };
    }
  },

  *to({ expected, message, binding }) {
    const input = expected.forwards === undefined ? undefined : binding.message(expected.forwards);
    if (expected.expect.to !== undefined && input !== undefined) {
      yield* same('to', input.raw('To') ?? 'none', message.raw('To') ?? 'none');
    }
  },
} satisfies Record<string, RuleCheck>;

/** An address at the home of the element is routable from anywhere (T17); but its address of record only a server gives. */
function isAtHome(uri: SipUri, element: string, binding: Exhibit['binding']): boolean {
  const aor = binding.participant(element)?.addressOfRecord;
  const home = aor === undefined ? undefined : SipUri.parse(aor);
  const role = binding.flow.elements.find(({ id }) => id === element)?.role;
  return home instanceof SipUri && home.host === uri.host && (role !== 'ua' || !isSameAddress(home, uri));
}

type ContactExpectation = NonNullable<Exhibit['expected']['expect']['contact']>;

function* parameters(contact: NameAddr, wanted: ContactExpectation): Iterable<Complaint> {
  for (const [name, value] of Object.entries(wanted.params ?? {})) {
    const found = parameterOf(contact, name);
    if (!isValue(found, value)) {
      yield {
        key: `contact.params.${name}`,
        expected: words(name, value),
        found: contact.parameters.toString() || 'none',
      };
    }
  }
  for (const [name, value] of Object.entries(wanted.notParams ?? {})) {
    if (isValue(parameterOf(contact, name), value)) {
      yield {
        key: `contact.notParams.${name}`,
        expected: `not ${words(name, value)}`,
        found: contact.parameters.toString(),
      };
    }
  }
  for (const name of wanted.absentParams ?? []) {
    if (parameterOf(contact, name) !== undefined) {
      yield { key: 'contact.absentParams', expected: `no ${name}`, found: contact.parameters.toString() };
    }
  }
}

/** `automaton` is how RFC 5359 and RFC 4235 spell what RFC 3840 calls `automata` (T15). */
function parameterOf({ parameters: all }: NameAddr, name: string): string | undefined {
  return all.get(name) ?? (name === 'automata' ? all.get('automaton') : undefined);
}

function isValue(found: string | undefined, wanted: string | true): boolean {
  if (found === undefined) return false;
  return wanted === true
    ? found === '' || found.toUpperCase() === 'TRUE'
    : found.toLowerCase() === wanted.toLowerCase();
}

function words(name: string, value: string | true): string {
  return value === true ? name : `${name}="${value}"`;
}
