import type { IncomingInvite } from '@switchhook/sip';
import type { Call } from '../call.ts';
import { PhoneError } from '../failure.ts';
import type { ServiceHost } from '../service-host.ts';
import { ConferenceNotifier } from './conference-notifier.ts';
import { Conference, setFocus } from './conference.ts';
import type { ConferenceOptions } from './conference.ts';

/** The conferences of a phone. */
export class Conferences {
  /** Tells others of them. */
  readonly told: ConferenceNotifier;
  readonly #host: ServiceHost;
  readonly #conferences = new Set<Conference>();

  constructor(host: ServiceHost) {
    this.#host = host;
    this.told = new ConferenceNotifier(host);
  }

  get all(): readonly Conference[] {
    return [...this.#conferences];
  }

  /** The one that a call is in. */
  of(call: Call): Conference | undefined {
    return this.all.find((conference) => conference.has(call));
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
    setFocus(invite.session, true);
    invite.ring();
    const conference = this.of(joined) ?? this.#make(joined, {});
    await conference.admit(call).catch(() => undefined);
  }

  #make(first: Call, options: ConferenceOptions): Conference {
    const conference: Conference = new Conference(this.#host, options, () => this.#conferences.delete(conference));
    this.#conferences.add(conference);
    conference.onEvent(() => {
      this.told.changed(conference);
    });
    conference.begin(first);
    return conference;
  }
}
