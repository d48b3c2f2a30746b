import { SyntaxFault } from '../../message/fault.ts';
import { MAXIMUM_UINT32 } from '../../message/headers/shapes/known-parameters.ts';
import { AttributeReader } from '../xml/attribute-reader.ts';
import { childrenOf, parseXml, type XmlElement } from '../xml/xml-element.ts';
import { printDocument, printElement, printTextElement } from '../xml/xml-text.ts';

const namespace = 'urn:ietf:params:xml:ns:conference-info';

const elementStates = ['full', 'partial', 'deleted'] as const;
const endpointStatuses = [
  'connected',
  'disconnected',
  'on-hold',
  'muted-via-focus',
  'pending',
  'alerting',
  'dialing-in',
  'dialing-out',
  'disconnecting',
] as const;
const joiningMethods = ['dialed-in', 'dialed-out', 'focus-owner'] as const;
const disconnectionMethods = ['departed', 'booted', 'failed', 'busy'] as const;
const mediaStatuses = ['sendrecv', 'sendonly', 'recvonly', 'inactive'] as const;

/** Whether an element is all that there is of it, what has changed in it, or is gone (RFC 4575 4.4). */
export type ElementState = (typeof elementStates)[number];

/** One stream of an endpoint (RFC 4575 5.8). */
export interface ConferenceMedia {
  readonly id: string;
  /** `audio` */
  readonly type?: string | undefined;
  /** As the focus sees it: `recvonly` is somebody who is not heard by the others. */
  readonly status?: (typeof mediaStatuses)[number] | undefined;
}

/** One device by which a user is in the conference (RFC 4575 5.7). */
export interface ConferenceEndpoint {
  /** Its Contact, or what else tells it from the others. */
  readonly entity: string;
  readonly displayText?: string | undefined;
  readonly status?: (typeof endpointStatuses)[number] | undefined;
  readonly joiningMethod?: (typeof joiningMethods)[number] | undefined;
  readonly disconnectionMethod?: (typeof disconnectionMethods)[number] | undefined;
  readonly media: readonly ConferenceMedia[];
}

/** Somebody in a conference (RFC 4575 5.6). Texts are what people read, not bytes. */
export interface ConferenceUser {
  /** A URI. */
  readonly entity: string;
  readonly displayText?: string | undefined;
  readonly endpoints: readonly ConferenceEndpoint[];
}

/** What a document says of an element with a key. */
export interface Change<Element> {
  readonly state: ElementState;
  readonly element: Element;
}

/** A user as a document tells of him. Endpoints of which nothing else is said are as in a full one. */
export type UserChange = Change<
  Omit<ConferenceUser, 'endpoints'> & { readonly endpoints: readonly Change<ConferenceEndpoint>[] }
>;

/** A document of application/conference-info+xml. */
export interface ConferenceInformation {
  readonly version: number;
  readonly state: ElementState;
  /** The conference URI. */
  readonly entity: string;
  readonly userCount?: number | undefined;
  readonly active?: boolean | undefined;
  /** Undefined where the document says nothing of users. */
  readonly users?: { readonly state: ElementState; readonly changes: readonly UserChange[] } | undefined;
}

/** Reads application/conference-info+xml (RFC 4575 5). Elements and attributes that are not known are passed over. */
export function parseConferenceInformation(body: string): ConferenceInformation | SyntaxFault {
  const root = parseXml(body);
  if (root instanceof SyntaxFault) return root;
  if (root.namespace !== namespace || root.name !== 'conference-info') {
    return new SyntaxFault('not a conference-info document');
  }
  const read = new AttributeReader();
  const version = read.number(root, 'version', MAXIMUM_UINT32);
  const entity = read.uri(read.text(root, 'entity'));
  const [conferenceState] = childrenOf(root, 'conference-state');
  const [users] = childrenOf(root, 'users');
  const [userCount] = conferenceState === undefined ? [] : childrenOf(conferenceState, 'user-count');
  const [active] = conferenceState === undefined ? [] : childrenOf(conferenceState, 'active');
  const changes = users === undefined ? [] : childrenOf(users, 'user').map((element) => parseUser(read, element));
  read.distinct(keysOf(changes), 'users');
  const information: ConferenceInformation = {
    version: version ?? 0,
    state: stateOf(read, root),
    entity,
    userCount: userCount === undefined ? undefined : read.content(userCount),
    active: active === undefined ? undefined : /^(?:true|1)$/.test(active.text.trim()),
    users: users && { state: stateOf(read, users), changes },
  };
  return read.fault ?? information;
}

function parseUser(read: AttributeReader, element: XmlElement): UserChange {
  const endpoints = childrenOf(element, 'endpoint').map((endpoint) => parseEndpoint(read, endpoint));
  read.distinct(keysOf(endpoints), 'endpoints');
  return {
    state: stateOf(read, element),
    element: {
      entity: read.uri(read.text(element, 'entity')),
      displayText: textOf(element, 'display-text'),
      endpoints,
    },
  };
}

function parseEndpoint(read: AttributeReader, element: XmlElement): Change<ConferenceEndpoint> {
  const media = childrenOf(element, 'media').map((each): ConferenceMedia => ({
    id: read.text(each, 'id'),
    type: textOf(each, 'type'),
    status: mediaStatuses.find((word) => word === textOf(each, 'status')),
  }));
  read.distinct(media, 'media');
  return {
    state: stateOf(read, element),
    element: {
      entity: read.text(element, 'entity'),
      displayText: textOf(element, 'display-text'),
      status: endpointStatuses.find((word) => word === textOf(element, 'status')),
      joiningMethod: joiningMethods.find((word) => word === textOf(element, 'joining-method')),
      disconnectionMethod: disconnectionMethods.find((word) => word === textOf(element, 'disconnection-method')),
      media,
    },
  };
}

/** Full where nothing is said (RFC 4575 4.4). */
function stateOf(read: AttributeReader, element: XmlElement): ElementState {
  return element.attributes.has('state') ? read.oneOf(element, 'state', elementStates) : 'full';
}

function textOf(element: XmlElement, name: string): string | undefined {
  const [child] = childrenOf(element, name);
  return child?.text.trim();
}

function keysOf(changes: readonly Change<{ readonly entity: string }>[]): { readonly id: string }[] {
  return changes.map(({ element }) => ({ id: element.entity }));
}

/** Writes application/conference-info+xml. */
export function printConferenceInformation(information: ConferenceInformation): string {
  const { version, state, entity, userCount, active, users } = information;
  const conferenceState = [
    ...(userCount === undefined ? [] : [printTextElement('user-count', String(userCount))]),
    ...(active === undefined ? [] : [printTextElement('active', String(active))]),
  ];
  return printDocument(
    printElement('conference-info', { xmlns: namespace, entity, state, version }, [
      // RFC 4575 5.1: all there is says of what it is a conference, and who is in it.
      ...(state === 'full' ? [printElement('conference-description', {}, [])] : []),
      ...(conferenceState.length === 0 ? [] : [printElement('conference-state', {}, conferenceState)]),
      ...(users === undefined ? [] : [printElement('users', { state: users.state }, users.changes.map(printUser))]),
    ]),
  );
}

function printUser({ state, element }: UserChange): string {
  const { entity, displayText, endpoints } = element;
  return printElement('user', { entity, state }, [
    ...printText('display-text', displayText),
    ...endpoints.map(printEndpoint),
  ]);
}

function printEndpoint({ state, element }: Change<ConferenceEndpoint>): string {
  const { entity, displayText, status, joiningMethod, disconnectionMethod, media } = element;
  return printElement('endpoint', { entity, state }, [
    ...printText('display-text', displayText),
    ...printText('status', status),
    ...printText('joining-method', joiningMethod),
    ...printText('disconnection-method', disconnectionMethod),
    ...media.map((each) =>
      printElement('media', { id: each.id }, [...printText('type', each.type), ...printText('status', each.status)]),
    ),
  ]);
}

function printText(name: string, text: string | undefined): string[] {
  return text === undefined ? [] : [printTextElement(name, text)];
}
