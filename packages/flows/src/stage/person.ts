import type { Call, Phone } from '@switchhook/phone';
import type { Clock } from '@switchhook/sip';
import type { FlowPhone } from '../flow/flow-script.ts';

/** How long somebody lets it ring, in milliseconds: long enough to see that it rings. */
const ringTime = 300;

/** Somebody with a phone of this house. He does with it what anybody can. */
export class Person implements FlowPhone {
  readonly element: string;
  readonly phone: Phone;
  /** He does not listen for calls any more. */
  readonly leave: () => void;
  readonly #clock: Clock;
  /** The newest call with each, by the address of record. */
  readonly #calls = new Map<string, Call>();
  readonly #ringing: Call[] = [];
  #waiting: ((call: Call) => void) | undefined;

  constructor(element: string, phone: Phone, clock: Clock) {
    this.element = element;
    this.phone = phone;
    this.#clock = clock;
    this.leave = phone.onIncomingCall((call) => {
      this.#calls.set(call.remote.uri, call);
      const waiting = this.#waiting;
      this.#waiting = undefined;
      if (waiting === undefined) this.#ringing.push(call);
      else waiting(call);
    });
  }

  get addressOfRecord(): string {
    return this.phone.addressOfRecord;
  }

  async call(other: FlowPhone): Promise<void> {
    const call = this.phone.dial(other.addressOfRecord);
    this.#calls.set(other.addressOfRecord, call);
    await call.answered();
  }

  async answer(): Promise<void> {
    const call =
      this.#ringing.shift() ??
      (await new Promise<Call>((resolve) => {
        this.#waiting = resolve;
      }));
    await new Promise<void>((resolve) => void this.#clock.after(ringTime, resolve));
    await call.answer();
  }

  async hold(other: FlowPhone): Promise<void> {
    await this.with(other).hold();
  }

  async resume(other: FlowPhone): Promise<void> {
    await this.with(other).resume();
  }

  async hangUp(other: FlowPhone): Promise<void> {
    await this.with(other).hangUp();
  }

  async ended(other: FlowPhone): Promise<void> {
    const call = this.with(other);
    if (call.state === 'ended') return;
    await new Promise<void>((resolve) => {
      call.onEvent(({ kind }) => {
        if (kind === 'ended') resolve();
      });
    });
  }

  /** The newest call with somebody. Throws when there was none. */
  with(other: FlowPhone): Call {
    const call = this.#calls.get(other.addressOfRecord);
    if (call === undefined) throw new Error(`${this.element} has no call with ${other.element}`);
    return call;
  }
}
