import type { SipContext } from '../context.ts';
import type { WatchedDialog } from '../event/packages/dialog-info.ts';
import { IncomingInvite } from '../session/incoming-invite.ts';
import type { InviteSession } from '../session/invite-session.ts';
import type { OutgoingInvite } from '../session/outgoing-invite.ts';
import type { IncomingInviteEvent, OutgoingInviteEvent } from '../session/session-contract.ts';
import { dialogElementOf } from './dialog-element.ts';
import {
  dialogStateMachine,
  terminationOfIncoming,
  terminationOfOutgoing,
  terminationOfSession,
  type DialogState,
  type DialogStateEvent,
  type Termination,
} from './dialog-state.ts';

/** A dialog, or a half of one: RFC 4235 gives both an id (4.1.1). */
interface Entry {
  readonly id: string;
  session: InviteSession | undefined;
  state: DialogState;
  termination: Termination;
}

/**
 * The dialogs that one INVITE makes, as RFC 4235 3.7.1 sees them. That of a far end is told of once it rings, so that
 * what is turned away at once is nobody's business.
 */
export class InviteDialogs {
  readonly #context: SipContext;
  readonly #invite: OutgoingInvite | IncomingInvite;
  readonly #changed: () => void;
  readonly #since: number;
  #entries: readonly Entry[] = [];
  #isConcluded = false;

  constructor(context: SipContext, invite: OutgoingInvite | IncomingInvite, changed: () => void) {
    this.#context = context;
    this.#invite = invite;
    this.#changed = changed;
    this.#since = context.clock.now();
  }

  /** Follows it from now on, until it and all that comes of it has ended. */
  start(): void {
    const invite = this.#invite;
    if (invite instanceof IncomingInvite) {
      invite.listen((event) => {
        this.#came(invite, event);
      });
    } else {
      invite.listen((event) => {
        this.#went(event);
      });
    }
  }

  /** Whether nothing of it stands, nor will. */
  get isOver(): boolean {
    return this.#entries.length === 0 && this.#isConcluded;
  }

  /** All that stands, and what has ended since {@link forgetEnded}. */
  get dialogs(): readonly WatchedDialog[] {
    const duration = Math.floor((this.#context.clock.now() - this.#since) / 1000);
    return this.#entries.map(({ id, session, state, termination }) => ({
      ...dialogElementOf(this.#invite, session),
      id,
      state,
      ...termination,
      duration,
    }));
  }

  /** The states of {@link dialogs}. */
  get states(): readonly DialogState[] {
    return this.#entries.map(({ state }) => state);
  }

  /** What has ended is told once. */
  forgetEnded(): void {
    this.#entries = this.#entries.filter(({ state }) => state !== 'terminated');
  }

  #went(event: OutgoingInviteEvent): void {
    switch (event.kind) {
      case 'sent':
        this.#half();
        this.#changed();
        break;
      case 'progress':
        if (event.session === undefined) this.#run(this.#half(), 'proceed');
        else this.#run(this.#of(event.session), 'ring');
        break;
      case 'ended': {
        const { outcome } = event;
        this.#isConcluded = true;
        if (outcome.kind === 'answered') this.#run(this.#of(outcome.session), 'answer');
        else this.#endUnanswered(terminationOfOutgoing(outcome));
        break;
      }
    }
  }

  #came({ session }: IncomingInvite, event: IncomingInviteEvent): void {
    if (event.kind === 'progress') {
      this.#run(this.#of(session), 'ring');
      return;
    }
    this.#isConcluded = true;
    if (event.end.kind === 'answered') this.#run(this.#of(session), 'answer');
    else this.#endUnanswered(terminationOfIncoming(event.end));
  }

  /** What stands for the INVITE as long as nobody has made a dialog of it. */
  #half(): Entry {
    return this.#entries.find(({ session }) => session === undefined) ?? this.#entries[0] ?? this.#add(undefined);
  }

  /** The first dialog keeps the id of the half; those of further branches get their own (RFC 4235 4.1.1). */
  #of(session: InviteSession): Entry {
    const known = this.#entries.find((entry) => entry.session === session);
    if (known !== undefined) return known;
    const entry = this.#entries.find((each) => each.session === undefined) ?? this.#add(session);
    entry.session = session;
    session.listen((event) => {
      if (event.kind === 'ended') this.#end(entry, terminationOfSession(event.end));
      else if (event.kind === 'media') this.#changed();
    });
    return entry;
  }

  #add(session: InviteSession | undefined): Entry {
    const id = this.#context.random.token();
    const entry: Entry = { id, session, state: 'trying', termination: {} };
    this.#entries = [...this.#entries, entry];
    return entry;
  }

  #endUnanswered(termination: Termination): void {
    for (const entry of this.#entries) if (entry.state !== 'confirmed') this.#end(entry, termination);
  }

  #end(entry: Entry, termination: Termination): void {
    if (entry.state === 'terminated') return;
    entry.termination = termination;
    this.#run(entry, 'end');
  }

  #run(entry: Entry, event: DialogStateEvent): void {
    const step = dialogStateMachine[entry.state][event];
    if (step === undefined) return;
    entry.state = step.to;
    this.#changed();
  }
}
