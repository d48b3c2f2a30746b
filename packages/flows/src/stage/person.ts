import { PhoneError } from '@switchhook/phone';
import type { Call, CallLink, FailureKind, Phone } from '@switchhook/phone';
import { SipUri } from '@switchhook/sip';
import type { Clock, Timer } from '@switchhook/sip';
import type { FlowParty, FlowPhone } from '../flow/flow-script.ts';

/** How long somebody lets it ring, in milliseconds: long enough to see that it rings. */
const ringTime = 300;
/** How often somebody presses a key that does nothing, and after how many milliseconds again; he waits as long for a refusal. */
const attempts = 6;
const patience = 10_000;

interface PersonOptions {
  readonly addressOfRecord?: string | undefined;
  readonly waits?: number | undefined;
}

/** Somebody with a phone of this house. He does with it what anybody can. */
export class Person implements FlowPhone {
  readonly element: string;
  readonly addressOfRecord: string;
  readonly phone: Phone;
  readonly #clock: Clock;
  /** All that there were, the oldest first. */
  readonly #calls: Call[] = [];
  /** Addresses to call in texts that came, and that he has not followed. */
  readonly #links: CallLink[] = [];
  /** What he waits for: looked at again whenever something happens. */
  readonly #waiting = new Set<() => void>();
  /** What he lets pass before he does something. */
  readonly #pausing = new Set<Timer>();
  readonly #stopListening: () => void;
  readonly #waits: number | undefined;
  #hasLeft = false;

  /**
   * `addressOfRecord` is what others call, where that is not what his phone says he is; `waits` how many milliseconds he waits for what
   * others are to bring about, for ever without it.
   */
  constructor(
    element: string,
    phone: Phone,
    clock: Clock,
    { addressOfRecord = phone.addressOfRecord, waits }: PersonOptions = {},
  ) {
    this.element = element;
    this.#waits = waits;
    this.addressOfRecord = addressOfRecord;
    this.phone = phone;
    this.#clock = clock;
    this.#stopListening = phone.onEvent((event) => {
      if (event.kind === 'incoming-call' || event.kind === 'outgoing-call') this.#calls.push(event.call);
      if (event.kind === 'message' && event.message.link !== undefined) this.#links.push(event.message.link);
      for (const look of this.#waiting) look();
    });
  }

  /** He does not listen to his phone any more, and does nothing that he was about to do. */
  leave(): void {
    this.#hasLeft = true;
    this.#stopListening();
    for (const timer of this.#pausing) timer.cancel();
    this.#pausing.clear();
  }

  /** Tells the exchange where he is. Rejects with who it is that it does not know. */
  async register(): Promise<void> {
    try {
      await this.phone.register();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new Error(`${this.element} cannot register as ${this.phone.addressOfRecord}: ${why}`, { cause: error });
    }
  }

  async call(other: FlowParty): Promise<void> {
    await this.phone.call(other.addressOfRecord);
  }

  async answer(): Promise<void> {
    const call = await this.#until(() => this.#calls.find(rings), 'a call');
    await this.#pause(ringTime);
    await call.answer();
  }

  refuseCalls(as: 'busy' | 'unavailable'): Promise<void> {
    this.phone.doNotDisturb = as;
    return Promise.resolve();
  }

  takesOneCall(): Promise<void> {
    this.phone.callWaiting = false;
    return Promise.resolve();
  }

  async findsBusy(other: FlowParty): Promise<void> {
    await this.#fails(other, 'busy');
  }

  async findsForbidden(other: FlowParty): Promise<void> {
    await this.#fails(other, 'forbidden');
  }

  async hearWhy(server: FlowParty): Promise<void> {
    const end = this.phone.log.entries.find(({ direction }) => direction === 'outgoing')?.end;
    const announcement = end?.kind === 'failed' ? end.failure.announcement : undefined;
    if (announcement === undefined) throw new Error(`${this.element} was not told where to hear why`);
    await this.phone.call(announcement);
    await this.ended(server);
  }

  async ring(): Promise<void> {
    await this.#until(() => this.#calls.some(rings), 'a call');
  }

  async miss(): Promise<void> {
    const call = await this.#until(() => this.#calls.find(rings), 'a call');
    await this.#until(() => call.state === 'ended', 'the end of the call that rings');
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
    const link = await this.#until(() => this.#links.shift(), 'a message with a link');
    await link.follow().answered();
  }

  async dialWith(device: FlowParty, target: FlowParty): Promise<void> {
    // One phone and no other: without a subscription nobody hears of a second that would call as well (RFC 4488 4).
    const uri = device instanceof Person ? `${device.addressOfRecord};gr` : device.addressOfRecord;
    await this.phone.dialWith(uri, target.addressOfRecord);
  }

  async pickUp(other: FlowParty): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.phone.pickUp(other.addressOfRecord);
        return;
      } catch (error) {
        // The caller may not have heard yet that it rings there (RFC 3891 3): whoever presses the key again gets the call.
        if (attempt === attempts) throw error;
      }
      await this.#pause(patience);
    }
  }

  async redial(other: FlowParty): Promise<void> {
    await this.phone.redial(other.addressOfRecord).connected();
  }

  async redialled(): Promise<void> {
    await this.#until(() => this.phone.redials.length === 0, 'the end of its redialling');
  }

  async addToCall(call: FlowParty, other: FlowParty): Promise<void> {
    const conference = await this.phone.conference([this.with(call)]);
    await conference.add(other.addressOfRecord);
  }

  async join(other: FlowParty): Promise<void> {
    await this.phone.join(other.addressOfRecord);
  }

  async playMusic(other: FlowParty, server: FlowParty): Promise<void> {
    await this.with(other).holdWithMusic(server.addressOfRecord);
  }

  async park(other: FlowParty, server: FlowParty): Promise<void> {
    await this.phone.park(this.with(other), server.addressOfRecord);
  }

  async retrieve(server: FlowParty): Promise<void> {
    await this.phone.retrieve(server.addressOfRecord);
  }

  async connected(other: FlowParty): Promise<void> {
    await this.#until(
      () => this.phone.calls.some((call) => call.state === 'connected' && isWith(call, other)),
      `a call with ${other.element}`,
    );
  }

  async ended(other: FlowParty): Promise<void> {
    await this.#until(
      () => !this.phone.calls.some((call) => isWith(call, other)),
      `the end of the call with ${other.element}`,
    );
  }

  /** The newest call with somebody. Throws when there was none. */
  with(other: FlowParty): Call {
    const call = this.#calls.findLast((each) => isWith(each, other));
    if (call === undefined) throw new Error(`${this.element} has no call with ${other.element}`);
    return call;
  }

  async #pause(milliseconds: number): Promise<void> {
    await new Promise<void>((resolve) => {
      if (this.#hasLeft) return;
      const timer = this.#clock.after(milliseconds, () => {
        this.#pausing.delete(timer);
        resolve();
      });
      this.#pausing.add(timer);
    });
  }

  /** Calls somebody to no avail, for a certain reason. Where it rings instead, he lets it ring no longer than his patience lasts. */
  async #fails(other: FlowParty, kind: FailureKind): Promise<void> {
    const enough = new AbortController();
    let timer: Timer | undefined;
    const look = (): void => {
      if (timer !== undefined || !this.phone.calls.some((call) => isHeardRinging(call) && isWith(call, other))) return;
      timer = this.#clock.after(patience, () => enough.abort());
    };
    this.#waiting.add(look);
    const { signal } = enough;
    const found = await this.phone.call(other.addressOfRecord, { signal }).catch((error: unknown) => error);
    this.#waiting.delete(look);
    timer?.cancel();
    if (signal.aborted) throw new Error(`${this.element} is not refused: it rings at ${other.element}`);
    if (found instanceof PhoneError && found.failure.kind === kind) return;
    throw found instanceof Error ? found : new Error(`${this.element} could call ${other.element}`);
  }

  /** Waits for something that is so from some event of the phone on; `what` it is, in words. */
  async #until<Found>(find: () => Found | undefined | false, what: string): Promise<Found> {
    const found = find();
    if (found !== undefined && found !== false) return found;
    const waits = this.#waits;
    return new Promise<Found>((resolve, reject) => {
      const giveUp = (): void => {
        end();
        reject(new Error(`${this.element} has waited ${(waits ?? 0) / 1_000} s for ${what}`));
      };
      const timer = waits === undefined ? undefined : this.#clock.after(waits, giveUp);
      if (timer !== undefined) this.#pausing.add(timer);
      const end = (): void => {
        this.#waiting.delete(look);
        if (timer === undefined) return;
        timer.cancel();
        this.#pausing.delete(timer);
      };
      const look = (): void => {
        const now = find();
        if (now === undefined || now === false) return;
        end();
        resolve(now);
      };
      this.#waiting.add(look);
    });
  }
}

function rings({ direction, state }: Call): boolean {
  return direction === 'incoming' && state === 'ringing';
}

function isHeardRinging({ direction, state }: Call): boolean {
  return direction === 'outgoing' && state === 'ringing';
}

/**
 * Whether it is somebody's call, by whichever of his addresses: his home, his phone, with sips or not. A device's address may have
 * no user part, or another than it is called by: then its place tells.
 */
function isWith({ remote }: Call, { addressOfRecord, place }: FlowParty): boolean {
  const [one, other] = [SipUri.parse(remote.uri), SipUri.parse(addressOfRecord)];
  if (!(one instanceof SipUri) || !(other instanceof SipUri)) return false;
  if (one.user === undefined) return one.host === other.host && one.port === other.port;
  return one.user === other.user || (place !== undefined && place === `${one.host}:${one.port ?? 5_060}`);
}
