import type { Timer } from '../context.ts';
import type {
  DialogSetUser,
  DialogUsage,
  OutgoingRequest,
  RequestFailure,
  RequestUser,
  UserAgentCore,
} from '../dialog/contract.ts';
import type { DialogSet } from '../dialog/dialog-set.ts';
import { type ReferenceStatus, referEvent } from '../event/packages/refer.ts';
import { Running } from '../event/run-machine.ts';
import { SubscriberUsage, timerN } from '../event/subscriber-usage.ts';
import { SyntaxFault } from '../message/fault.ts';
import { headerField } from '../message/header.ts';
import type { HeaderInit } from '../message/header.ts';
import { Event } from '../message/headers/event.ts';
import { ReferSub } from '../message/headers/refer-sub.ts';
import { ReferTo } from '../message/headers/refer-to.ts';
import { ReferredBy } from '../message/headers/referred-by.ts';
import { TargetDialog } from '../message/headers/target-dialog.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import { Listeners } from '../session/listeners.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import { outgoingReferralMachine } from './outgoing-referral-machine.ts';
import type {
  OutgoingReferralAction,
  OutgoingReferralEvent as MachineEvent,
  OutgoingReferralState,
} from './outgoing-referral-machine.ts';
import type { OutgoingReferralEvent, ReferralOutcome, ReferralParts } from './referral-contract.ts';

/** A REFER of this side, from its sending to the last that is heard of it. */
export class OutgoingReferral implements DialogUsage, DialogSetUser {
  readonly kind = 'subscription';
  /** How it ends. Never rejects. */
  readonly outcome: Promise<ReferralOutcome>;
  readonly #core: UserAgentCore;
  readonly #parts: ReferralParts;
  readonly #released: (referral: OutgoingReferral) => void;
  readonly #listeners = new Listeners<OutgoingReferralEvent>();
  readonly #machine: Running<OutgoingReferralState, MachineEvent, OutgoingReferralAction>;
  /** The CSeq numbers that it went out with: a challenge makes it go again. */
  readonly #numbers = new Set<string>();
  #settle: (outcome: ReferralOutcome) => void = () => undefined;
  #set: DialogSet | undefined = undefined;
  #usage: SubscriberUsage<ReferenceStatus> | undefined = undefined;
  #timerN: Timer | undefined = undefined;
  /** What the event that runs is about. */
  #response: SipResponse | undefined = undefined;
  #failure: RequestFailure | undefined = undefined;
  #status: ReferenceStatus | undefined = undefined;

  /** For {@link Referrals.refer}. */
  constructor(core: UserAgentCore, parts: ReferralParts, released: (referral: OutgoingReferral) => void) {
    this.#core = core;
    this.#parts = parts;
    this.#released = released;
    this.outcome = new Promise((resolve) => {
      this.#settle = resolve;
    });
    this.#machine = new Running(outgoingReferralMachine, 'sent', (action) => {
      this.#perform(action);
    });
  }

  get state(): OutgoingReferralState {
    return this.#machine.state;
  }

  /** Calls `listener` for all that happens from now on; returns what ends that. */
  listen(listener: (event: OutgoingReferralEvent) => void): () => void {
    return this.#listeners.add(listener);
  }

  /** Sends it. For {@link Referrals.refer}. */
  start(): void {
    const { within, target } = this.#parts;
    if (within !== undefined) {
      within.addUsage(this);
      this.#sent(within.send('REFER', this.#asRequestUser(), { headers: this.#headers() }));
    } else {
      const { from, route } = this.#parts;
      this.#set = this.#core.requestDialogs({ method: 'REFER', target, from, route, headers: this.#headers() }, this);
    }
  }

  /** Is not told any more how it goes. What was referred to is contacted all the same (RFC 3515 2.4.4). */
  end(): void {
    this.#machine.run('end');
  }

  /** Ends it without a message. For {@link Referrals.stop}. */
  stop(): void {
    this.#machine.run('stop');
  }

  response(response: SipResponse): void {
    const { status } = response;
    if (status < 200) return;
    this.#response = response;
    if (status >= 300) this.#machine.run('refused');
    else this.#machine.run(isSilent(response) ? 'acceptedSilently' : 'accepted');
    this.#response = undefined;
  }

  failed(failure: RequestFailure): void {
    this.#failure = failure;
    this.#machine.run('failed');
    this.#failure = undefined;
  }

  /** A NOTIFY: within the dialog of a call, or one that makes a dialog (RFC 6665 4.4.1). */
  request(transaction: ServerTransaction, set?: DialogSet): boolean {
    const { request } = transaction;
    if (request.method !== 'NOTIFY' || this.#usage !== undefined || this.state === 'over') return false;
    const event = request.get(Event);
    if (event === undefined || event instanceof SyntaxFault || event.type !== referEvent.name) return false;
    if (!this.#isMine(event.id, set?.request)) return false;
    const dialog = set === undefined ? this.#parts.within : set.accept(transaction);
    if (dialog === undefined) return false;
    if (dialog instanceof SyntaxFault) {
      transaction.refuse(dialog.status, { reason: dialog.reason });
      return true;
    }
    const options = {
      package: referEvent,
      event: { type: event.type, id: event.id },
      expires: referEvent.defaultExpires,
    };
    this.#usage = new SubscriberUsage(this.#core.context, dialog, options, {
      notified: (_usage, status) => {
        this.#notified(status);
      },
      usageEnded: () => {
        this.#machine.run('unwatched');
      },
    });
    this.#usage.start();
    this.#machine.run('notified');
    this.#usage.request(transaction);
    return true;
  }

  dialogEnded(): void {
    this.#machine.run('unwatched');
  }

  #asRequestUser(): RequestUser {
    return {
      response: (response) => {
        this.response(response);
      },
      failed: (failure) => {
        this.failed(failure);
      },
      resent: (request) => {
        this.#numbers.add(String(request.cseqNumber));
      },
    };
  }

  #sent({ request }: OutgoingRequest): void {
    this.#numbers.add(String(request.cseqNumber));
  }

  /**
   * Events without `id` are of the first REFER of a dialog (RFC 3515 2.4.6); some phones leave it out of all. What is asked
   * first has been there longest.
   */
  #isMine(id: string | undefined, outside: SipRequest | undefined): boolean {
    if (id === undefined) return true;
    return this.#numbers.has(id) || String(outside?.cseqNumber) === id;
  }

  #notified(status: ReferenceStatus | undefined): void {
    if (status === undefined || this.state === 'over') return;
    if (status.status < 200) this.#listeners.tell({ kind: 'progress', ...status });
    else {
      this.#status = status;
      this.#machine.run('concluded');
    }
  }

  #headers(): HeaderInit[] {
    const { referTo, referredBy, targetDialog, subscribe = true, headers = [], within } = this.#parts;
    return [
      headerField(ReferTo, referTo),
      ...(referredBy === undefined ? [] : [headerField(ReferredBy, referredBy)]),
      ...(targetDialog === undefined ? [] : [headerField(TargetDialog, targetDialog)]),
      ...(subscribe ? [] : [headerField(ReferSub, { subscribe: false })]),
      // Outside of a dialog the user agent says them itself.
      ...(within === undefined ? [] : this.#core.capabilityHeaders(['Allow', 'Supported'])),
      ['Accept', referEvent.contentType],
      ...headers,
    ];
  }

  #perform(action: OutgoingReferralAction): void {
    switch (action) {
      case 'tellAccepted':
        this.#listeners.tell({ kind: 'accepted' });
        break;
      case 'awaitNotify':
        this.#timerN = this.#core.context.clock.after(timerN, () => {
          this.#machine.run('unwatched');
        });
        break;
      case 'watch':
        // The subscription holds the dialog from here on.
        this.#timerN?.cancel();
        this.#parts.within?.removeUsage(this);
        break;
      case 'unsubscribe':
        this.#usage?.unsubscribe();
        break;
      case 'drop':
        this.#usage?.stop();
        break;
      case 'endConcluded':
        this.#end(outcomeOf(this.#status));
        break;
      case 'endRefused':
        this.#end(this.#response === undefined ? { kind: 'unknown' } : { kind: 'refused', response: this.#response });
        break;
      case 'endFailed':
        this.#end(this.#failure === undefined ? { kind: 'unknown' } : { kind: 'unreachable', failure: this.#failure });
        break;
      case 'endUnknown':
        this.#end({ kind: 'unknown' });
        break;
    }
  }

  #end(outcome: ReferralOutcome): void {
    this.#timerN?.cancel();
    this.#parts.within?.removeUsage(this);
    this.#set?.close();
    this.#released(this);
    this.#listeners.tell({ kind: 'ended', outcome });
    this.#listeners.clear();
    this.#settle(outcome);
  }
}

function outcomeOf(status: ReferenceStatus | undefined): ReferralOutcome {
  if (status === undefined) return { kind: 'unknown' };
  return { kind: status.status < 300 ? 'succeeded' : 'failed', ...status };
}

/** RFC 4488 4: whoever grants that there are no reports says so in the 2xx. */
function isSilent(response: SipResponse): boolean {
  const value = response.get(ReferSub);
  return value !== undefined && !(value instanceof SyntaxFault) && !value.subscribe;
}
