import type { EmbeddedExchangeOptions, SubscriberSettings } from '@switchhook/exchange';
import type { PhoneSettings } from '@switchhook/phone';

/** Whom others can call: a person, however many phones he has, a server, a gateway. */
export interface FlowParty {
  /** The part that he plays, such as `alice`. */
  readonly element: string;
  /** What others call. */
  readonly addressOfRecord: string;
  /** Where somebody else's device is called without a proxy, as `host:port`: the user part of its Contact may be any. */
  readonly place?: string | undefined;
}

/** Somebody at a phone, as a flow needs him. What he does resolves when it is done, and rejects when it cannot be. */
export interface FlowPhone extends FlowParty {
  /** Calls somebody; resolves when he has answered. */
  call(other: FlowParty): Promise<void>;
  /** Waits until it rings, lets it ring a little, and answers. */
  answer(): Promise<void>;
  /** From now on callers hear that he is busy, or not there; resolves when that is so. */
  refuseCalls(as: 'busy' | 'unavailable'): Promise<void>;
  /** From now on who calls while he talks hears that he is busy; resolves when that is so. */
  takesOneCall(): Promise<void>;
  /** Calls somebody who is busy. Rejects when he is not. */
  findsBusy(other: FlowParty): Promise<void>;
  /** Calls somebody whom he may not call. Rejects when he may. */
  findsForbidden(other: FlowParty): Promise<void>;
  /** Calls the announcement that says why his last call was refused, at a server, and hears it to its end. */
  hearWhy(server: FlowParty): Promise<void>;
  /** Waits until it rings. */
  ring(): Promise<void>;
  /** Waits until it has rung here and rings no more. */
  miss(): Promise<void>;
  /** Puts the call with somebody on hold. */
  hold(other: FlowParty): Promise<void>;
  resume(other: FlowParty): Promise<void>;
  hangUp(other: FlowParty): Promise<void>;
  /** Sends somebody to another, and hangs up without waiting for what comes of it. */
  transfer(other: FlowParty, target: FlowParty): Promise<void>;
  /** Gives two with whom he has calls to each other. */
  transferTo(other: FlowParty, target: FlowParty): Promise<void>;
  /** Sends somebody a text by which he can take over the call with another. */
  sendLink(call: FlowParty, to: FlowParty): Promise<void>;
  /** Waits for a text with a link, and follows it; resolves when he talks. */
  followLink(): Promise<void>;
  /** Has another phone of his call somebody. */
  dialWith(device: FlowParty, target: FlowParty): Promise<void>;
  /** Takes the call that rings at somebody else's. */
  pickUp(other: FlowParty): Promise<void>;
  /** Has his phone call somebody who is busy once he is free; resolves when he has answered. */
  redial(other: FlowParty): Promise<void>;
  /** Waits until his phone has done with calling again, and watches nobody. */
  redialled(): Promise<void>;
  /** Brings somebody into the call with another, so that all hear each other. */
  addToCall(call: FlowParty, other: FlowParty): Promise<void>;
  /** Joins the call that somebody is in. */
  join(other: FlowParty): Promise<void>;
  /** Has a server play music to somebody who is on hold. */
  playMusic(other: FlowParty, server: FlowParty): Promise<void>;
  /** Parks the call with somebody at a server. */
  park(other: FlowParty, server: FlowParty): Promise<void>;
  /** Takes the call that is parked at a server. */
  retrieve(server: FlowParty): Promise<void>;
  /** Waits until he talks to somebody, whoever has seen to that. */
  connected(other: FlowParty): Promise<void>;
  /** Waits until the call with somebody is over for him, too. */
  ended(other: FlowParty): Promise<void>;
}

/** Where a flow is played: with real phones, in a simulation, with somebody's devices. */
export interface Stage {
  /** Whoever plays that part. Throws when nobody does. */
  phone(element: string): FlowPhone;
  /** Anybody whom the flow names, also one who has several phones, or none. */
  party(name: string): FlowParty;
  /** Lets them talk for a while, or be silent, so that it can be heard who hears whom. */
  listen(): Promise<void>;
}

/** How an exchange is set, in the form of its configuration file. */
export interface ExchangeSetting {
  /** What subscribers have decided about their calls, by the names of the flow. */
  readonly settings?: Readonly<Record<string, SubscriberSettings>>;
  readonly gateways?: EmbeddedExchangeOptions['gateways'];
  readonly servers?: EmbeddedExchangeOptions['servers'];
  /** Those on machines of their own, by the element, where the ladder has a proxy as well. */
  readonly machines?: Readonly<Record<string, EmbeddedExchangeOptions['servers']>>;
}

/** What people do in a flow of RFC 5359. */
export interface FlowScript {
  /** The section, such as `2.1`. */
  readonly flow: string;
  /** How the exchange is set for it. */
  readonly setting?: ExchangeSetting;
  /** What somebody else's proxy has to be set to do in it, besides knowing who registers: "The proxy has to" goes before. */
  readonly proxyTask?: string;
  /** What people let each other do with their phones, where it is not all that those of one group do. */
  readonly permissions?: PhoneSettings['permissions'];
  /** How somebody has set his phone. */
  readonly phones?: Readonly<Record<string, Partial<PhoneSettings>>>;
  /** Who has a phone, too, although the ladder does not show him. */
  readonly others?: readonly string[];
  play(stage: Stage): Promise<void>;
}
