import { conferenceEvent, encodeUtf8, Notifier } from '@switchhook/sip';
import type { Authorization, ConferenceUser, SubscriptionRequest, WatchedConference } from '@switchhook/sip';
import type { ServiceHost } from '../service-host.ts';
import type { Conference, ConferenceMember } from './conference.ts';
import type { Conferences } from './conferences.ts';

/** Tells who may join a conference of this phone who is in it (RFC 4575); to be installed into its user agent. */
export class ConferenceNotifier {
  readonly notifier: Notifier<WatchedConference>;
  readonly #host: ServiceHost;
  readonly #conferences: Conferences;

  constructor(host: ServiceHost, conferences: Conferences) {
    this.#host = host;
    this.#conferences = conferences;
    this.notifier = new Notifier(host.agent, {
      package: conferenceEvent,
      authorize: (request) => this.#authorize(request),
    });
  }

  /** Something has happened in a conference. */
  changed(conference: Conference): void {
    const { id, ended, roster } = conference;
    const state = { entity: conference.uri ?? this.#host.home.toString(), ended, users: roster.map(userOf) };
    if (ended) this.notifier.conclude(id, state);
    else this.notifier.publish(id, state);
  }

  /**
   * Each conference has an address; who asks at that of the phone itself is told of the one that he takes part in, or might. A
   * renewal is of what it has been of.
   */
  #authorize(request: SubscriptionRequest): Authorization<WatchedConference> {
    const caller = request.watcher;
    const conference = this.#meant(request).find(
      ({ sessions }) => this.#conferences.mayJoin({ caller }, sessions[0]) === 'yes',
    );
    if (conference !== undefined) return { kind: 'accept', resource: conference.id };
    return { kind: 'reject', status: this.#conferences.mayJoin({ caller }, undefined) === 'yes' ? 404 : 403 };
  }

  #meant({ request, resource }: SubscriptionRequest): readonly Conference[] {
    const { all } = this.#conferences;
    if (resource !== undefined) return all.filter(({ id }) => id === resource);
    const addressed = this.#conferences.at(request);
    if (addressed === undefined) return all;
    return addressed.conference === undefined ? [] : [addressed.conference];
  }
}

function userOf({ call, joined, muted }: ConferenceMember): ConferenceUser {
  const { remote, direction, remoteHold, localHold } = call;
  const isHeld = remoteHold || localHold;
  return {
    entity: encodeUtf8(remote.uri),
    displayText: remote.name,
    endpoints: [
      {
        entity: encodeUtf8(remote.uri),
        status: isHeld ? 'on-hold' : joined ? 'connected' : direction === 'outgoing' ? 'dialing-out' : 'dialing-in',
        joiningMethod: direction === 'outgoing' ? 'dialed-out' : 'dialed-in',
        media: [{ id: '1', type: 'audio', status: isHeld ? 'inactive' : muted ? 'recvonly' : 'sendrecv' }],
      },
    ],
  };
}
