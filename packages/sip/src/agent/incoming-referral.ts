import type { Timer } from '../context.ts';
import type { Caller, DialogUsage } from '../dialog/contract.ts';
import type { Dialog } from '../dialog/dialog.ts';
import type { Notifier } from '../event/notifier.ts';
import { type ReferenceStatus, type ReferredDialog, referEvent } from '../event/packages/refer.ts';
import { Running } from '../event/run-machine.ts';
import { headerField } from '../message/header.ts';
import type { HeaderInit } from '../message/header.ts';
import { ReferSub } from '../message/headers/refer-sub.ts';
import type { SipRequest } from '../message/message.ts';
import type { NameAddr } from '../message/name-addr.ts';
import { reasonPhrase } from '../message/status-codes.ts';
import { SipUri } from '../message/uri.ts';
import type { InviteSession } from '../session/invite-session.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import { incomingReferralMachine } from './incoming-referral-machine.ts';
import type {
  IncomingReferralAction,
  IncomingReferralEvent,
  IncomingReferralState,
} from './incoming-referral-machine.ts';
import type { Reference, ReferralRequest } from './referral-contract.ts';

/** Milliseconds that a REFER waits for a decision before it gets its 200 without one. */
const decisionTime = 3_000;

/** What a REFER that came needs of those who keep it. */
export interface IncomingReferralParts {
  readonly transaction: ServerTransaction;
  /** Where the reports go: the dialog of the call, or that which the REFER itself makes. */
  readonly dialog: Dialog;
  /** The `id` of its events; the first REFER of a dialog does without (RFC 3515 2.4.6). */
  readonly id: string | undefined;
  /** What the notifier calls it. */
  readonly resource: string;
  readonly notifier: Notifier<ReferenceStatus>;
  readonly asked: ReferralRequest;
  /** What its 2xx says of this side. */
  readonly capabilities: readonly HeaderInit[];
  /** Seconds that the subscription lasts. */
  readonly expires: number;
  readonly released: (referral: IncomingReferral) => void;
}

/**
 * A REFER that came (RFC 3515 2.4.2). Nothing is done about it before somebody calls {@link accept}; he then contacts what
 * it refers to, and says by {@link progress} and {@link finish} how that goes.
 */
export class IncomingReferral implements DialogUsage, ReferralRequest {
  readonly kind = 'subscription';
  readonly #parts: IncomingReferralParts;
  readonly #machine: Running<IncomingReferralState, IncomingReferralEvent, IncomingReferralAction>;
  #timer: Timer | undefined = undefined;
  /** What the event that runs is about. */
  #status: ReferenceStatus = { status: 100, reason: reasonPhrase(100) };
  #headers: readonly HeaderInit[] = [];

  constructor(parts: IncomingReferralParts) {
    this.#parts = parts;
    this.#machine = new Running(incomingReferralMachine, 'asked', (action) => {
      this.#perform(action);
    });
  }

  get message(): SipRequest {
    return this.#parts.asked.message;
  }

  get reference(): Reference {
    return this.#parts.asked.reference;
  }

  get caller(): Caller {
    return this.#parts.asked.caller;
  }

  get referredBy(): NameAddr | undefined {
    return this.#parts.asked.referredBy;
  }

  get headers(): readonly HeaderInit[] {
    return this.#parts.asked.headers;
  }

  get about(): Dialog | undefined {
    return this.#parts.asked.about;
  }

  get within(): boolean {
    return this.#parts.asked.within;
  }

  get session(): InviteSession | undefined {
    return this.#parts.asked.session;
  }

  get subscribes(): boolean {
    return this.#parts.asked.subscribes;
  }

  get state(): IncomingReferralState {
    return this.#machine.state;
  }

  /** Begins to wait for the decision; the dialog stands until then, whoever hangs up. For those who keep it. */
  start(): void {
    this.#parts.dialog.addUsage(this);
    this.#timer = this.#parts.notifier.context.clock.after(decisionTime, () => {
      this.#machine.run('due');
    });
  }

  /**
   * The reference is followed: 200 (RFC 7647 5), and a first NOTIFY with 100 to whoever wants reports. False where it is too late: there
   * is nobody any more who wants it done.
   */
  accept(): boolean {
    this.#machine.run('accept');
    return this.#machine.state === 'followed';
  }

  /**
   * It is not. `status` is from 300 to 699; of those that end the dialog, and so the call, none is wise (RFC 5057 5.1). Whoever
   * has had his 200 already hears it in a last NOTIFY.
   */
  reject(status = 603, { reason = reasonPhrase(status), headers = [] }: RefusalParts = {}): void {
    this.#status = { status, reason };
    this.#headers = headers;
    this.#machine.run('reject');
  }

  /** A provisional response has come to what was sent. */
  progress(status: number, reason = reasonPhrase(status)): void {
    this.#status = { status, reason };
    this.#machine.run('progress');
  }

  /** The final response has come, or what counts as one, with the dialog that it made perhaps. Nothing more is told. */
  finish(status: number, reason = reasonPhrase(status), dialog?: ReferredDialog): void {
    this.#status = { status, reason, dialog };
    this.#machine.run('finish');
  }

  /** It is not asked anything within the dialog. */
  request(): boolean {
    return false;
  }

  dialogEnded(): void {
    this.#machine.run('dialogEnded');
  }

  /** Ends it without a message. For those who keep it. */
  stop(): void {
    this.#machine.run('stop');
  }

  #perform(action: IncomingReferralAction): void {
    const { dialog, transaction, notifier, resource, capabilities } = this.#parts;
    switch (action) {
      case 'answer':
        this.#timer?.cancel();
        dialog.respond(transaction, 200, {
          headers: this.subscribes ? capabilities : [...capabilities, headerField(ReferSub, { subscribe: false })],
        });
        break;
      case 'subscribe':
        this.#subscribe();
        break;
      case 'refuse': {
        const { status, reason } = this.#status;
        dialog.respond(transaction, status, { reason, headers: this.#headers });
        break;
      }
      case 'refuseGone':
        transaction.refuse(481);
        break;
      case 'tellProgress':
        if (this.subscribes) notifier.publish(resource, this.#status);
        break;
      case 'tellFinal':
        if (this.subscribes) notifier.conclude(resource, this.#status);
        break;
      case 'release':
        this.#timer?.cancel();
        dialog.removeUsage(this);
        this.#parts.released(this);
        break;
    }
  }

  /** From here on the subscription keeps the dialog, where there is one. */
  #subscribe(): void {
    const { dialog, notifier, resource, id, expires } = this.#parts;
    if (this.subscribes) {
      notifier.publish(resource, this.#status);
      notifier.accept(dialog, { event: { type: referEvent.name, id }, resource, watcher: this.#watcher }, expires);
    }
    dialog.removeUsage(this);
  }

  get #watcher(): string {
    const { uri } = this.caller.address;
    return uri instanceof SipUri ? uri.addressOfRecord : uri.toString();
  }
}

/** How a REFER is refused, beside its status. */
export interface RefusalParts {
  readonly reason?: string | undefined;
  readonly headers?: readonly HeaderInit[] | undefined;
}
