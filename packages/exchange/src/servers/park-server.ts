import { NameAddr, ReferredBy, SipUri } from '@switchhook/sip';
import type {
  Caller,
  HeaderInit,
  IncomingInvite,
  IncomingReferral,
  InviteSession,
  OutgoingInvite,
} from '@switchhook/sip';
import { announcementUri } from './announcement-names.ts';
import type { AnnouncementName } from './announcement-names.ts';
import type { MusicLibrary } from './music-library.ts';
import { ParkLamps } from './park-lamps.ts';
import { ParkRecovery } from './park-recovery.ts';
import type { ParkStore } from './park-store.ts';
import { ParkedCall } from './parked-call.ts';
import { ParkingLot } from './parking-lot.ts';
import { neverHangUp } from './server.ts';
import type { Server, ServerParts, ServerStats } from './server.ts';
import { ServerAgent } from './server-agent.ts';
import { PlayedNegotiation } from './server-sound.ts';
import { refusalOf, subscriberOf, takeOver } from './takeover.ts';
import type { ProvenCaller, Refusal } from './takeover.ts';
import { watcherLimits } from './watcher-limits.ts';

/** How a lot is run. */
export interface ParkOptions {
  /** The user parts of the slots' addresses. */
  readonly slots: readonly string[];
  /** Milliseconds until the parker is rung back. */
  readonly returnAfter: number;
  /** Milliseconds that he, or the fallback, is rung for. */
  readonly ringTime: number;
  /** Who is rung when the parker does not answer: a user of the domain. */
  readonly fallback?: string | undefined;
  /** Users of the domain; all its subscribers without it. */
  readonly mayPark?: readonly string[] | undefined;
  readonly mayRetrieve?: readonly string[] | undefined;
}

/** What a lot needs beside what every server is made of. */
export interface ParkParts extends ServerParts {
  readonly music: MusicLibrary;
  readonly store: ParkStore;
  /** Counts how calls fare that are parked. */
  readonly count: (event: ParkEvent) => void;
  /** Whether two users of the domain are in a call with each other, or were just now. */
  readonly spoke: (user: string, other: string) => boolean;
  /** Says why in words, where there is one. */
  readonly announcement?: SipUri | undefined;
}

/**
 * What parked calls go through, as the metrics count it: `lost` could not be found again after a restart, and one that was is
 * `parked` once more.
 */
export const parkEvents = ['parked', 'retrieved', 'returned', 'left', 'lost'] as const;

export type ParkEvent = (typeof parkEvents)[number];

/**
 * Keeps calls until somebody takes them (RFC 5359 2.15). Its slots are addresses: a REFER, or a call that was handed on,
 * to one parks there, one to the address of the lot parks in any; who dials a slot gets who is parked there. Lamps show
 * which slots are taken, and who may takes a call by its dialog without asking this side.
 */
export class ParkServer implements Server {
  readonly kind = 'park';
  readonly address: SipUri;
  readonly #parts: ParkParts;
  readonly #options: ParkOptions;
  readonly #lot: ParkingLot;
  readonly #agent: ServerAgent;
  readonly #lamps: ParkLamps;
  readonly #recovery: ParkRecovery;
  readonly #parked = new Map<string, ParkedCall>();

  constructor(parts: ParkParts, options: ParkOptions) {
    const { address, sound } = parts;
    this.address = address;
    this.#parts = parts;
    this.#options = options;
    this.#lot = new ParkingLot(options.slots);
    this.#agent = new ServerAgent(parts, {
      called: (invite) => {
        this.#called(invite);
      },
      referred: (referral) => {
        void this.#referred(referral);
      },
      isOurUser: (user) => this.#lot.has(user),
      maximumWatchers: watcherLimits.subscriptions,
    });
    this.#lamps = new ParkLamps(this.#agent.core, {
      address,
      slots: options.slots,
      isSlot: (user) => this.#lot.has(user),
      mayWatch: (watcher) => this.#may(watcher, 'mayRetrieve') || this.#may(watcher, 'mayPark'),
    });
    this.#recovery = new ParkRecovery({
      agent: this.#agent.core,
      sessions: this.#agent.sessions,
      sound,
      store: parts.store,
      lot: this.#lot,
      addressOf: (slot) => this.#addressOf(slot),
      lost: () => {
        parts.count('lost');
      },
      found: ({ slot, parker, since }, invite, session) => {
        this.#park(slot, { parker, since, invite, session });
      },
    });
    this.#agent.core.install(this.#lamps.notifier);
  }

  isOurUser(user: string): boolean {
    return user === this.address.user || this.#lot.has(user);
  }

  /** Looks for those who were parked when the exchange stopped. */
  async start(): Promise<void> {
    await this.#agent.start();
    this.#lamps.start();
    this.#recovery.start();
  }

  /** Who is parked hears nothing until the exchange is there again, and finds him; watchers ask anew then. */
  async stop(): Promise<void> {
    this.#recovery.stop();
    await this.#agent.stop();
  }

  stats(): ServerStats {
    const { sessions, others } = this.#agent.stats();
    return { sessions, others: others + this.#lamps.notifier.stats().subscriptions + this.#recovery.size };
  }

  #may(caller: Caller, what: 'mayPark' | 'mayRetrieve'): boolean {
    const by = subscriberOf(caller, this.address.host);
    return by !== undefined && this.#options[what]?.includes(by.user) !== false;
  }

  async #referred(referral: IncomingReferral): Promise<void> {
    const by = subscriberOf(referral.caller, this.address.host);
    const refusal = by === undefined || !this.#may(referral.caller, 'mayPark') ? forbidden : refusalOf(referral, by);
    if (by === undefined || refusal !== undefined) {
      referral.reject((refusal ?? forbidden).status, refusal ?? forbidden);
      return;
    }
    if (this.#agent.turnsAway(referral)) return;
    const slot = this.#take(referral.message.requestUri);
    if (typeof slot !== 'string') {
      referral.reject(slot.status, { reason: slot.reason, headers: this.#errorInfo('lot-full') });
      return;
    }
    const taken = await takeOver(referral, {
      sessions: this.#agent.sessions,
      sound: this.#parts.sound,
      by,
      // Whoever parks reads the slot in the From of what the last NOTIFY tells him; who is parked sees it, too.
      from: this.#addressOf(slot),
    });
    if (taken === undefined) this.#lot.giveBack(slot);
    else this.#park(slot, { parker: by.user, since: this.#parts.context.clock.date(), ...taken });
  }

  /** The slot that an address means, or any; or why there is none. */
  #take(uri: unknown): string | Refusal {
    const user = uri instanceof SipUri ? uri.user : undefined;
    if (user !== undefined && this.#lot.has(user)) {
      return this.#lot.take(user) ?? { status: 486, reason: 'Slot Is Taken' };
    }
    return this.#lot.take() ?? { status: 480, reason: 'All Slots Are Taken' };
  }

  #called(invite: IncomingInvite): void {
    const { requestUri } = invite.request;
    const user = requestUri instanceof SipUri ? (requestUri.user ?? '') : '';
    const parked = this.#parked.get(user);
    const by = subscriberOf(invite.caller, this.address.host);
    if (by === undefined) invite.reject(403);
    else if (parked !== undefined) this.#retrieve(invite, parked);
    else this.#handedOn(invite, by);
  }

  /** Somebody dials a slot. */
  #retrieve(invite: IncomingInvite, parked: ParkedCall): void {
    if (!this.#may(invite.caller, 'mayRetrieve')) {
      invite.reject(403);
      return;
    }
    if (parked.state === 'offered') {
      invite.reject(486);
      return;
    }
    const { session } = invite;
    session.listen(({ kind }) => {
      if (kind === 'confirmed' && !parked.offerTo(session)) void session.hangUp();
    });
    void invite.accept();
  }

  /**
   * Somebody was transferred to a slot, by who may park. He says by whom (RFC 3892), without a signature: that counts where the
   * exchange knows them to have been in a call, so that nobody is parked, or rung, in the name of somebody else.
   */
  #handedOn(invite: IncomingInvite, by: ProvenCaller): void {
    const referredBy = invite.request.get(ReferredBy);
    const parker = referredBy instanceof NameAddr ? this.#parkerAt(referredBy.uri, by) : undefined;
    if (parker === undefined) {
      invite.reject(404, { reason: 'Nothing Is Parked Here', headers: this.#errorInfo('nothing-parked') });
      return;
    }
    if (this.#agent.turnsAway(invite)) return;
    const slot = this.#take(invite.request.requestUri);
    if (typeof slot !== 'string') {
      invite.reject(slot.status, { reason: slot.reason, headers: this.#errorInfo('lot-full') });
      return;
    }
    const { session } = invite;
    neverHangUp(session);
    let isParked = false;
    session.listen(({ kind }) => {
      if (kind === 'confirmed') {
        isParked = true;
        this.#park(slot, { parker, since: this.#parts.context.clock.date(), invite, session });
      } else if (kind === 'ended' && !isParked) this.#lot.giveBack(slot);
    });
    void invite.accept();
  }

  #parkerAt(uri: unknown, by: ProvenCaller): string | undefined {
    if (!(uri instanceof SipUri) || uri.user === undefined || uri.host !== this.address.host) return undefined;
    if (uri.user === by.user || !this.#parts.spoke(uri.user, by.user)) return undefined;
    return this.#options.mayPark?.includes(uri.user) === false ? undefined : uri.user;
  }

  #park(slot: string, { parker, since, invite, session }: Parking): void {
    const { context, music, store } = this.#parts;
    const { returnAfter, fallback } = this.#options;
    const { media, dialog } = session;
    if (session.end !== undefined || !(media instanceof PlayedNegotiation)) {
      this.#lot.giveBack(slot);
      return;
    }
    const silence = music.playTo(media, parker, this.address.host);
    const call = new ParkedCall({
      clock: context.clock,
      referrals: this.#agent.referrals,
      slot: this.#addressOf(slot),
      session,
      returnTo: fallback === undefined ? [parker] : [parker, fallback],
      returnAfter,
      firstAfter: Math.max(0, returnAfter - (context.clock.date() - since)),
      ring: (user) => this.#ring(user, slot, session),
      released: (outcome) => {
        silence();
        this.#parked.delete(slot);
        this.#lamps.darken(slot);
        this.#lot.giveBack(slot);
        if (session.end?.kind === 'stopped') return;
        store.remove(slot);
        this.#parts.count(outcome);
        context.log.info('a parked call has left its slot', { lot: this.address.toString(), slot, outcome });
      },
    });
    const { callId, localTag, remoteTag } = dialog;
    store.put({ slot, parker, target: dialog.remoteTarget.toString(), callId, localTag, remoteTag, since });
    this.#parts.count('parked');
    context.log.info('a call is parked', { lot: this.address.toString(), slot, by: parker });
    this.#parked.set(slot, call);
    this.#lamps.light(slot, invite, session);
    call.start();
  }

  /** Rings somebody who is to take a call; when he answers he hears what who is parked hears. */
  #ring(user: string, slot: string, { dialog: { secure } }: InviteSession): OutgoingInvite {
    const { sound, music } = this.#parts;
    const media = sound.open(secure);
    const invite = this.#agent.sessions.invite(
      {
        target: this.address.with({ scheme: secure ? 'sips' : 'sip', user }),
        from: this.#addressOf(slot),
        ringTime: this.#options.ringTime,
      },
      media,
    );
    void invite.outcome.then((outcome) => {
      if (outcome.kind !== 'answered') return;
      const silence = music.playTo(media, user, this.address.host);
      outcome.session.listen(({ kind }) => {
        if (kind === 'ended') silence();
      });
    });
    return invite;
  }

  #addressOf(slot: string): NameAddr {
    return NameAddr.of({ uri: this.address.with({ user: slot }) });
  }

  #errorInfo(name: AnnouncementName): HeaderInit[] {
    const { announcement } = this.#parts;
    return announcement === undefined ? [] : [['Error-Info', `<${announcementUri(announcement, name).toString()}>`]];
  }
}

const forbidden: Refusal = { status: 403, reason: 'Forbidden' };

/** A call that is to be kept. */
interface Parking {
  readonly parker: string;
  /** Milliseconds since 1970. */
  readonly since: number;
  readonly invite: OutgoingInvite | IncomingInvite;
  readonly session: InviteSession;
}
