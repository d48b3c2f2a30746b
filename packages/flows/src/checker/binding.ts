import { Contact, NameAddr, SipRequest, SipUri, SyntaxFault, TargetDialog } from '@switchhook/sip';
import type { SipMessage, SipResponse, Uri } from '@switchhook/sip';
import type { Conversation, Participant, SaidMessage } from '../conversation/conversation.ts';
import type { FlowDescription, FlowDialog, FlowMessage } from '../oracle/flow-schema.ts';

/** What a dialog of the flow is in the conversation. */
export interface BoundDialog {
  readonly callId: string;
  /** The tag of each party, as far as it is known. */
  readonly tags: ReadonlyMap<string, string>;
}

const targetRefreshes = new Set(['INVITE', 'UPDATE', 'SUBSCRIBE', 'NOTIFY', 'REFER']);

/** What the symbols of a flow stand for in one conversation. */
export class Binding {
  readonly flow: FlowDescription;
  readonly conversation: Conversation;
  /** Without repetitions, in the order of sending. */
  readonly messages: readonly SaidMessage[];
  readonly matched: ReadonlyMap<string, SaidMessage>;
  readonly #dialogs = new Map<string, BoundDialog>();
  readonly #places: ReadonlyMap<SaidMessage, number>;

  constructor(
    flow: FlowDescription,
    conversation: Conversation,
    messages: readonly SaidMessage[],
    matched: ReadonlyMap<string, SaidMessage>,
  ) {
    this.flow = flow;
    this.conversation = conversation;
    this.messages = messages;
    this.matched = matched;
    this.#places = new Map(messages.map((said, place) => [said, place]));
    for (const dialog of flow.dialogs) {
      const bound = this.#bind(dialog);
      if (bound !== undefined) this.#dialogs.set(dialog.id, bound);
    }
    for (const { f, method, dialog, from, to } of flow.messages) {
      const message = this.message(f);
      if (method === 'REFER' && dialog !== null && message instanceof SipRequest) {
        this.#bindReference(dialog, message, from, to);
      }
    }
  }

  message(f: string): SipRequest | SipResponse | undefined {
    return this.matched.get(f)?.message;
  }

  /** What was recorded before, in the order of sending. */
  before(said: SaidMessage): readonly SaidMessage[] {
    return this.messages.slice(0, this.#places.get(said) ?? this.messages.length);
  }

  participant(element: string): Participant | undefined {
    return this.conversation.participants.find((each) => each.element === element);
  }

  isHostOf(element: string, host: string): boolean {
    return this.participant(element)?.hosts.includes(host.toLowerCase()) === true;
  }

  /** Whether a host means him and nobody else: all may be at one address of a machine. */
  isHostOfOnly(element: string, host: string): boolean {
    const others = this.conversation.participants.filter((each) => each.element !== element);
    return this.isHostOf(element, host) && !others.some((each) => this.isHostOf(each.element, host));
  }

  dialog(id: string): BoundDialog | undefined {
    return this.#dialogs.get(id);
  }

  /** The dialog that a message of the flow belongs to: for a REFER that was sent outside the session, its own (T16). */
  dialogOf({ dialog, method }: FlowMessage): BoundDialog | undefined {
    if (dialog === null) return undefined;
    const ofReference = method === 'REFER' || method === 'NOTIFY' ? this.#dialogs.get(referenceKey(dialog)) : undefined;
    return ofReference ?? this.#dialogs.get(dialog);
  }

  isOutsideSession({ dialog, method }: FlowMessage): boolean {
    return dialog !== null && method === 'REFER' && this.#dialogs.has(referenceKey(dialog));
  }

  /** The Contact that an element gave last in the dialog before a message was sent: its remote target to the others. */
  remoteTarget(dialog: BoundDialog, element: string, before: SaidMessage): Uri | undefined {
    const said = this.before(before).findLast(
      ({ from, message }) =>
        from === element &&
        message?.callId === dialog.callId &&
        targetRefreshes.has(message.cseqMethod) &&
        (message instanceof SipRequest || message.status < 300) &&
        contactOf(message) !== undefined,
    );
    return said?.message === undefined ? undefined : contactOf(said.message)?.uri;
  }

  /** Every address that an element gave as its Contact, REGISTER included. */
  contactsOf(element: string): readonly Uri[] {
    return this.messages
      .filter(({ from }) => from === element)
      .flatMap(({ message }) => (message === undefined ? [] : contactsIn(message)))
      .map(({ uri }) => uri);
  }

  #bind({ id, createdBy, earlyBy, confirmedBy, caller, callee }: FlowDialog): BoundDialog | undefined {
    const request = this.message(createdBy);
    if (request === undefined) return undefined;
    const tags = new Map<string, string>();
    if (request.fromTag !== undefined) tags.set(caller, request.fromTag);
    const established = [confirmedBy, earlyBy].map((f) => (f === null ? undefined : this.message(f)));
    const answer = established.find((message) => message?.toTag !== undefined)?.toTag ?? this.#tagIn(id, callee);
    if (answer !== undefined) tags.set(callee, answer);
    return { callId: request.callId, tags };
  }

  /** The tag of an element as the first message of a dialog has it that names one. */
  #tagIn(dialog: string, element: string): string | undefined {
    for (const { f, dialog: of, expect } of this.flow.messages) {
      if (of !== dialog) continue;
      const tag = expect.tags.to === element ? this.message(f)?.toTag : undefined;
      const found = expect.tags.from === element ? this.message(f)?.fromTag : tag;
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #bindReference(dialog: string, refer: SipRequest, from: string, to: string): void {
    const session = this.#dialogs.get(dialog);
    const target = refer.get(TargetDialog);
    if (session === undefined || refer.callId === session.callId) return;
    if (target === undefined || target instanceof SyntaxFault || target.callId !== session.callId) return;
    const tags = new Map([[from, refer.fromTag ?? '']]);
    const notify = this.flow.messages.find((each) => each.method === 'NOTIFY' && each.dialog === dialog);
    const tag = notify === undefined ? undefined : this.message(notify.f)?.fromTag;
    if (tag !== undefined) tags.set(to, tag);
    this.#dialogs.set(referenceKey(dialog), { callId: refer.callId, tags });
  }
}

function referenceKey(dialog: string): string {
  return `${dialog} refer`;
}

export function contactOf(message: SipMessage): NameAddr | undefined {
  return contactsIn(message)[0];
}

export function contactsIn(message: SipMessage): readonly NameAddr[] {
  const contacts = message.all(Contact);
  return contacts instanceof SyntaxFault ? [] : contacts.filter((each) => each instanceof NameAddr);
}

/** Ports that need not be said (RFC 3261 19.1.2). */
const usualPorts: readonly (number | undefined)[] = [undefined, 5_060, 5_061];

/** Whether two addresses reach the same: user, host and port, the usual one said or not, whatever scheme and parameters (T12). */
export function isSameAddress(one: Uri | SyntaxFault | undefined, other: Uri | SyntaxFault | undefined): boolean {
  if (!(one instanceof SipUri) || !(other instanceof SipUri)) return false;
  if (one.addressOfRecord === other.addressOfRecord) return true;
  const isUsual = usualPorts.includes(one.port) && usualPorts.includes(other.port);
  return isUsual && one.user === other.user && one.host.toLowerCase() === other.host.toLowerCase();
}
