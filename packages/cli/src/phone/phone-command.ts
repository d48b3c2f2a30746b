/** The number of a call, or whom it is with: `bob`, or his address. */
export type CallName = number | string;

/** What a person or a program tells the phone to do; typed as a line, or written as a line of JSON. */
export type PhoneCommand =
  | { readonly command: 'call'; readonly to: string }
  /** Calls where it is heard why the last call was refused (2.13). */
  | { readonly command: 'why' }
  | { readonly command: 'answer'; readonly call?: CallName }
  | { readonly command: 'reject'; readonly call?: CallName; readonly as?: Rejection }
  | { readonly command: 'hold'; readonly call?: CallName }
  | { readonly command: 'resume'; readonly call?: CallName }
  | { readonly command: 'switch'; readonly call?: CallName }
  | { readonly command: 'hangup'; readonly call?: CallName }
  | { readonly command: 'digits'; readonly digits: string }
  /** Nobody hears this person; with `call`, nobody in the conference hears that one. */
  | { readonly command: 'mute'; readonly on: boolean; readonly call?: CallName }
  | ServiceCommand
  | { readonly command: 'message'; readonly to: string; readonly text: string }
  | { readonly command: 'dnd'; readonly mode: DoNotDisturbMode }
  | { readonly command: 'waiting'; readonly on: boolean }
  | { readonly command: 'register' }
  | { readonly command: 'unregister' }
  | { readonly command: 'status' }
  | { readonly command: 'log' }
  | { readonly command: 'quit' };

/** The services of RFC 5359 that a person asks a phone for, beyond calling and holding. */
export type ServiceCommand =
  /** Puts a call on hold with music (2.3). */
  | { readonly command: 'music'; readonly call?: CallName; readonly from?: string }
  /** Hands a call on to somebody (2.4). `stay`: only once he has answered. */
  | { readonly command: 'transfer'; readonly to: string; readonly call?: CallName; readonly stay?: boolean }
  /** Gives the far ends of two calls to each other (2.5). */
  | { readonly command: 'connect'; readonly call?: CallName; readonly other?: CallName }
  /** Offers a call to somebody by a message with a link (2.6). */
  | { readonly command: 'offer'; readonly to: string; readonly call?: CallName }
  /** Calls what the last message with a link says. */
  | { readonly command: 'follow' }
  /** Answers what the phone asks: whether to call somebody whom another one names. */
  | { readonly command: 'accept'; readonly question?: number }
  | { readonly command: 'refuse'; readonly question?: number }
  /** Has another phone call somebody (2.18). */
  | { readonly command: 'dialwith'; readonly device: string; readonly to: string }
  /** Takes a call that rings at somebody else's (2.16); `answered`: one that was answered there, too. */
  | { readonly command: 'pickup'; readonly from: readonly string[]; readonly answered?: boolean }
  /** Calls somebody as soon as he is free (2.17): whom is the one who was called last, where nothing is said. */
  | { readonly command: 'redial'; readonly to?: string; readonly mode: RedialMode }
  /** Parks a call (2.15). */
  | { readonly command: 'park'; readonly call?: CallName; readonly at: string }
  /** Mixes calls, all that are connected where none is named (2.10); `lasting`: it goes on when this person leaves. */
  | { readonly command: 'conference'; readonly calls?: readonly CallName[]; readonly lasting?: boolean }
  /** Takes a call, or somebody who is called, into the conference. */
  | { readonly command: 'add'; readonly whom: string | number }
  | { readonly command: 'drop'; readonly call: CallName }
  /** Who is in it; whether this person is. */
  | { readonly command: 'roster' }
  | { readonly command: 'attend' }
  | { readonly command: 'leave' }
  | { readonly command: 'end' }
  /** Joins the call that somebody is in (2.11). */
  | { readonly command: 'join'; readonly to: string }
  /** Takes a call from where it is parked: the one that was parked last, where nothing is said. */
  | { readonly command: 'retrieve'; readonly from?: string; readonly whom?: string };

/** call: as soon as it can; ask: the person is asked then; off: not any more. */
export const redialModes = ['call', 'ask', 'off'] as const;
export type RedialMode = (typeof redialModes)[number];

/** Where calls are parked when nothing is said. */
export const usualParkingLot = 'park';

export const rejections = ['busy', 'declined', 'unavailable'] as const;
export type Rejection = (typeof rejections)[number];

export const doNotDisturbModes = ['off', 'busy', 'unavailable'] as const;
export type DoNotDisturbMode = (typeof doNotDisturbModes)[number];

/** What can be sent as DTMF (RFC 4733 3.2). */
export const digitsPattern = /^[0-9*#A-Da-d]+$/;
