import { requestTargets, SipUri } from '@switchhook/sip';
import type { AddressedConference, IncomingInvite, InviteSession, SipRequest } from '@switchhook/sip';
import type { Call } from '../call.ts';
import { PhoneError } from '../failure.ts';
import { conferenceParameter } from '../party.ts';
import type { ServiceHost } from '../service-host.ts';
import type { Permission, Requester } from './authorization.ts';
import { ConferenceNotifier } from './conference-notifier.ts';
import { Conference } from './conference.ts';
import type { ConferenceOptions } from './conference.ts';

/** The conferences of a phone. */
export class Conferences {
  /** Tells others of them. */
  readonly told: ConferenceNotifier;
  readonly #host: ServiceHost;
  /** By their ids. */
  readonly #conferences = new Map<string, Conference>();

  constructor(host: ServiceHost) {
    this.#host = host;
    this.told = new ConferenceNotifier(host, this);
  }

  get all(): readonly Conference[] {
    return [...this.#conferences.values()];
  }

  /** The one that a call is in. */
  of(call: Call): Conference | undefined {
    return this.all.find((conference) => conference.has(call));
  }

  /** The one that a request is addressed to, which may be over; undefined for a request to no conference. */
  at(request: SipRequest): { readonly conference: Conference | undefined } | undefined {
    const id = requestTargets(request)
      .filter((uri) => uri instanceof SipUri)
      .filter((uri) => this.#host.agent.isOurs(uri))
      .map(({ parameters }) => parameters.get(conferenceParameter))
      .find((each) => each !== undefined);
    return id === undefined ? undefined : { conference: this.#conferences.get(id) };
  }

  /** A session of the conference that a request is addressed to, as claims to sessions want it. */
  sessionAt(request: SipRequest): AddressedConference | undefined {
    const addressed = this.at(request);
    const { sessions = [], contact } = addressed?.conference ?? {};
    return addressed && { session: sessions[0], contact };
  }

  /** Whether somebody may join a call of this phone, or the conference that it is in: as a party of each call in that. */
  mayJoin(requester: Requester, session: InviteSession | undefined): Permission {
    const call = session && this.#host.callOf(session);
    const sessions = (call && this.of(call)?.sessions) ?? [session];
    const answers = sessions.map((each) => this.#host.whoMay.mayJoin(requester, each));
    return answers.find((answer) => answer === 'yes') ?? answers.find((answer) => answer === 'ask') ?? 'no';
  }

  /** Makes one of calls, the first of which has the person's ear. Rejects where one of them cannot be in it. */
  async begin(calls: readonly Call[], options: ConferenceOptions): Promise<Conference> {
    const [first, ...others] = calls;
    const busy = calls.find((call) => call.state !== 'connected' || this.of(call) !== undefined);
    if (first === undefined || busy !== undefined) {
      throw new PhoneError({ kind: 'not-now' }, busy?.remote.name ?? 'nobody');
    }
    const conference = this.#make(first, options);
    if (others.length > 0) await Promise.all(calls.map((call) => conference.add(call)));
    return conference;
  }

  /** Whether somebody can join a call: one that rings here has nobody who could be talked with (RFC 3911 4). */
  canBeJoined(call: Call | undefined): call is Call {
    return call !== undefined && (call.state === 'connected' || call.direction === 'outgoing');
  }

  /** Somebody who may joins a call (RFC 5359 2.11): it becomes a conference, or he comes into that which it is in. */
  async admit(invite: IncomingInvite, call: Call, joined: Call): Promise<void> {
    const conference = this.of(joined) ?? this.#make(joined, {});
    conference.focus(invite.session);
    invite.ring();
    await conference.admit(call).catch(() => undefined);
  }

  #make(first: Call, options: ConferenceOptions): Conference {
    const conference: Conference = new Conference(this.#host, options, () => this.#conferences.delete(conference.id));
    this.#conferences.set(conference.id, conference);
    conference.onEvent(() => {
      this.told.changed(conference);
    });
    conference.begin(first);
    return conference;
  }
}
