import { dialogElementOf, dialogEvent, Notifier, SipUri } from '@switchhook/sip';
import type {
  Caller,
  IncomingInvite,
  InviteSession,
  OutgoingInvite,
  SubscriptionRequest,
  UserAgentCore,
  WatchedDialog,
  WatchedDialogs,
} from '@switchhook/sip';
import { watcherLimits } from './watcher-limits.ts';

/** What the whole lot is called among the resources; slots are called by their user parts, which are never empty. */
const wholeLot = '';

export interface ParkLampsParts {
  /** The address of the lot. */
  readonly address: SipUri;
  readonly slots: Iterable<string>;
  isSlot(user: string): boolean;
  /** Who may see who is parked, and so take him. */
  mayWatch(watcher: Caller): boolean;
}

/**
 * Tells who may know it which calls are parked, of each slot and of the whole lot, by the dialog package (RFC 4235): lamps
 * of telephones go by it, and whoever retrieves a call learns its dialog (RFC 5359 2.15 F16).
 */
export class ParkLamps {
  readonly notifier: Notifier<WatchedDialogs>;
  readonly #core: UserAgentCore;
  readonly #parts: ParkLampsParts;
  readonly #parked = new Map<string, { readonly dialog: WatchedDialog; readonly since: number }>();

  constructor(core: UserAgentCore, parts: ParkLampsParts) {
    this.#core = core;
    this.#parts = parts;
    this.notifier = new Notifier(core, {
      package: dialogEvent,
      authorize: ({ watcher, target, resource }: SubscriptionRequest) =>
        parts.mayWatch(watcher)
          ? { kind: 'accept', resource: resource ?? this.#resourceOf(target) }
          : { kind: 'reject', status: 403 },
      limits: watcherLimits,
    });
  }

  start(): void {
    for (const slot of this.#parts.slots) this.#publish(slot, []);
    this.#publish(wholeLot, []);
  }

  /** A call is parked. */
  light(slot: string, invite: OutgoingInvite | IncomingInvite, session: InviteSession): void {
    const { clock, random } = this.#core.context;
    const dialog: WatchedDialog = { ...dialogElementOf(invite, session), id: random.token(), state: 'confirmed' };
    this.#parked.set(slot, { dialog, since: clock.now() });
    this.#publish(
      slot,
      this.#dialogs.filter(({ id }) => id === dialog.id),
    );
    this.#publish(wholeLot, this.#dialogs);
  }

  /** It is not any more. What has ended is told in one state, and is gone in the next. */
  darken(slot: string): void {
    const parked = this.#parked.get(slot);
    if (parked === undefined) return;
    this.#parked.delete(slot);
    const ended: WatchedDialog = { ...parked.dialog, state: 'terminated' };
    this.#publish(slot, [ended]);
    this.#publish(slot, []);
    this.#publish(wholeLot, [...this.#dialogs, ended]);
    this.#publish(wholeLot, this.#dialogs);
  }

  get #dialogs(): WatchedDialog[] {
    const now = this.#core.context.clock.now();
    return Array.from(this.#parked.values(), ({ dialog, since }) => ({
      ...dialog,
      duration: Math.floor((now - since) / 1_000),
    }));
  }

  #publish(resource: string, dialogs: readonly WatchedDialog[]): void {
    const { address } = this.#parts;
    const entity = resource === wholeLot ? address : address.with({ user: resource });
    this.notifier.publish(resource, { entity: entity.toString(), dialogs });
  }

  #resourceOf(target: unknown): string {
    const user = target instanceof SipUri ? target.user : undefined;
    return user !== undefined && this.#parts.isSlot(user) ? user : wholeLot;
  }
}
