import type { Caller, UserAgentCore } from '../dialog/contract.ts';
import type { Authorization, NotifierLimits, SubscriptionRequest } from '../event/notifier-contract.ts';
import { Notifier } from '../event/notifier.ts';
import { dialogEvent, type WatchedDialogs } from '../event/packages/dialog-event.ts';
import type { WatchedDialog } from '../event/packages/dialog-info.ts';
import { SyntaxFault } from '../message/fault.ts';
import { Contact } from '../message/headers/contact.ts';
import { Event } from '../message/headers/event.ts';
import type { SipRequest } from '../message/message.ts';
import { NameAddr } from '../message/name-addr.ts';
import { parseUri, SipUri } from '../message/uri.ts';
import { encodeUtf8 } from '../message/utf8.ts';
import type { IncomingInvite } from '../session/incoming-invite.ts';
import type { InviteSessions } from '../session/invite-sessions.ts';
import type { OutgoingInvite } from '../session/outgoing-invite.ts';
import type { DialogState } from './dialog-state.ts';
import { InviteDialogs } from './invite-dialogs.ts';

/**
 * What a watcher may see. `dialogs`: each of them, with its identifiers and who takes part: who can replace one of them
 * by that. `occupation`: whether there is any, and nothing else (RFC 4235 3.7.2). `nothing`: he gets 403, whatever he
 * asks for.
 */
export type WatcherRights = 'dialogs' | 'occupation' | 'nothing';

/** Who may watch the dialogs of this phone (RFC 4235 3.6), and how many may. */
export interface DialogStatePublisherOptions {
  /** Asked at each SUBSCRIBE, the refreshing ones, too. */
  mayWatch(watcher: Caller): WatcherRights;
  readonly limits?: Partial<NotifierLimits> | undefined;
}

const furthest = ['confirmed', 'early', 'proceeding', 'trying'] as const;

/** Which dialogs a SUBSCRIBE is for (RFC 4235 3.2): `toTag` is this side's, `fromTag` that of the far end. */
interface DialogFilter {
  readonly callId: string;
  readonly toTag: string | undefined;
  readonly fromTag: string | undefined;
}

/**
 * Tells who may know it of the dialogs of a user agent's calls, of both sides and from the first moment (RFC 4235).
 * Install its {@link notifier}; it knows of the calls that begin after {@link start}.
 */
export class DialogStatePublisher {
  readonly notifier: Notifier<WatchedDialogs>;
  readonly #core: UserAgentCore;
  readonly #sessions: InviteSessions;
  readonly #options: DialogStatePublisherOptions;
  readonly #entity: string;
  readonly #invites = new Set<InviteDialogs>();
  /** The one dialog that stands for all of them, as long as there is any. */
  #occupation: WatchedDialog | undefined = undefined;
  #occupiedSince = 0;
  #unwatch: (() => void) | undefined = undefined;

  constructor(core: UserAgentCore, sessions: InviteSessions, options: DialogStatePublisherOptions) {
    const { uri } = core.address;
    this.#core = core;
    this.#sessions = sessions;
    this.#options = options;
    this.#entity = uri instanceof SipUri ? uri.addressOfRecord.replace(/^sip/, uri.scheme) : uri.toString();
    this.notifier = new Notifier(core, {
      package: dialogEvent,
      authorize: (request) => this.#authorize(request),
      limits: options.limits,
    });
  }

  /** All dialogs at this moment. */
  get dialogs(): readonly WatchedDialog[] {
    return [...this.#invites].flatMap(({ dialogs }) => dialogs);
  }

  start(): void {
    this.#unwatch = this.#sessions.watch((invite) => {
      this.#follow(invite);
    });
    this.#publish();
  }

  /** Ends every subscription, so that watchers ask anew: what they may see is otherwise. */
  rightsChanged(): void {
    for (const resource of ['dialogs', 'occupation']) this.notifier.terminate(resource, 'deactivated');
  }

  /** Ends every subscription; resolves when the watchers have answered, or have had time to. Calls are not followed any more. */
  async close(): Promise<void> {
    this.#unwatch?.();
    this.#unwatch = undefined;
    this.#invites.clear();
    this.#occupation = undefined;
    await this.notifier.close();
  }

  #follow(invite: OutgoingInvite | IncomingInvite): void {
    const dialogs = new InviteDialogs(this.#core.context, invite, () => {
      if (this.#unwatch === undefined) return;
      if (!dialogs.isOver) this.#invites.add(dialogs);
      this.#publish();
    });
    dialogs.start();
  }

  /** What has ended is told in one state and is gone in the next. */
  #publish(): void {
    const states = this.#tell();
    for (const invite of [...this.#invites]) {
      invite.forgetEnded();
      if (invite.isOver) this.#invites.delete(invite);
    }
    if (states.includes('terminated')) this.#tell();
  }

  /** Answers with the states that the dialogs are in. */
  #tell(): readonly DialogState[] {
    this.notifier.publishOnDemand('dialogs', () => ({ entity: this.#entity, dialogs: this.dialogs }));
    const states = [...this.#invites].flatMap((invite) => invite.states);
    const occupation = this.#occupationBy(states);
    this.notifier.publish('occupation', {
      entity: this.#entity,
      dialogs: occupation === undefined ? [] : [occupation],
    });
    return states;
  }

  /** RFC 4235 3.7.2: the state of the dialog that has come furthest; not how many there are, nor when any of them began. */
  #occupationBy(states: readonly DialogState[]): WatchedDialog | undefined {
    const { clock, random } = this.#core.context;
    const before = this.#occupation;
    const state = furthest.find((each) => states.includes(each));
    if (state === undefined) {
      this.#occupation = undefined;
      return before && { ...before, state: 'terminated' };
    }
    if (before === undefined) this.#occupiedSince = clock.now();
    const duration = Math.floor((clock.now() - this.#occupiedSince) / 1000);
    this.#occupation = { id: before?.id ?? random.token(), state, duration, routeSet: [] };
    return this.#occupation;
  }

  #authorize({ watcher, request }: SubscriptionRequest): Authorization<WatchedDialogs> {
    const rights = this.#options.mayWatch(watcher);
    const filter = filterOf(request);
    if (rights === 'nothing' || (rights === 'occupation' && filter !== undefined)) {
      return { kind: 'reject', status: 403 };
    }
    if (rights === 'occupation') return { kind: 'accept', resource: 'occupation' };
    if (filter instanceof SyntaxFault) return { kind: 'reject', status: 400, reason: filter.reason };
    if (filter === undefined) return { kind: 'accept', resource: 'dialogs', view: withoutOwn(request) };
    if (!this.dialogs.some((dialog) => isMeant(filter, dialog))) return { kind: 'reject', status: 404 };
    return { kind: 'accept', resource: 'dialogs', view: only(filter) };
  }
}

/** RFC 4235 3.2: a tag alone, without the Call-ID, names nothing. */
function filterOf(request: SipRequest): DialogFilter | SyntaxFault | undefined {
  const event = request.get(Event);
  const parameters = event instanceof SyntaxFault ? undefined : event?.parameters;
  const [callId, toTag, fromTag] = ['call-id', 'to-tag', 'from-tag'].map((name) => parameters?.get(name));
  if (callId !== undefined) return { callId, toTag, fromTag };
  return toTag === undefined && fromTag === undefined ? undefined : new SyntaxFault('a tag without call-id');
}

function isMeant({ callId, toTag, fromTag }: DialogFilter, dialog: WatchedDialog): boolean {
  return (
    dialog.callId === callId &&
    (toTag === undefined || dialog.localTag === toTag) &&
    (fromTag === undefined || dialog.remoteTag === fromTag)
  );
}

/** A subscription to certain dialogs ends with them (RFC 4235 3.4). */
function only(filter: DialogFilter): (state: WatchedDialogs) => WatchedDialogs | undefined {
  return ({ entity, dialogs }) => {
    const meant = dialogs.filter((dialog) => isMeant(filter, dialog));
    return meant.length === 0 ? undefined : { entity, dialogs: meant };
  };
}

/** Whoever is in a dialog himself knows of it (RFC 4235 3.3). */
function withoutOwn(request: SipRequest): (state: WatchedDialogs) => WatchedDialogs {
  const contact = request.get(Contact);
  const own = contact instanceof NameAddr && contact.uri instanceof SipUri ? contact.uri : undefined;
  return ({ entity, dialogs }) => ({ entity, dialogs: dialogs.filter((dialog) => !isWith(own, dialog)) });
}

function isWith(own: SipUri | undefined, { remote }: WatchedDialog): boolean {
  const target = remote?.target === undefined ? undefined : parseUri(encodeUtf8(remote.target.uri));
  return own !== undefined && target instanceof SipUri && own.equals(target);
}
