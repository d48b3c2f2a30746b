import { SipUri } from '@switchhook/sip';
import type { Caller, Dialog, NameAddr, Uri, WatcherRights } from '@switchhook/sip';
import { partyOfUri } from '../party.ts';
import type { Party } from '../party.ts';
import { AddressPattern } from './address-pattern.ts';
import { personOf } from './link-recipient.ts';

/**
 * Who may, from few to many; each has those before it, too:
 * - `nobody`
 * - `self`: one's own other devices, by the same address of record
 * - `party`: the far end of the very call that it is about, and whom that far end has sent to take its place (RFC 3892)
 * - `group`: the group that is set, see {@link Permissions.group}
 * - `domain`: everybody of one's own domain
 * - `everybody`
 */
export type Audience = 'nobody' | 'self' | 'party' | 'group' | 'domain' | 'everybody';

/** Whether something is done: at once, not at all, or when the person has said so. */
export type Permission = 'yes' | 'no' | 'ask';

/** Who may do one thing, and for whom the person is asked: an audience, and a larger one. */
export interface Rule {
  readonly allow: Audience;
  /** Nobody is asked without it. */
  readonly ask?: Audience | undefined;
}

/** What others may do with a phone and its calls (RFC 5359 3). What is not set is as {@link defaultRules} says. */
export interface Permissions {
  /** Who belongs to one's group: `bill@example.com`, `*@sales.example.com`, `example.com`. Nobody without it. */
  readonly group?: readonly string[] | undefined;
  /**
   * When somebody is believed to be who he says: `proved` where the exchange asserts it (RFC 3325), or a certificate does;
   * `claimed` believes From, for networks that nobody else is in. `proved` without it.
   */
  readonly identity?: 'proved' | 'claimed' | undefined;
  /** Sees one's dialogs, with all that it takes to replace or join them (RFC 4235). */
  readonly watchDialogs?: Audience | undefined;
  /** Sees whether one is in a call, and nothing else: what automatic redial needs (RFC 5359 2.17). */
  readonly watchOccupation?: Audience | undefined;
  /** Takes over a call of this side that rings at somebody else's (RFC 5359 2.16). */
  readonly pickUp?: Rule | undefined;
  /** Takes the far end's place in a call that is answered (RFC 3891). */
  readonly replace?: Rule | undefined;
  /** Joins a call (RFC 3911). */
  readonly join?: Rule | undefined;
  /** Has this phone call somebody, or replace a call (RFC 3515). */
  readonly refer?: Rule | undefined;
}

/** Safe ones: whoever is in no call with this phone, nor in its group or domain, can do nothing, whatever he knows. */
const defaultRules = {
  watchDialogs: 'group',
  watchOccupation: 'domain',
  pickUp: { allow: 'group' },
  replace: { allow: 'group' },
  join: { allow: 'group' },
  refer: { allow: 'party', ask: 'group' },
} as const satisfies Permissions;

/** Somebody who wants something. */
export interface Requester {
  readonly caller: Caller;
  /** Who has sent him, by his own account (RFC 3892). */
  readonly referredBy?: NameAddr | undefined;
  /** The one person that the link is for which he follows, see {@link personOf}. Nobody else may what it says. */
  readonly recipient?: string | undefined;
}

/** The call that it is about: a session, or what else has its dialog. */
export interface Subject {
  readonly dialog: Pick<Dialog, 'state' | 'remoteAddress' | 'remoteTarget' | 'flow'>;
  /** Whoever was at the far end before, and was replaced by the one who is there now: he may come back (RFC 5359 2.3). */
  readonly before?: Party | undefined;
}

const audiences: readonly Audience[] = ['nobody', 'self', 'party', 'group', 'domain', 'everybody'];

/**
 * Decides who may watch this phone, pick up, replace and join its calls, and refer it. It says no before it is looked whether
 * what is asked for is there, so that whoever may not do a thing learns nothing from the answer.
 */
export class WhoMay {
  readonly #own: Uri;
  readonly #group: readonly AddressPattern[];
  readonly #believesFrom: boolean;
  readonly #permissions: Permissions;

  /** `own` is the address of record of the phone. Throws where a pattern is none. */
  constructor(own: Uri, permissions: Permissions = {}) {
    const { group = [], identity = 'proved' } = permissions;
    this.#own = own;
    this.#group = group.map((pattern) => new AddressPattern(pattern));
    this.#believesFrom = identity === 'claimed';
    this.#permissions = permissions;
  }

  /** What somebody may see of this phone's dialogs. */
  mayWatch(caller: Caller): WatcherRights {
    const audience = this.#audienceOf({ caller }, undefined);
    const { watchDialogs, watchOccupation } = this.#permissions;
    if (includes(watchDialogs ?? defaultRules.watchDialogs, audience)) return 'dialogs';
    return includes(watchOccupation ?? defaultRules.watchOccupation, audience) ? 'occupation' : 'nothing';
  }

  /**
   * Whether somebody may take the far end's place in a call of this phone: pick it up while it rings there, or replace it.
   * Without a call it is what he might in the best case.
   */
  mayReplace(requester: Requester, call: Subject | undefined): Permission {
    const audience = this.#audienceOf(requester, call);
    const { pickUp = defaultRules.pickUp, replace = defaultRules.replace } = this.#permissions;
    if (!this.#isRecipient(requester)) return 'no';
    if (call !== undefined) return permission(call.dialog.state === 'early' ? pickUp : replace, audience);
    const answers = [permission(pickUp, audience), permission(replace, audience)];
    return answers.find((answer) => answer !== 'no') ?? 'no';
  }

  /** Whether somebody may join a call of this phone. Who has sent him counts only where it is signed (RFC 3911 4), which it never is here. */
  mayJoin({ caller }: Requester, call: Subject | undefined): Permission {
    return permission(this.#permissions.join ?? defaultRules.join, this.#audienceOf({ caller }, call));
  }

  /**
   * Whether somebody may have this phone call somebody. `call` is the one that his REFER came `within`, or that its
   * Target-Dialog names (RFC 4538). Within it he is a party where its messages come from, as with a BYE; else he has to prove it.
   */
  mayRefer({ caller }: Requester, call: Subject | undefined, within: boolean): Permission {
    const isInside = within && call !== undefined && isFrom(caller, call.dialog);
    const rule = this.#permissions.refer ?? defaultRules.refer;
    return permission(rule, isInside ? 'party' : this.#audienceOf({ caller }, call));
  }

  /** The smallest audience that somebody belongs to. */
  #audienceOf({ caller, referredBy }: Requester, call: Subject | undefined): Audience {
    const uri = this.#identityOf(caller);
    if (uri === undefined) return 'everybody';
    if (isSame(uri, this.#own)) return 'self';
    const isFar = (each: Uri): boolean => call !== undefined && farEnds(call.dialog).some((far) => isSame(each, far));
    if (isFar(uri) || (referredBy !== undefined && isFar(referredBy.uri))) return 'party';
    if (call?.before !== undefined && partyOfUri(uri).uri === call.before.uri) return 'party';
    if (this.#group.some((pattern) => pattern.matches(uri))) return 'group';
    return isOfSameDomain(uri, this.#own) ? 'domain' : 'everybody';
  }

  #isRecipient({ caller, recipient }: Requester): boolean {
    if (recipient === undefined) return true;
    const uri = this.#identityOf(caller);
    return uri !== undefined && personOf(uri) === recipient;
  }

  /** Who somebody is, where it is known; undefined where he only says so. */
  #identityOf({ address, asserted, flow }: Caller): Uri | undefined {
    const { uri } = address;
    return asserted || this.#believesFrom || isCertified(uri, flow) ? uri : undefined;
  }
}

/** Who was called, and to whom the call was forwarded: the one whose telephone has answered, as its GRUU tells (RFC 5627). */
function farEnds({ remoteAddress, remoteTarget }: Subject['dialog']): readonly Uri[] {
  const isGruu = remoteTarget instanceof SipUri && remoteTarget.parameters.has('gr');
  return isGruu ? [remoteAddress.uri, remoteTarget] : [remoteAddress.uri];
}

/**
 * RFC 5922: the certificate that somebody came with is for his address, or for the domain that it is of. One that this side
 * has connected to has proved that it is a proxy of that domain, and not who has sent what comes from it.
 */
function isCertified(uri: Uri, { peer, outgoing }: Caller['flow']): boolean {
  if (peer === undefined || outgoing || !(uri instanceof SipUri)) return false;
  const address = uri.addressOfRecord;
  return (
    peer.addresses.some((each) => each.replace(/^sips:/, 'sip:') === address) ||
    peer.domains.some((each) => each.replace(/^sips?:/, '').toLowerCase() === uri.host)
  );
}

/** Whether a request comes from where the messages of a dialog come from. */
function isFrom({ flow }: Caller, dialog: Subject['dialog']): boolean {
  return dialog.flow !== undefined && dialog.flow.remote.address === flow.remote.address;
}

function includes(allowed: Audience, audience: Audience): boolean {
  return audience !== 'nobody' && audiences.indexOf(audience) <= audiences.indexOf(allowed);
}

function permission({ allow, ask = 'nobody' }: Rule, audience: Audience): Permission {
  if (includes(allow, audience)) return 'yes';
  return includes(ask, audience) ? 'ask' : 'no';
}

/** sip and sips are the same person here. */
function isSame(one: Uri, other: Uri): boolean {
  if (!(one instanceof SipUri && other instanceof SipUri)) return one.toString() === other.toString();
  return one.addressOfRecord === other.addressOfRecord;
}

function isOfSameDomain(one: Uri, other: Uri): boolean {
  return one instanceof SipUri && other instanceof SipUri && one.host === other.host;
}
