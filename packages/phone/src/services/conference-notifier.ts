import { conferenceEvent, encodeUtf8, Notifier } from '@switchhook/sip';
import type { Authorization, ConferenceUser, SubscriptionRequest, WatchedConference } from '@switchhook/sip';
import type { ServiceHost } from '../service-host.ts';
import type { Conference, ConferenceMember } from './conference.ts';

/** Tells who may join a conference of this phone who is in it (RFC 4575); to be installed into its user agent. */
export class ConferenceNotifier {
  readonly notifier: Notifier<WatchedConference>;
  readonly #host: ServiceHost;
  /** What the notifier calls each of them. */
  readonly #resources = new Map<Conference, string>();

  constructor(host: ServiceHost) {
    this.#host = host;
    this.notifier = new Notifier(host.agent, {
      package: conferenceEvent,
      authorize: (request) => this.#authorize(request),
    });
  }

  /** Something has happened in a conference. */
  changed(conference: Conference): void {
    const { context, home } = this.#host;
    const resource = this.#resources.get(conference) ?? context.random.token();
    const entity = home.toString();
    if (conference.ended) {
      this.#resources.delete(conference);
      this.notifier.conclude(resource, { entity, ended: true, users: [] });
      return;
    }
    this.#resources.set(conference, resource);
    this.notifier.publish(resource, { entity, ended: false, users: conference.roster.map(userOf) });
  }

  /** A conference has no address of its own: it is the one that whoever asks takes part in, or might. */
  #authorize({ watcher: caller }: SubscriptionRequest): Authorization<WatchedConference> {
    const { whoMay } = this.#host;
    for (const [{ roster }, resource] of this.#resources) {
      if (roster.some(({ call: { session } }) => whoMay.mayJoin({ caller }, session) === 'yes')) {
        return { kind: 'accept', resource };
      }
    }
    return { kind: 'reject', status: whoMay.mayJoin({ caller }, undefined) === 'yes' ? 404 : 403 };
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
