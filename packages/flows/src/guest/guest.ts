import type { Clock } from '@switchhook/sip';
import { onAbort, SipRequest, SipResponse } from '@switchhook/sip';
import type { SaidMessage } from '../conversation/conversation.ts';
import type { Recorder } from '../conversation/recorder.ts';
import { directionOfSession, sessionDescriptionOf } from '../conversation/session-description.ts';
import type { FlowParty, FlowPhone } from '../flow/flow-script.ts';
import { findFlow, nameOfElement } from '../oracle/oracle.ts';
import { callsOf, userIn } from './guest-calls.ts';
import type { GuestCall } from './guest-calls.ts';
import { wordsFor } from './step.ts';
import type { Action, Director, GuestAccount, Step } from './step.ts';

/** What it takes to have somebody else's device play a part. */
export interface GuestOptions {
  readonly flow: string;
  /** Who he is to the others, and what they call. */
  readonly party: FlowParty;
  readonly account: GuestAccount;
  readonly director: Director;
  readonly recorder: Recorder;
  readonly clock: Clock;
  /** Milliseconds in which a step has to be done. */
  readonly patience: number;
  /** Whether anybody sees what is said to somebody: the ladder does not show all. */
  readonly isSeen: (other: FlowParty) => boolean;
  /** Given when the flow is given up: nothing is awaited any more. */
  readonly signal: AbortSignal;
}

/** Devices do by themselves what nobody has to be asked for, in so many milliseconds: as long as a transaction takes (64 T1). */
export const longestReaction = 33_000;
/** A device that is called says so before its caller gives up (RFC 3261 17.1.1.2, timer B: 64 T1). */
const longestSilence = 31_000;

/**
 * Somebody else's device. What has to be done at it is asked for; that it is done is seen from outside, in the messages that
 * the others get, and nothing is known of its insides.
 */
export class Guest implements FlowPhone {
  readonly element: string;
  readonly addressOfRecord: string;
  readonly place: string | undefined;
  readonly #options: GuestOptions;

  constructor(options: GuestOptions) {
    this.element = options.party.element;
    this.addressOfRecord = options.party.addressOfRecord;
    this.place = options.party.place;
    this.#options = options;
  }

  /** Has the device configured. Where it registers, it is awaited. */
  async prepare(): Promise<void> {
    const { account } = this.#options;
    const isRegistered = account.proxy === undefined ? undefined : this.#answered('REGISTER');
    await this.#direct('prepare', isRegistered && { find: isRegistered, sign: 'a REGISTER that the proxy accepts' });
  }

  async finish(): Promise<void> {
    await this.#direct('finish', undefined);
  }

  async call(other: FlowParty): Promise<void> {
    const find = this.#connects(other);
    await this.#direct('call', { find, sign: `an INVITE to ${other.element} that is answered` }, other);
  }

  async answer(): Promise<void> {
    await this.ring();
    const find = (): boolean =>
      this.#calls.some(({ direction, state }) => direction === 'incoming' && state === 'connected');
    await this.#direct('answer', { find, sign: 'a 200 to the INVITE' });
  }

  async refuseCalls(as: 'busy' | 'unavailable'): Promise<void> {
    await this.#direct(as === 'busy' ? 'refuse-busy' : 'refuse-unavailable', undefined);
  }

  async takesOneCall(): Promise<void> {
    await this.#direct('take-one-call', undefined);
  }

  async findsBusy(other: FlowParty): Promise<void> {
    await this.#direct('call', { find: this.#refused(), sign: `an INVITE to ${other.element} that is refused` }, other);
  }

  async findsForbidden(other: FlowParty): Promise<void> {
    await this.findsBusy(other);
  }

  async hearWhy(server: FlowParty): Promise<void> {
    const known = this.#calls.length;
    const find = (): boolean => this.#calls.slice(known).some(({ state }) => state === 'ended');
    await this.#direct('hear-why', { find, sign: 'an INVITE to the server, and a BYE when it has been heard' }, server);
  }

  async ring(): Promise<void> {
    this.#mustBeRegistered();
    // What it refused before is not what is to ring now.
    const over = new Set(this.#calls.flatMap(({ callId, state }) => (state === 'ended' ? [callId] : [])));
    const called = (): GuestCall | undefined =>
      this.#calls.findLast(({ callId, direction }) => direction === 'incoming' && !over.has(callId));
    await this.#wait(() => called() !== undefined, 'an INVITE for it');
    // It may take or refuse a call before anybody can see it ring.
    const find = (): boolean => this.#ringing() !== undefined || called()?.state !== 'calling';
    await this.#until(find, 'a 180 to the INVITE', Math.min(this.#options.patience, longestSilence), undefined);
  }

  async miss(): Promise<void> {
    await this.ring();
    const find = (): boolean => this.#ringing() === undefined;
    await this.#direct('let-ring', { find, sign: 'the end of the call that rings there' });
  }

  async hold(other: FlowParty): Promise<void> {
    const find = this.#offers(other, ['sendonly', 'inactive']);
    await this.#direct('hold', { find, sign: 'a re-INVITE with sendonly' }, other);
  }

  async resume(other: FlowParty): Promise<void> {
    // From whoever plays to him meanwhile he is taken back by another call.
    const [offered, connected] = [this.#offers(other, ['sendrecv']), this.#connects(other)];
    await this.#direct('resume', { find: () => offered() || connected(), sign: 'a re-INVITE with sendrecv' }, other);
  }

  async hangUp(other: FlowParty): Promise<void> {
    await this.#direct('hang-up', { find: this.#answered('BYE'), sign: 'a BYE' }, other);
  }

  async transfer(other: FlowParty, target: FlowParty): Promise<void> {
    await this.#direct('transfer', { find: this.#answered('REFER'), sign: 'a REFER that is accepted' }, other, target);
  }

  async transferTo(other: FlowParty, target: FlowParty): Promise<void> {
    const find = this.#answered('REFER');
    await this.#direct('transfer-to', { find, sign: 'a REFER with Replaces in its Refer-To' }, other, target);
  }

  async sendLink(call: FlowParty, to: FlowParty): Promise<void> {
    await this.#direct('send-link', { find: this.#answered('MESSAGE'), sign: 'a MESSAGE that is accepted' }, call, to);
  }

  async followLink(): Promise<void> {
    await this.#wait(() => this.#said().some(isRequestTo(this.element, 'MESSAGE')), 'a MESSAGE for it');
    await this.#direct('follow-link', {
      find: this.#answered('INVITE'),
      sign: 'an INVITE with Replaces that is answered',
    });
  }

  async dialWith(device: FlowParty, target: FlowParty): Promise<void> {
    await this.#direct(
      'dial-with',
      { find: this.#answered('REFER'), sign: 'a REFER that is accepted' },
      device,
      target,
    );
  }

  async pickUp(other: FlowParty): Promise<void> {
    const find = this.#answered('INVITE');
    await this.#direct('pick-up', { find, sign: 'an INVITE with Replaces (early-only) that is answered' }, other);
  }

  async redial(other: FlowParty): Promise<void> {
    const find = this.#answered('INVITE');
    await this.#direct('redial', { find, sign: 'a SUBSCRIBE, and an INVITE when the line is free' }, other);
  }

  async redialled(): Promise<void> {
    const isOver = ({ from, message }: SaidMessage): boolean =>
      from === this.element &&
      message instanceof SipRequest &&
      message.method === 'SUBSCRIBE' &&
      message.raw('Expires') === '0';
    const find = (): boolean => this.#said().some(isOver);
    await this.#wait(find, 'a SUBSCRIBE with Expires: 0');
  }

  async addToCall(call: FlowParty, other: FlowParty): Promise<void> {
    const find = this.#connects(other);
    await this.#direct('add-to-call', { find, sign: `an INVITE to ${other.element} that is answered` }, call, other);
  }

  async join(other: FlowParty): Promise<void> {
    await this.#direct('join', { find: this.#answered('INVITE'), sign: 'an INVITE with Join that is answered' }, other);
  }

  async playMusic(other: FlowParty, server: FlowParty): Promise<void> {
    const find = this.#answered('REFER');
    await this.#direct('play-music', { find, sign: 'a REFER to the server that is accepted' }, other, server);
  }

  async park(other: FlowParty, server: FlowParty): Promise<void> {
    await this.#direct('park', { find: this.#answered('REFER'), sign: 'a REFER to the server' }, other, server);
  }

  async retrieve(server: FlowParty): Promise<void> {
    const find = this.#answered('INVITE');
    await this.#direct('retrieve', { find, sign: 'a SUBSCRIBE, and an INVITE with Replaces that is answered' }, server);
  }

  async connected(other: FlowParty): Promise<void> {
    const find = (): boolean => this.#with(other).some(({ state }) => state === 'connected');
    await this.#wait(find, `a call with ${other.element} that is answered`);
  }

  async ended(other: FlowParty): Promise<void> {
    const find = (): boolean => this.#with(other).every(({ state }) => state === 'ended');
    await this.#wait(find, `the end of the call with ${other.element}`);
  }

  /** Whoever calls it would only hear that it cannot be reached. */
  #mustBeRegistered(): void {
    const { addressOfRecord, user, proxy } = this.#options.account;
    if (proxy === undefined) return;
    const isRegistered = this.#said().some(
      ({ to, message }) =>
        to === this.element &&
        message instanceof SipResponse &&
        message.cseqMethod === 'REGISTER' &&
        message.status >= 200 &&
        message.status < 300,
    );
    if (isRegistered) return;
    throw new Error(
      `no device has registered for ${this.element}, so nobody can call it: have it register as ${addressOfRecord}, ` +
        `user name ${user}, with the password that it was given, at ${proxy}`,
    );
  }

  get #calls(): readonly GuestCall[] {
    return callsOf(this.element, this.#options.recorder.messages);
  }

  #with({ addressOfRecord }: FlowParty): readonly GuestCall[] {
    return this.#calls.filter(({ remoteUser }) => remoteUser === userIn(addressOfRecord));
  }

  #said(): readonly SaidMessage[] {
    return this.#options.recorder.messages;
  }

  #ringing(): GuestCall | undefined {
    return this.#calls.find(({ direction, state }) => direction === 'incoming' && state === 'ringing');
  }

  /** From now on, a request of it that gets a 2xx. */
  #answered(method: string): () => boolean {
    const begin = this.#said().length;
    return () =>
      this.#said()
        .slice(begin)
        .some(
          ({ to, message }) =>
            to === this.element &&
            message instanceof SipResponse &&
            message.cseqMethod === method &&
            message.status >= 200 &&
            message.status < 300,
        );
  }

  /**
   * Its latest offer within a call with somebody has a direction, and is answered: many devices hold and resume by themselves when
   * another call begins and ends.
   */
  #offers(other: FlowParty, directions: readonly string[]): () => boolean {
    return () => {
      const callIds = new Set(this.#with(other).map(({ callId }) => callId));
      const said = this.#said();
      const offer = said.findLast(
        ({ from, message }) =>
          from === this.element &&
          message instanceof SipRequest &&
          message.toTag !== undefined &&
          callIds.has(message.callId) &&
          sessionDescriptionOf(message) !== undefined,
      );
      const description = offer?.message && sessionDescriptionOf(offer.message);
      return (
        offer !== undefined &&
        description !== undefined &&
        directions.includes(directionOfSession(description)) &&
        isAnswered(offer, said)
      );
    };
  }

  /** From now on, a call with somebody that is answered, there or by whoever takes it from him while it rings. */
  #connects(other: FlowParty): () => boolean {
    const known = new Set(this.#calls.map(({ callId }) => callId));
    return () => {
      const begun = new Set(this.#with(other).flatMap(({ callId }) => (known.has(callId) ? [] : [callId])));
      return this.#calls.some(
        ({ callId, replaces = '', state }) => state === 'connected' && (begun.has(callId) || begun.has(replaces)),
      );
    };
  }

  /** From now on, a call of its own that is refused for good. */
  #refused(): () => boolean {
    const known = new Set(this.#calls.map(({ callId }) => callId));
    return () =>
      this.#calls.some(
        ({ callId, direction, state, refusal = 0 }) =>
          !known.has(callId) && direction === 'outgoing' && state === 'ended' && refusal !== 401 && refusal !== 407,
      );
  }

  async #direct(
    action: Action,
    expected: { readonly find: () => boolean; readonly sign: string } | undefined,
    other?: FlowParty,
    target?: FlowParty,
  ): Promise<void> {
    const { flow, account, director, patience, isSeen, signal } = this.#options;
    const words = wordsFor[action](nameOf(flow, other), nameOf(flow, target), account);
    const step: Step = { flow, role: this.element, action, other, target, account, words };
    const isShown = other === undefined || isSeen(other);
    const seen = isShown && expected ? this.#until(expected.find, expected.sign, patience, words) : undefined;
    // A director that fails before may have left it to itself.
    seen?.catch(() => undefined);
    await director.direct(step, seen, action === 'finish' ? undefined : signal);
  }

  /** Waits for what the device does by itself. */
  #wait(find: () => boolean, sign: string): Promise<void> {
    const { patience } = this.#options;
    return this.#until(find, sign, Math.max(patience, longestReaction), undefined);
  }

  async #until(find: () => boolean, sign: string, limit: number, words: string | undefined): Promise<void> {
    const { recorder, clock, signal } = this.#options;
    if (find()) return;
    signal.throwIfAborted();
    const begin = this.#said().length;
    await new Promise<void>((resolve, reject) => {
      const leave = recorder.onSaid(() => {
        if (find()) end(resolve);
      });
      const timer = clock.after(limit, () => end(() => reject(new Error(this.#complaint(sign, limit, words, begin)))));
      const end = (settle: () => void): void => {
        leave();
        timer.cancel();
        endAbort();
        settle();
      };
      const endAbort = onAbort(signal, () => end(() => reject(new Error('the flow was given up'))));
    });
  }

  #complaint(sign: string, limit: number, words: string | undefined, begin: number): string {
    const came = this.#said()
      .slice(begin)
      .filter(({ from }) => from === this.element)
      .map(({ message }) => (message instanceof SipRequest ? message.method : String(message?.status ?? '?')));
    const asked = words === undefined ? '' : ` after it was asked: "${words}"`;
    const instead = came.length === 0 ? 'nothing' : came.join(', ');
    return `${this.element}: no ${sign.replace(/^an? /, '')} within ${limit / 1_000} s${asked}; from it came ${instead}`;
  }
}

/** Somebody's name as the flow has it, with the address to dial. */
function nameOf(section: string, party: FlowParty | undefined): string {
  if (party === undefined) return '';
  const { element, addressOfRecord } = party;
  return `${nameOfElement(findFlow(section), element)} (${addressOfRecord})`;
}

function isAnswered(offer: SaidMessage, since: readonly SaidMessage[]): boolean {
  return since.some(
    ({ to, message }) =>
      to === offer.from &&
      message instanceof SipResponse &&
      message.status >= 200 &&
      message.status < 300 &&
      message.callId === offer.message?.callId &&
      message.cseqNumber === offer.message.cseqNumber &&
      message.cseqMethod === offer.message.cseqMethod,
  );
}

function isRequestTo(element: string, method: string): (said: SaidMessage) => boolean {
  return ({ to, message }) => to === element && message instanceof SipRequest && message.method === method;
}
