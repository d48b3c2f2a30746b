import { SyntaxFault } from '../../message/fault.ts';
import { MAXIMUM_UINT32 } from '../../message/headers/shapes/known-parameters.ts';
import { AttributeReader } from '../xml/attribute-reader.ts';
import { childrenOf, parseXml, type XmlElement } from '../xml/xml-element.ts';
import { printDocument, printElement, printTextElement } from '../xml/xml-text.ts';

const namespace = 'urn:ietf:params:xml:ns:dialog-info';

const dialogStates = ['trying', 'proceeding', 'early', 'confirmed', 'terminated'] as const;
const dialogEvents = ['cancelled', 'rejected', 'replaced', 'local-bye', 'remote-bye', 'error', 'timeout'] as const;
const directions = ['initiator', 'recipient'] as const;

/** A person by his address. Texts of a dialog information document are what people read, not bytes. */
export interface DialogIdentity {
  readonly uri: string;
  readonly displayName?: string | undefined;
}

/** One side of a dialog (RFC 4235 4.1.6). */
export interface DialogParticipant {
  readonly identity?: DialogIdentity | undefined;
  /** The contact, and what it can do: `+sip.rendering`, `isfocus`. */
  readonly target?:
    { readonly uri: string; readonly parameters: readonly (readonly [name: string, value: string])[] } | undefined;
  readonly sessionDescription?: { readonly type: string; readonly text: string } | undefined;
  readonly cseq?: number | undefined;
}

/** A dialog of somebody who is watched (RFC 4235 4.1). */
export interface WatchedDialog {
  /** Tells it from every other dialog of the subscription, and stays the same. */
  readonly id: string;
  readonly callId?: string | undefined;
  readonly localTag?: string | undefined;
  readonly remoteTag?: string | undefined;
  readonly direction?: (typeof directions)[number] | undefined;
  readonly state: (typeof dialogStates)[number];
  /** What brought it there, and the status of the response that did. */
  readonly event?: (typeof dialogEvents)[number] | undefined;
  readonly code?: number | undefined;
  /** Seconds since it began. */
  readonly duration?: number | undefined;
  readonly replaces?: { readonly callId: string; readonly localTag: string; readonly remoteTag: string } | undefined;
  readonly referredBy?: DialogIdentity | undefined;
  readonly routeSet: readonly string[];
  readonly local?: DialogParticipant | undefined;
  readonly remote?: DialogParticipant | undefined;
}

/** A document of application/dialog-info+xml. */
export interface DialogInformation {
  readonly version: number;
  /** Whether it is all there is, or what has changed. */
  readonly whole: boolean;
  /** Whose dialogs these are: a URI. */
  readonly entity: string;
  readonly dialogs: readonly WatchedDialog[];
}

/**
 * Reads application/dialog-info+xml (RFC 4235 4). Elements and attributes of other namespaces are passed over. What the
 * examples of RFC 4235 and RFC 5359 have beside the schema is read, too: a target as text, a name as `display`.
 */
export function parseDialogInformation(body: string): DialogInformation | SyntaxFault {
  const root = parseXml(body);
  if (root instanceof SyntaxFault) return root;
  if (root.namespace !== namespace || root.name !== 'dialog-info') return new SyntaxFault('not a dialog-info document');
  const read = new AttributeReader();
  const version = read.number(root, 'version', MAXIMUM_UINT32);
  const state = read.oneOf(root, 'state', ['full', 'partial']);
  const entity = read.uri(read.text(root, 'entity'));
  const dialogs = childrenOf(root, 'dialog').map((element) => parseDialog(read, element));
  read.distinct(dialogs, 'dialogs');
  return read.fault ?? { version: version ?? 0, whole: state === 'full', entity, dialogs };
}

function parseDialog(read: AttributeReader, element: XmlElement): WatchedDialog {
  const { attributes } = element;
  const [state] = childrenOf(element, 'state');
  const [duration] = childrenOf(element, 'duration');
  const [replaces] = childrenOf(element, 'replaces');
  const [referredBy] = childrenOf(element, 'referred-by');
  const [routeSet] = childrenOf(element, 'route-set');
  const [local] = childrenOf(element, 'local');
  const [remote] = childrenOf(element, 'remote');
  const found = dialogStates.find((word) => word === state?.text.trim());
  if (found === undefined) read.fail(`the state of a dialog is not ${dialogStates.join(', ')}`);
  const code = state === undefined ? undefined : read.optionalNumber(state, 'code');
  if (code !== undefined && (code < 100 || code > 699)) read.fail('the code of a dialog is no status');
  return {
    id: read.text(element, 'id'),
    callId: attributes.get('call-id'),
    localTag: attributes.get('local-tag'),
    remoteTag: attributes.get('remote-tag'),
    direction: directions.find((word) => word === attributes.get('direction')),
    state: found ?? 'terminated',
    event: dialogEvents.find((word) => word === state?.attributes.get('event')),
    code,
    duration: duration === undefined ? undefined : read.content(duration),
    replaces: replaces && {
      callId: read.text(replaces, 'call-id'),
      localTag: read.text(replaces, 'local-tag'),
      remoteTag: read.text(replaces, 'remote-tag'),
    },
    referredBy: referredBy && parseIdentity(read, referredBy),
    routeSet: routeSet === undefined ? [] : childrenOf(routeSet, 'hop').map(({ text }) => text.trim()),
    local: local && parseParticipant(read, local),
    remote: remote && parseParticipant(read, remote),
  };
}

function parseParticipant(read: AttributeReader, element: XmlElement): DialogParticipant {
  const [identity] = childrenOf(element, 'identity');
  const [target] = childrenOf(element, 'target');
  const [description] = childrenOf(element, 'session-description');
  const [cseq] = childrenOf(element, 'cseq');
  return {
    identity: identity && parseIdentity(read, identity),
    target: target && {
      uri: read.uri(target.attributes.get('uri') ?? target.text.trim()),
      parameters: childrenOf(target, 'param').map((parameter) => [
        read.text(parameter, 'pname'),
        read.text(parameter, 'pval'),
      ]),
    },
    sessionDescription: description && { type: read.text(description, 'type'), text: description.text },
    cseq: cseq === undefined ? undefined : read.content(cseq),
  };
}

function parseIdentity(read: AttributeReader, element: XmlElement): DialogIdentity {
  return {
    uri: read.uri(element.text.trim()),
    displayName: element.attributes.get('display-name') ?? element.attributes.get('display'),
  };
}

/** Writes application/dialog-info+xml. */
export function printDialogInformation({ version, whole, entity, dialogs }: DialogInformation): string {
  const attributes = { xmlns: namespace, version, state: whole ? 'full' : 'partial', entity };
  return printDocument(printElement('dialog-info', attributes, dialogs.map(printDialog)));
}

function printDialog(dialog: WatchedDialog): string {
  const { replaces, routeSet } = dialog;
  const attributes = {
    id: dialog.id,
    'call-id': dialog.callId,
    'local-tag': dialog.localTag,
    'remote-tag': dialog.remoteTag,
    direction: dialog.direction,
  };
  return printElement('dialog', attributes, [
    printTextElement('state', dialog.state, { event: dialog.event, code: dialog.code }),
    ...optional(dialog.duration, (duration) => printTextElement('duration', String(duration))),
    ...optional(replaces, ({ callId, localTag, remoteTag }) =>
      printElement('replaces', { 'call-id': callId, 'local-tag': localTag, 'remote-tag': remoteTag }),
    ),
    ...optional(dialog.referredBy, (identity) => printIdentity('referred-by', identity)),
    ...(routeSet.length === 0
      ? []
      : [
          printElement(
            'route-set',
            {},
            routeSet.map((hop) => printTextElement('hop', hop)),
          ),
        ]),
    ...optional(dialog.local, (participant) => printParticipant('local', participant)),
    ...optional(dialog.remote, (participant) => printParticipant('remote', participant)),
  ]);
}

function printParticipant(name: string, participant: DialogParticipant): string {
  return printElement(name, {}, [
    ...optional(participant.identity, (identity) => printIdentity('identity', identity)),
    ...optional(participant.target, ({ uri, parameters }) =>
      printElement(
        'target',
        { uri },
        parameters.map(([pname, pval]) => printElement('param', { pname, pval })),
      ),
    ),
    ...optional(participant.sessionDescription, ({ type, text }) =>
      printTextElement('session-description', text, { type }),
    ),
    ...optional(participant.cseq, (cseq) => printTextElement('cseq', String(cseq))),
  ]);
}

function printIdentity(name: string, { uri, displayName }: DialogIdentity): string {
  return printTextElement(name, uri, { 'display-name': displayName });
}

/** What is there, printed. */
function optional<T>(value: T | undefined, print: (value: T) => string): string[] {
  return value === undefined ? [] : [print(value)];
}
