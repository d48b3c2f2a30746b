/** Somebody at a phone, as a flow needs him. What he does resolves when it is done, and rejects when it cannot be. */
export interface FlowPhone {
  /** The part that he plays, such as `alice`. */
  readonly element: string;
  /** What others call. */
  readonly addressOfRecord: string;
  /** Calls somebody; resolves when he has answered. */
  call(other: FlowPhone): Promise<void>;
  /** Waits until it rings, lets it ring a little, and answers. */
  answer(): Promise<void>;
  /** Puts the call with somebody on hold. */
  hold(other: FlowPhone): Promise<void>;
  resume(other: FlowPhone): Promise<void>;
  hangUp(other: FlowPhone): Promise<void>;
  /** Waits until the call with somebody is over for him, too. */
  ended(other: FlowPhone): Promise<void>;
}

/** Where a flow is played: with real phones, in a simulation, with somebody's devices. */
export interface Stage {
  /** Whoever plays that part. Throws when nobody does. */
  phone(element: string): FlowPhone;
  /** Lets them talk for a while, or be silent, so that it can be heard who hears whom. */
  listen(): Promise<void>;
}

/** What people do in a flow of RFC 5359. */
export interface FlowScript {
  /** The section, such as `2.1`. */
  readonly flow: string;
  /** The parts that have a phone. */
  readonly parts: readonly string[];
  play(stage: Stage): Promise<void>;
}
