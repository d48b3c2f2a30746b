import { NameAddr, ReferredBy, SipUri, TelUri, To } from '@switchhook/sip';
import type { IncomingInvite } from '@switchhook/sip';
import { features } from '../settings/features.ts';
import type { SettingsAnswer, SettingsDesk } from '../settings/desk.ts';
import type { AnnouncementName } from './announcement-names.ts';
import type { Dialled, FeatureCodes } from './feature-codes.ts';
import { playTo } from './played-call.ts';
import type { Recordings } from './recordings.ts';
import { ServerAgent } from './server-agent.ts';
import type { Server, ServerParts, ServerStats } from './server.ts';
import { subscriberOf } from './takeover.ts';
import type { ProvenCaller } from './takeover.ts';

/** Where settings are changed. */
export type FeatureDesk = Pick<SettingsDesk, 'get' | 'merge'>;

export interface FeatureParts extends ServerParts {
  readonly codes: FeatureCodes;
  readonly desk: FeatureDesk;
  readonly recordings: Recordings;
}

/** Digits of a number that are said again. */
const mostDigits = 20;

/**
 * Changes the settings of who dials a code, and says so: `*72` and a number forwards all his calls to it. Whoever calls is
 * the subscriber that the exchange has proved him to be, and has dialled the code himself.
 */
export class FeatureServer implements Server {
  readonly kind = 'features';
  readonly address: SipUri;
  readonly #parts: FeatureParts;
  readonly #agent: ServerAgent;

  constructor(parts: FeatureParts) {
    this.address = parts.address;
    this.#parts = parts;
    this.#agent = new ServerAgent(parts, {
      called: (invite) => {
        this.#answer(invite);
      },
      isOurUser: isCode,
    });
  }

  isOurUser(user: string): boolean {
    return user === this.address.user || isCode(user);
  }

  start(): Promise<void> {
    return this.#agent.start();
  }

  stop(): Promise<void> {
    return this.#agent.stop();
  }

  stats(): ServerStats {
    return this.#agent.stats();
  }

  #answer(invite: IncomingInvite): void {
    const { recordings, context } = this.#parts;
    const by = subscriberOf(invite.caller, this.address.host);
    const dialled = userIn(invite.request.requestUri);
    if (dialled === undefined || dialled === this.address.user) invite.reject(404);
    else if (by === undefined || !isDialledBy(by, dialled, invite)) invite.reject(403);
    else if (!this.#agent.turnsAway(invite)) {
      playTo(invite, context.clock, () =>
        this.#said(by, dialled)
          .map((name) => recordings.find(name))
          .filter((recording) => recording !== undefined),
      );
    }
  }

  /** Does what was dialled, and answers with what is to be said of it. */
  #said(by: ProvenCaller, text: string): readonly AnnouncementName[] {
    const dialled = this.#parts.codes.read(text);
    if (dialled === undefined) return ['not-understood'];
    try {
      return this.#change(by, dialled);
    } catch (error) {
      this.#parts.context.log.error('a setting could not be changed', { by: by.user, error: String(error) });
      return ['not-changed'];
    }
  }

  #change({ user }: ProvenCaller, { feature: name, turn, target }: Dialled): readonly AnnouncementName[] {
    const { desk, context } = this.#parts;
    const { host } = this.address;
    const feature = features[name];
    const before = desk.get(user, host);
    if (before.kind !== 'settings') return ['not-allowed'];
    const needsTarget = feature.takesTarget && turn === 'on';
    if (needsTarget && target === '') return ['target-missing'];
    const answer = desk.merge(user, host, feature.change(turn, before.settings, target));
    if (answer.kind !== 'settings') return [refusalOf(answer)];
    context.log.info('a feature code was dialled', { by: `${user}@${host}`, feature: name, turn });
    return [feature.said[turn], ...(needsTarget ? digitsOf(target) : [])];
  }
}

/** What begins so is a code, known or not. */
function isCode(user: string): boolean {
  return user.startsWith('*');
}

/**
 * Whether a call is the caller's own doing: one that was forwarded or redirected has the address in To that he dialled, and
 * one that he was transferred to says by whom (RFC 3892). Else everybody could have others change their settings.
 */
function isDialledBy(by: ProvenCaller, dialled: string, { request }: IncomingInvite): boolean {
  const to = request.get(To);
  if (!(to instanceof NameAddr) || userIn(to.uri) !== dialled) return false;
  if (!request.has(ReferredBy)) return true;
  const referredBy = request.get(ReferredBy);
  const referrer = referredBy instanceof NameAddr ? referredBy.uri : undefined;
  return referrer instanceof SipUri && referrer.addressOfRecord === by.uri.addressOfRecord;
}

function userIn(uri: unknown): string | undefined {
  if (uri instanceof TelUri) return uri.digits;
  return uri instanceof SipUri ? uri.user : undefined;
}

/** Why settings were refused, as far as there are words for it. */
function refusalOf(answer: Exclude<SettingsAnswer, { kind: 'settings' }>): AnnouncementName {
  if (answer.kind === 'unknown') return 'not-allowed';
  switch (answer.faults[0]?.cause) {
    case 'oneself':
      return 'target-own';
    case 'circle':
      return 'target-circle';
    case 'not-allowed':
      return 'target-not-allowed';
    case undefined:
      return 'target-unknown';
  }
}

const digits: Readonly<Record<string, AnnouncementName>> = {
  '+': 'digit-plus',
  '0': 'digit-0',
  '1': 'digit-1',
  '2': 'digit-2',
  '3': 'digit-3',
  '4': 'digit-4',
  '5': 'digit-5',
  '6': 'digit-6',
  '7': 'digit-7',
  '8': 'digit-8',
  '9': 'digit-9',
};

/** A number digit by digit, so that who has mistyped it hears so; nothing for a name. */
function digitsOf(target: string): readonly AnnouncementName[] {
  const said = Array.from(target.replace(/[-.()]/g, ''), (character) => digits[character]);
  const known = said.filter((name) => name !== undefined);
  return known.length === said.length && known.length <= mostDigits ? known : [];
}
