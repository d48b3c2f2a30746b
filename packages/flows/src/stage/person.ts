import type { Call, CallLink, Phone } from '@switchhook/phone';
import type { Clock } from '@switchhook/sip';
import type { FlowParty, FlowPhone } from '../flow/flow-script.ts';

/** How long somebody lets it ring, in milliseconds: long enough to see that it rings. */
const ringTime = 300;

/** Somebody with a phone of this house. He does with it what anybody can. */
export class Person implements FlowPhone {
  readonly element: string;
  readonly phone: Phone;
  /** He does not listen to his phone any more. */
  readonly leave: () => void;
  readonly #clock: Clock;
  /** All that there were, the oldest first. */
  readonly #calls: Call[] = [];
  /** Addresses to call in texts that came, and that he has not followed. */
  readonly #links: CallLink[] = [];
  /** What he waits for: looked at again whenever something happens. */
  readonly #waiting = new Set<() => void>();

  constructor(element: string, phone: Phone, clock: Clock) {
    this.element = element;
    this.phone = phone;
    this.#clock = clock;
    this.leave = phone.onEvent((event) => {
      if (event.kind === 'incoming-call' || event.kind === 'outgoing-call') this.#calls.push(event.call);
      if (event.kind === 'message' && event.message.link !== undefined) this.#links.push(event.message.link);
      for (const look of this.#waiting) look();
    });
  }

  get addressOfRecord(): string {
    return this.phone.addressOfRecord;
  }

  async call(other: FlowParty): Promise<void> {
    await this.phone.call(other.addressOfRecord);
  }

  async answer(): Promise<void> {
    const call = await this.#until(() => this.#calls.find(rings));
    await new Promise<void>((resolve) => void this.#clock.after(ringTime, resolve));
    await call.answer();
  }

  refuseCalls(as: 'busy' | 'unavailable'): void {
    this.phone.doNotDisturb = as;
  }

  async miss(): Promise<void> {
    const call = await this.#until(() => this.#calls.find(rings));
    await this.#until(() => call.state === 'ended');
  }

  async hold(other: FlowParty): Promise<void> {
    await this.with(other).hold();
  }

  async resume(other: FlowParty): Promise<void> {
    await this.with(other).resume();
  }

  async hangUp(other: FlowParty): Promise<void> {
    await this.with(other).hangUp();
  }

  async transfer(other: FlowParty, target: FlowParty): Promise<void> {
    await this.with(other).transfer(target.addressOfRecord);
  }

  async transferTo(other: FlowParty, target: FlowParty): Promise<void> {
    await this.with(other).transferTo(this.with(target));
  }

  async sendLink(call: FlowParty, to: FlowParty): Promise<void> {
    await this.with(call).transferByMessage(to.addressOfRecord);
  }

  async followLink(): Promise<void> {
    const link = await this.#until(() => this.#links.shift());
    await link.follow().answered();
  }

  async dialWith(device: FlowParty, target: FlowParty): Promise<void> {
    await this.phone.dialWith(device.addressOfRecord, target.addressOfRecord);
  }

  async connected(other: FlowParty): Promise<void> {
    await this.#until(() => this.#calls.some((call) => call.state === 'connected' && isWith(call, other)));
  }

  async ended(other: FlowParty): Promise<void> {
    this.with(other);
    await this.#until(() => !this.phone.calls.some((call) => isWith(call, other)));
  }

  /** The newest call with somebody. Throws when there was none. */
  with(other: FlowParty): Call {
    const call = this.#calls.findLast((each) => isWith(each, other));
    if (call === undefined) throw new Error(`${this.element} has no call with ${other.element}`);
    return call;
  }

  /** Waits for something that is so from some event of the phone on. */
  async #until<Found>(find: () => Found | undefined | false): Promise<Found> {
    const found = find();
    if (found !== undefined && found !== false) return found;
    return new Promise<Found>((resolve) => {
      const look = (): void => {
        const now = find();
        if (now === undefined || now === false) return;
        this.#waiting.delete(look);
        resolve(now);
      };
      this.#waiting.add(look);
    });
  }
}

function rings({ direction, state }: Call): boolean {
  return direction === 'incoming' && state === 'ringing';
}

/** Whether it is somebody's call, by whichever of his addresses (sips or not) he was called. */
function isWith({ remote }: Call, { addressOfRecord }: FlowParty): boolean {
  return remote.uri.replace(/^sips:/, 'sip:') === addressOfRecord.replace(/^sips:/, 'sip:');
}
