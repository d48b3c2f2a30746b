import type { FlowParty } from '../flow/flow-script.ts';

/** What somebody has to do at a device. */
export type Action =
  | 'prepare'
  | 'call'
  | 'answer'
  | 'let-ring'
  | 'refuse-busy'
  | 'refuse-unavailable'
  | 'take-one-call'
  | 'hear-why'
  | 'hold'
  | 'resume'
  | 'hang-up'
  | 'transfer'
  | 'transfer-to'
  | 'send-link'
  | 'follow-link'
  | 'dial-with'
  | 'pick-up'
  | 'redial'
  | 'add-to-call'
  | 'join'
  | 'play-music'
  | 'park'
  | 'retrieve'
  | 'finish';

/** How a device has to be configured to play its part. */
export interface GuestAccount {
  /** Its address: `sip:carol@192.0.2.7`. */
  readonly addressOfRecord: string;
  readonly user: string;
  readonly password: string;
  /** Where it registers, and sends every request first; undefined where the flow has no proxy. */
  readonly proxy: string | undefined;
  /** The certificate of the authority to trust, for TLS. */
  readonly certificateAuthority: string;
}

/** One step of a flow, at somebody else's device. */
export interface Step {
  /** The section of RFC 5359. */
  readonly flow: string;
  /** The part that the device plays: `carol`. */
  readonly role: string;
  readonly action: Action;
  /** Whom it is about: who is called, held, transferred. Addresses are those to dial. */
  readonly other: FlowParty | undefined;
  /** To whom: the target of a transfer. */
  readonly target: FlowParty | undefined;
  readonly account: GuestAccount;
  /** The step in plain words: `Put Alice on hold.` */
  readonly words: string;
}

/** Has devices do their steps: asks a person to, or has a program do it. */
export interface Director {
  /**
   * Resolves when the flow can go on: the device has done it. `seen` resolves when the others have the message by which they know;
   * it rejects when that does not come in time. Undefined for what nobody hears of. Rejects when it cannot be done. When the
   * flow is given up meanwhile, `signal` says so, and nothing more is awaited; `finish` comes all the same, and has none.
   */
  direct(step: Step, seen: Promise<void> | undefined, signal?: AbortSignal): Promise<void>;
}

type Words = (other: string, target: string, account: GuestAccount) => string;

/** Each step as one says it to whoever sits at the device. Names come with the address to dial. */
export const wordsFor: Readonly<Record<Action, Words>> = {
  prepare: (_other, _target, { addressOfRecord, user, proxy }) =>
    `Configure the device as ${addressOfRecord}, user name ${user}, with its password; ` +
    (proxy === undefined
      ? 'it registers nowhere, calls directly and is called directly.'
      : `have it register at ${proxy}, and send every request there.`),
  call: (other) => `Call ${other}.`,
  answer: () => 'It rings: answer the call.',
  'let-ring': () => 'It rings: do not answer, let it ring until it stops.',
  'refuse-busy': () => 'Set the device so that callers hear busy (486), or be ready to reject the next call as busy.',
  'refuse-unavailable': () => 'Set the device so that callers hear that nobody is there (480): do not disturb.',
  'take-one-call': () => 'Set the device so that who calls while it is in a call hears busy: no call waiting.',
  'hear-why': (other) => `Call the address that Error-Info of the refusal named (${other}), and listen to the end.`,
  hold: (other) => `Put the call with ${other} on hold.`,
  resume: (other) => `Take the call with ${other} off hold.`,
  'hang-up': (other) => `Hang up the call with ${other}.`,
  transfer: (other, target) =>
    `Transfer ${other} to ${target} without asking there first (blind transfer); hang up if the device does not.`,
  'transfer-to': (other, target) => `Give ${other} to ${target}, with whom you talk (attended transfer).`,
  'send-link': (other, target) =>
    `Send a text message to ${target} with a link that takes over the call with ${other}.`,
  'follow-link': () => 'A text message has come: follow its link.',
  'dial-with': (other, target) => `Have ${other} call ${target} (click to dial: REFER).`,
  'pick-up': (other) => `Pick up the call that rings at ${other}.`,
  redial: (other) => `${other} was busy: have the device call again as soon as the line is free.`,
  'add-to-call': (other, target) => `Bring ${target} into the call with ${other}, as a conference of three.`,
  join: (other) => `Join the call that ${other} is in.`,
  'play-music': (other, target) => `Have the music server ${target} play to ${other}, who is on hold.`,
  park: (other, target) => `Park the call with ${other} at ${target}.`,
  retrieve: (other) => `Take the call that is parked at ${other}.`,
  finish: () => 'That is all; the device may be switched off.',
};
