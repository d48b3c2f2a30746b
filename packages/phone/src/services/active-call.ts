import type { Call } from '../call.ts';

/** Which call has the microphone and the loudspeaker: one at a time, so that nobody hears what is not meant for him. */
export class ActiveCall {
  #call: Call | undefined = undefined;

  get call(): Call | undefined {
    return this.#call;
  }

  /** Gives the sound to this call, or to none: what has ended while somebody waited to give it any has no use for it. */
  give(to: Call | undefined): void {
    const call = to?.state === 'ended' ? undefined : to;
    const before = this.#call;
    if (before === call) return;
    this.#call = call;
    before?.setActive(false);
    call?.setActive(true);
  }

  /** The call has ended or is on hold: its sound goes to nobody. */
  takeFrom(call: Call): void {
    if (this.#call === call) this.give(undefined);
  }
}
