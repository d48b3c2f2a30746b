import { SyntaxFault } from '../../message/fault.ts';
import { MAXIMUM_UINT32 } from '../../message/headers/shapes/known-parameters.ts';
import { AttributeReader } from '../xml/attribute-reader.ts';
import { childrenOf, parseXml, type XmlElement } from '../xml/xml-element.ts';
import { printDocument, printElement, printTextElement } from '../xml/xml-text.ts';

const namespace = 'urn:ietf:params:xml:ns:reginfo';
const gruuNamespace = 'urn:ietf:params:xml:ns:gruuinfo';
const languageAttribute = '{http://www.w3.org/XML/1998/namespace}lang';

const registrationStates = ['init', 'active', 'terminated'] as const;
const contactStates = ['active', 'terminated'] as const;
const contactEvents = [
  'registered',
  'created',
  'refreshed',
  'shortened',
  'expired',
  'deactivated',
  'probation',
  'unregistered',
  'rejected',
] as const;

/** What brought a contact to where it is (RFC 3680 4.7.1). */
export type ContactEvent = (typeof contactEvents)[number];

/** One contact of a registration (RFC 3680 5.1). Texts are what people read, not bytes. */
export interface RegisteredContact {
  /** Tells it from every other contact of the subscription; the same for the same URI. */
  readonly id: string;
  readonly state: (typeof contactStates)[number];
  readonly event: ContactEvent;
  readonly uri: string;
  readonly displayName?: string | undefined;
  /** The language of the display name. */
  readonly language?: string | undefined;
  /** Seconds until it expires. Has to be there where it was shortened. */
  readonly expires?: number | undefined;
  /** Seconds after which its owner may try again. Has to be there on probation. */
  readonly retryAfter?: number | undefined;
  /** Seconds for which it has been registered. */
  readonly durationRegistered?: number | undefined;
  readonly q?: string | undefined;
  /** Call-ID and CSeq number of the REGISTER that changed it last. */
  readonly callId?: string | undefined;
  readonly cseq?: number | undefined;
  /** The parameters of the Contact that RFC 3261 does not define; '' for a name alone. */
  readonly parameters: readonly (readonly [name: string, value: string])[];
  /** The public GRUU of its instance (RFC 5628 5). */
  readonly publicGruu?: string | undefined;
  /** Told to those alone who may register for the address of record (RFC 5628 5). */
  readonly temporaryGruu?: TemporaryGruu | undefined;
}

/** A temporary GRUU, and from when on those of its instance are valid (RFC 5628 5). */
export interface TemporaryGruu {
  readonly uri: string;
  /** The CSeq number of the REGISTER that brought the oldest one which is still valid, under the contact's Call-ID. */
  readonly firstCSeq: number;
}

/** The registration of one address of record. */
export interface RegisteredAddress {
  readonly addressOfRecord: string;
  /** Tells it from every other registration of the subscription, and stays the same. */
  readonly id: string;
  readonly state: (typeof registrationStates)[number];
  readonly contacts: readonly RegisteredContact[];
}

/** A document of application/reginfo+xml. */
export interface RegistrationInformation {
  readonly version: number;
  /** Whether it is all there is, or what has changed. */
  readonly whole: boolean;
  readonly registrations: readonly RegisteredAddress[];
}

/** Reads application/reginfo+xml (RFC 3680 5). Elements and attributes of other namespaces are passed over. */
export function parseRegistrationInformation(body: string): RegistrationInformation | SyntaxFault {
  const root = parseXml(body);
  if (root instanceof SyntaxFault) return root;
  if (root.namespace !== namespace || root.name !== 'reginfo') return new SyntaxFault('not a reginfo document');
  const read = new AttributeReader();
  const version = read.number(root, 'version', MAXIMUM_UINT32);
  const state = read.oneOf(root, 'state', ['full', 'partial']);
  const registrations = childrenOf(root, 'registration').map((element) => parseRegistration(read, element));
  read.distinct(registrations, 'registrations');
  read.distinct(
    registrations.flatMap(({ contacts }) => contacts),
    'contacts',
  );
  return read.fault ?? { version: version ?? 0, whole: state === 'full', registrations };
}

function parseRegistration(read: AttributeReader, element: XmlElement): RegisteredAddress {
  return {
    addressOfRecord: read.uri(read.text(element, 'aor')),
    id: read.text(element, 'id'),
    state: read.oneOf(element, 'state', registrationStates),
    contacts: childrenOf(element, 'contact').map((contact) => parseContact(read, contact)),
  };
}

function parseContact(read: AttributeReader, element: XmlElement): RegisteredContact {
  const event = read.oneOf(element, 'event', contactEvents);
  const expires = read.optionalNumber(element, 'expires');
  const retryAfter = read.optionalNumber(element, 'retry-after');
  if (event === 'shortened' && expires === undefined) read.fail('a shortened contact without expires');
  if (event === 'probation' && retryAfter === undefined) read.fail('a contact on probation without retry-after');
  const [uri] = childrenOf(element, 'uri');
  const [displayName] = childrenOf(element, 'display-name');
  const [publicGruu] = childrenOf(element, 'pub-gruu', gruuNamespace);
  const [temporaryGruu] = childrenOf(element, 'temp-gruu', gruuNamespace);
  return {
    id: read.text(element, 'id'),
    state: read.oneOf(element, 'state', contactStates),
    event,
    uri: read.uri(uri?.text.trim() ?? ''),
    displayName: displayName?.text,
    language: displayName?.attributes.get(languageAttribute),
    expires,
    retryAfter,
    durationRegistered: read.optionalNumber(element, 'duration-registered'),
    q: element.attributes.get('q'),
    callId: element.attributes.get('callid'),
    cseq: read.optionalNumber(element, 'cseq'),
    parameters: childrenOf(element, 'unknown-param').map((parameter) => [read.text(parameter, 'name'), parameter.text]),
    publicGruu: publicGruu && read.uri(read.text(publicGruu, 'uri')),
    temporaryGruu: temporaryGruu && {
      uri: read.uri(read.text(temporaryGruu, 'uri')),
      firstCSeq: read.number(temporaryGruu, 'first-cseq', MAXIMUM_UINT32) ?? 0,
    },
  };
}

/** Writes application/reginfo+xml. */
export function printRegistrationInformation({ version, whole, registrations }: RegistrationInformation): string {
  return printDocument(
    printElement(
      'reginfo',
      { xmlns: namespace, version, state: whole ? 'full' : 'partial' },
      registrations.map(({ addressOfRecord, id, state, contacts }) =>
        printElement('registration', { aor: addressOfRecord, id, state }, contacts.map(printContact)),
      ),
    ),
  );
}

function printContact(contact: RegisteredContact): string {
  const { displayName, parameters, publicGruu, temporaryGruu } = contact;
  const attributes = {
    id: contact.id,
    state: contact.state,
    event: contact.event,
    'duration-registered': contact.durationRegistered,
    expires: contact.expires,
    'retry-after': contact.retryAfter,
    q: contact.q,
    callid: contact.callId,
    cseq: contact.cseq,
  };
  return printElement('contact', attributes, [
    printTextElement('uri', contact.uri),
    ...(displayName === undefined
      ? []
      : [printTextElement('display-name', displayName, { 'xml:lang': contact.language })]),
    ...parameters.map(([name, value]) => printTextElement('unknown-param', value, { name })),
    ...(publicGruu === undefined ? [] : [printElement('pub-gruu', { xmlns: gruuNamespace, uri: publicGruu })]),
    ...(temporaryGruu === undefined
      ? []
      : [
          printElement('temp-gruu', {
            xmlns: gruuNamespace,
            uri: temporaryGruu.uri,
            'first-cseq': temporaryGruu.firstCSeq,
          }),
        ]),
  ]);
}
