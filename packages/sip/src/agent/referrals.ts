import type { Capability, UserAgentCore } from '../dialog/contract.ts';
import type { Dialog } from '../dialog/dialog.ts';
import { Notifier } from '../event/notifier.ts';
import { type ReferenceStatus, referEvent } from '../event/packages/refer.ts';
import { SyntaxFault } from '../message/fault.ts';
import type { HeaderInit } from '../message/header.ts';
import { Event } from '../message/headers/event.ts';
import { ReferSub } from '../message/headers/refer-sub.ts';
import { ReferredBy } from '../message/headers/referred-by.ts';
import { Require } from '../message/headers/require.ts';
import { TargetDialog } from '../message/headers/target-dialog.ts';
import type { SipRequest } from '../message/message.ts';
import { NameAddr } from '../message/name-addr.ts';
import { isSecure, SipUri } from '../message/uri.ts';
import type { Uri } from '../message/uri.ts';
import { InviteSession } from '../session/invite-session.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import type { Flow } from '../transport/contract.ts';
import { IncomingReferral } from './incoming-referral.ts';
import { OutgoingReferral } from './outgoing-referral.ts';
import { referenceOf } from './reference.ts';
import type { ReferralParts, ReferralRequest } from './referral-contract.ts';
import type { Refused } from './request-inspection.ts';

/** Who decides on REFERs that come. */
export interface ReferralsUser {
  /**
   * Somebody asks to contact somebody else. Accept or reject it, now or later; after a few seconds without a decision he is
   * told that it is being looked at.
   */
  referred(referral: IncomingReferral): void;
}

/** Which REFERs of others are followed, how many at a time, and how long it is told how they go (RFC 3515). */
export interface ReferralsOptions {
  /** REFERs of far ends at a time; a further one gets 503 with Retry-After. 16 if not given. */
  readonly maximumReferrals?: number | undefined;
  /** Seconds that whoever refers is told how it goes, unless he asks for more; longer than a phone may ring. */
  readonly expires?: number | undefined;
}

/** All zeros when nothing is under way. */
export interface ReferralsStats {
  readonly outgoing: number;
  readonly incoming: number;
  /** Far ends that are told how their reference fares. */
  readonly subscriptions: number;
}

const defaultMaximumReferrals = 16;
/** Seconds until somebody who was turned away for want of room may ask again. */
const retryAfter = 10;

/**
 * REFER, for a user agent (RFC 3515): refers others by {@link refer}, and is referred. With it go the `refer` event package,
 * Refer-Sub (RFC 4488), `nosub` (RFC 7614) and Target-Dialog (RFC 4538).
 */
export class Referrals implements Capability {
  readonly name = 'refer';
  readonly methods: readonly string[] = ['REFER', 'NOTIFY', 'SUBSCRIBE'];
  readonly extensions: readonly string[] = ['norefersub', 'nosub', 'tdialog'];
  readonly accepts: readonly string[] = [referEvent.contentType];
  readonly events: readonly string[] = [referEvent.name];
  readonly #core: UserAgentCore;
  readonly #user: ReferralsUser;
  readonly #maximumReferrals: number;
  readonly #expires: number;
  readonly #notifier: Notifier<ReferenceStatus>;
  readonly #outgoing = new Set<OutgoingReferral>();
  readonly #incoming = new Set<IncomingReferral>();
  /** Dialogs in which a REFER has come. */
  readonly #referredIn = new WeakSet<Dialog>();

  constructor(core: UserAgentCore, user: ReferralsUser, options: ReferralsOptions = {}) {
    this.#core = core;
    this.#user = user;
    this.#maximumReferrals = options.maximumReferrals ?? defaultMaximumReferrals;
    this.#expires = options.expires ?? referEvent.defaultExpires;
    this.#notifier = new Notifier(core, {
      package: referEvent,
      // A REFER alone makes such a subscription; who has one may make it last longer (RFC 3515 2.4.4).
      authorize: ({ request }) => {
        const resource = this.#resourceOf(request);
        return resource === undefined ? { kind: 'reject', status: 403 } : { kind: 'accept', resource };
      },
    });
  }

  /** Asks somebody to contact somebody else. Throws for parts that name neither a dialog that stands nor a target. */
  refer(parts: ReferralParts): OutgoingReferral {
    const referral = new OutgoingReferral(this.#core, parts, (ended) => this.#outgoing.delete(ended));
    this.#outgoing.add(referral);
    referral.start();
    return referral;
  }

  request(transaction: ServerTransaction): boolean {
    const { method } = transaction.request;
    if (method === 'SUBSCRIBE') return this.#notifier.request(transaction);
    if (method !== 'REFER') return false;
    this.#take(transaction, undefined);
    return true;
  }

  requestWithin(transaction: ServerTransaction): boolean {
    const { request } = transaction;
    if (request.method === 'SUBSCRIBE') return this.#notifier.requestWithin(transaction);
    if (request.method === 'NOTIFY') return this.#refuseStray(transaction);
    const dialog = this.#core.dialogs.ofRequest(request);
    if (dialog === undefined) return false;
    this.#take(transaction, dialog);
    return true;
  }

  stop(): void {
    for (const referral of [...this.#outgoing]) referral.stop();
    for (const referral of [...this.#incoming]) referral.stop();
    this.#notifier.stop();
  }

  stats(): ReferralsStats {
    const { subscriptions } = this.#notifier.stats();
    return { outgoing: this.#outgoing.size, incoming: this.#incoming.size, subscriptions };
  }

  #take(transaction: ServerTransaction, within: Dialog | undefined): void {
    const id =
      within !== undefined && this.#referredIn.has(within) ? String(transaction.request.cseqNumber) : undefined;
    if (within !== undefined) this.#referredIn.add(within);
    const asked = this.#read(transaction, within);
    const refused = asked instanceof SyntaxFault ? asked : this.#refusalOf(asked, transaction.flow);
    if (asked instanceof SyntaxFault || refused !== undefined) {
      const { status, reason, headers = [] }: Refused = refused ?? { status: 500 };
      transaction.refuse(status, { headers, ...(reason !== undefined && { reason }) });
      return;
    }
    const dialog = within ?? this.#core.acceptDialog(transaction);
    if (dialog instanceof SyntaxFault) {
      transaction.refuse(dialog.status, { reason: dialog.reason });
      return;
    }
    const referral = new IncomingReferral({
      transaction,
      dialog,
      id,
      resource: resourceKey(dialog, id),
      notifier: this.#notifier,
      // In all that makes dialogs (RFC 6665 4.4.4).
      capabilities: within === undefined ? this.#core.capabilityHeaders(['Allow', 'Supported', 'Allow-Events']) : [],
      asked,
      expires: this.#expires,
      released: (ended) => this.#incoming.delete(ended),
    });
    this.#incoming.add(referral);
    referral.start();
    this.#user.referred(referral);
  }

  #read({ request, flow }: ServerTransaction, within: Dialog | undefined): ReferralRequest | SyntaxFault {
    const reference = referenceOf(request);
    if (reference instanceof SyntaxFault) return reference;
    const referredBy = request.rawAll(ReferredBy);
    const [first] = referredBy;
    if (referredBy.length > 1) return new SyntaxFault('Several Referred-By');
    const by = first === undefined ? undefined : NameAddr.parse(first);
    if (by instanceof SyntaxFault) return new SyntaxFault(`Referred-By: ${by.reason}`);
    const referSub = request.get(ReferSub);
    if (referSub instanceof SyntaxFault) return new SyntaxFault(`Refer-Sub: ${referSub.reason}`);
    const about = within ?? this.#named(request);
    const own: HeaderInit[] = first === undefined ? [] : [['Referred-By', first]];
    return {
      message: request,
      reference,
      caller: this.#core.callerOf(request, flow),
      referredBy: by,
      headers: [...reference.headers, ...own],
      about,
      within: within !== undefined,
      session: about === undefined ? undefined : sessionOf(about),
      subscribes:
        referSub?.subscribe !== false && !request.rawAll(Require).some((tag) => tag.toLowerCase() === 'nosub'),
    };
  }

  /** The dialog that Target-Dialog names, seen from here. One that is not known names nothing, as one that does not read (RFC 4538 4). */
  #named(request: SipRequest): Dialog | undefined {
    const named = request.get(TargetDialog);
    if (named === undefined || named instanceof SyntaxFault) return undefined;
    return this.#core.dialogs.find(named.callId, named.localTag, named.remoteTag);
  }

  /** What is refused whoever asks for it. None of these statuses ends the dialog of a call (RFC 5057 5.1). */
  #refusalOf({ message, reference, about }: ReferralRequest, flow: Flow): Refused | undefined {
    const { requestUri } = message;
    if ((about?.secure === true || isSecure(requestUri)) && !isSecure(reference.uri)) {
      return { status: 403, reason: 'SIPS Required', headers: [['Warning', `381 ${this.#host} "SIPS Required"`]] };
    }
    if (this.#leadsHere(reference.uri, flow)) return { status: 603, reason: 'Refer-To Leads Here' };
    if (this.#incoming.size < this.#maximumReferrals) return undefined;
    return { status: 503, headers: [['Retry-After', String(retryAfter)]] };
  }

  get #host(): string {
    const { uri } = this.#core.address;
    return uri instanceof SipUri ? uri.hostport : '-';
  }

  /** Whether it is this side that it refers to: its address, its GRUU, its contact. */
  #leadsHere(uri: Uri, flow: Flow): boolean {
    if (!(uri instanceof SipUri)) return false;
    const contact = NameAddr.parse(this.#core.contact(flow, uri.scheme === 'sips'));
    const own = [this.#core.address.uri, ...(contact instanceof NameAddr ? [contact.uri] : [])];
    const gr = uri.parameters.get('gr');
    return own.some(
      (each) =>
        each instanceof SipUri &&
        each.addressOfRecord === uri.addressOfRecord &&
        (gr === undefined || gr === each.parameters.get('gr')),
    );
  }

  /** A NOTIFY of what was referred to, and is over here: 481 (RFC 6665 4.1.3). Others are for others to answer. */
  #refuseStray(transaction: ServerTransaction): boolean {
    const event = transaction.request.get(Event);
    if (event === undefined || event instanceof SyntaxFault || event.type !== referEvent.name) return false;
    transaction.refuse(481);
    return true;
  }

  #resourceOf(request: SipRequest): string | undefined {
    const dialog = this.#core.dialogs.ofRequest(request);
    const event = request.get(Event);
    if (dialog === undefined || event === undefined || event instanceof SyntaxFault) return undefined;
    const resource = resourceKey(dialog, event.id);
    return this.#notifier.published(resource) === undefined ? undefined : resource;
  }
}

function resourceKey({ callId, localTag, remoteTag }: Dialog, id: string | undefined): string {
  return [callId, localTag, remoteTag, id ?? ''].join('\n');
}

function sessionOf(dialog: Dialog): InviteSession | undefined {
  for (const usage of dialog.usages) if (usage instanceof InviteSession) return usage;
  return undefined;
}
