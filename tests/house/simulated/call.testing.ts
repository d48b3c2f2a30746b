import { NameAddr } from '@switchhook/sip';
import type { HeaderInit, ServerTransaction, SipMessage, SipRequest, SipResponse } from '@switchhook/sip';
import type { SimulatedPhone } from './phone.testing.ts';

/** One side's view of a dialog (RFC 3261 12). */
interface Dialog {
  readonly local: string;
  readonly remote: string;
  readonly routes: readonly string[];
  target: string;
}

export type CallState = 'calling' | 'established' | 'ended';

const T1 = 500;
const T2 = 4_000;

function targetOf(message: SipMessage, otherwise: string): string {
  const contact = NameAddr.parse(message.raw('Contact') ?? '');
  return contact instanceof NameAddr ? contact.uri.toString() : otherwise;
}

/** A call of a simulated phone, made or received. */
export class Call {
  readonly callId: string;
  state: CallState = 'calling';
  /** Of the last final response to an INVITE of this side, 0 until then. */
  status = 0;
  /** The last final response to an INVITE of this side. */
  answer: SipResponse | undefined = undefined;
  /** How many times an INVITE was accepted here, so re-INVITEs count. */
  accepted = 0;
  /** The INVITE that waits for an answer of this side. */
  ringing: ServerTransaction | undefined = undefined;
  /** Gives up an INVITE of this side. */
  giveUp: (headers?: readonly HeaderInit[]) => void = () => undefined;
  dialog: Dialog | undefined = undefined;
  sequence = 1;
  readonly #phone: SimulatedPhone;
  /** CSeq numbers of the INVITEs that were acknowledged. */
  readonly #acknowledged = new Set<number>();

  constructor(phone: SimulatedPhone, callId: string) {
    this.#phone = phone;
    this.callId = callId;
  }

  ring(): void {
    this.#respond(180);
  }

  refuse(status: number, headers: readonly HeaderInit[] = []): void {
    this.#respond(status, headers);
    this.state = 'ended';
  }

  /** Says 200 and says it again until the ACK comes (RFC 3261 13.3.1.4). */
  accept(): void {
    const invite = this.ringing;
    if (invite === undefined || invite.finalSent) return;
    const { request } = invite;
    this.ringing = undefined;
    this.dialog = {
      local: `${request.raw('To') ?? ''}${request.toTag === undefined ? `;tag=${this.#phone.name}` : ''}`,
      remote: request.raw('From') ?? '',
      routes: this.dialog?.routes ?? request.rawAll('Record-Route'),
      target: targetOf(request, ''),
    };
    this.state = 'established';
    this.accepted += 1;
    const response = this.#phone.responseTo(request, 200);
    const say = (wait: number, left: number): void => {
      if (this.#acknowledged.has(request.cseqNumber) || this.state === 'ended') return;
      if (left <= 0) {
        this.hangUp();
        return;
      }
      invite.respond(response);
      this.#phone.clock.after(wait, () => say(Math.min(2 * wait, T2), left - wait));
    };
    say(T1, 64 * T1);
  }

  acknowledged(ack: SipRequest): void {
    this.#acknowledged.add(ack.cseqNumber);
  }

  /** Asks for another session (RFC 3261 14), from another address when the phone has moved. */
  change(): void {
    this.#phone.invite(this, this.within('INVITE'));
  }

  hangUp(): void {
    if (this.state === 'ended' || this.dialog === undefined) return;
    this.state = 'ended';
    this.#phone.ask(this.within('BYE'));
  }

  /** A request in the dialog (RFC 3261 12.2.1.1); an ACK has the number of its INVITE. */
  within(method: string, cseq?: number): SipRequest {
    const { dialog } = this;
    if (dialog === undefined) throw new Error('there is no dialog');
    if (cseq === undefined) this.sequence += 1;
    return this.#phone.make(method, dialog.target, {
      from: dialog.local,
      to: dialog.remote,
      callId: this.callId,
      cseq: cseq ?? this.sequence,
      headers: dialog.routes.map((route) => ['Route', route]),
    });
  }

  /** A 2xx to an INVITE of this side: each is acknowledged, and a second callee hung up on (RFC 3261 13.2.2.4). */
  answered(response: SipResponse): void {
    const first = this.dialog === undefined;
    const remote = response.raw('To') ?? '';
    const dialog: Dialog = {
      local: response.raw('From') ?? '',
      remote,
      routes: first ? response.rawAll('Record-Route').toReversed() : (this.dialog?.routes ?? []),
      target: targetOf(response, ''),
    };
    if (first || this.dialog?.remote === remote) {
      this.dialog = dialog;
      if (this.state === 'calling') this.state = 'established';
      this.#phone.acknowledge(this.within('ACK', response.cseqNumber));
      return;
    }
    const other = new Call(this.#phone, this.callId);
    other.dialog = { ...dialog, routes: response.rawAll('Record-Route').toReversed() };
    other.sequence = response.cseqNumber;
    this.#phone.acknowledge(other.within('ACK', response.cseqNumber));
    other.hangUp();
  }

  #respond(status: number, headers: readonly HeaderInit[] = []): void {
    const invite = this.ringing;
    if (invite === undefined) return;
    if (status >= 200) this.ringing = undefined;
    invite.respond(this.#phone.responseTo(invite.request, status, headers));
  }
}
