import { headerField, NameAddr, parseUri, ReferredBy, SyntaxFault } from '@switchhook/sip';
import type { InviteOutcome, InviteSession, InviteSessions, OutgoingInvite, Timer, UserAgent } from '@switchhook/sip';
import type { ParkStore, StoredCall } from './park-store.ts';
import type { ParkingLot } from './parking-lot.ts';
import { byeless } from './server.ts';
import type { ServerSound } from './server-sound.ts';

/** Milliseconds between two tries to reach somebody, and after which he is given up: phones have registered anew by then. */
const tryAgainAfter = 5_000;
const patience = 180_000;
/** Milliseconds that his telephone may take to answer. */
const answerTime = 30_000;

/** What is said by who cannot be reached at the moment; all else is said by who knows that the call is over, or refuses. */
const unreachable: ReadonlySet<number> = new Set([404, 408, 430, 480, 500, 502, 503, 504]);

export interface ParkRecoveryParts {
  readonly agent: UserAgent;
  readonly sessions: InviteSessions;
  readonly sound: ServerSound;
  readonly store: ParkStore;
  readonly lot: ParkingLot;
  addressOf(slot: string): NameAddr;
  /** He could not be found. */
  lost(): void;
  /** He is parked as before, in a call of its own. */
  found(call: StoredCall, invite: OutgoingInvite, session: InviteSession): void;
}

/**
 * Finds those again who were parked when the exchange stopped, or its process died. Their telephones still hold the call to the
 * server that is gone; a new one takes its place by Replaces (RFC 3891). Who cannot be found is told in the log, and to his
 * parker by an instant message: no call is lost without a word.
 */
export class ParkRecovery {
  readonly #parts: ParkRecoveryParts;
  readonly #timers = new Set<Timer>();
  #looking = 0;
  #stopped = false;

  constructor(parts: ParkRecoveryParts) {
    this.#parts = parts;
  }

  /** Calls that are being looked for. */
  get size(): number {
    return this.#looking;
  }

  start(): void {
    for (const call of this.#parts.store.all()) {
      this.#looking += 1;
      // A slot that is none any more is nobody else's either.
      this.#parts.lot.take(call.slot);
      void this.#look(call, this.#now + patience);
    }
  }

  stop(): void {
    this.#stopped = true;
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
    this.#looking = 0;
  }

  get #now(): number {
    return this.#parts.agent.context.clock.now();
  }

  async #look(call: StoredCall, until: number): Promise<void> {
    const invite = this.#invite(call);
    const outcome = await invite?.outcome;
    if (this.#stopped) return;
    if (invite !== undefined && outcome?.kind === 'answered') {
      this.#looking -= 1;
      this.#parts.found(call, invite, outcome.session);
    } else if (outcome !== undefined && mayComeBack(outcome) && this.#now < until) this.#later(call, until);
    else this.#lose(call);
  }

  #later(call: StoredCall, until: number): void {
    const timer = this.#parts.agent.context.clock.after(tryAgainAfter, () => {
      this.#timers.delete(timer);
      void this.#look(call, until);
    });
    this.#timers.add(timer);
  }

  #invite({ slot, target, callId, localTag, remoteTag }: StoredCall): OutgoingInvite | undefined {
    const uri = parseUri(target);
    if (uri instanceof SyntaxFault) return undefined;
    const { sessions, sound, agent } = this.#parts;
    return sessions.invite(
      {
        target: uri,
        from: this.#parts.addressOf(slot),
        headers: [
          ['Replaces', `${callId};to-tag=${remoteTag};from-tag=${localTag}`],
          ['Require', 'replaces'],
          // The party that is replaced says so himself.
          headerField(ReferredBy, NameAddr.of({ uri: agent.address.uri })),
        ],
        contactParameters: byeless,
        ringTime: answerTime,
      },
      sound.open(target.startsWith('sips:')),
    );
  }

  #lose({ slot, parker }: StoredCall): void {
    const { agent, store, lot } = this.#parts;
    this.#looking -= 1;
    store.remove(slot);
    lot.giveBack(slot);
    this.#parts.lost();
    agent.context.log.warn('a parked call could not be found again after the restart', { slot, by: parker });
    const { uri } = this.#parts.addressOf(parker);
    void agent.ask({
      method: 'MESSAGE',
      target: uri,
      body: `The call that you parked at ${slot} could not be found again after the exchange was restarted.`,
      contentType: 'text/plain',
    });
  }
}

function mayComeBack(outcome: InviteOutcome): boolean {
  switch (outcome.kind) {
    case 'refused':
      return unreachable.has(outcome.response.status);
    case 'unreachable':
    case 'no-answer':
      return true;
    default:
      return false;
  }
}
