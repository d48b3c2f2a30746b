import { endSentenceOf, failureOfRegistration, sentenceOf } from '@switchhook/phone';
import type {
  Call,
  CallEnd,
  CallEvent,
  ParkedCall,
  ConferenceEvent,
  Failure,
  PhoneEvent,
  Redial,
  RedialState,
  Referral,
  ReferralState,
  TransferProgress,
} from '@switchhook/phone';
import type { RegistrationState } from '@switchhook/sip';
import { duration } from './cells.ts';
import { shortNameOf } from './situation.ts';
import type { PhoneCommand } from './phone-command.ts';
import type { Tone } from './view.ts';

/** A line of the log, without its time. */
export interface Sentence {
  readonly text: string;
  readonly tone: Tone;
}

/** Where a call is parked, and how it is had again. `domain` is the phone's own. */
function parkedSentence({ who, slot }: Pick<ParkedCall, 'who' | 'slot'>, domain: string): string {
  const where = shortNameOf(slot.uri, domain);
  return `${who.name} is parked at ${slot.uri}: "retrieve" takes the call back here, "retrieve ${where}" at any phone`;
}

/** What a command has come to, for a person; undefined where what happens by it tells. */
export function doneSentence(
  command: PhoneCommand,
  outcome: Call | ParkedCall | undefined,
  domain: string,
): string | undefined {
  if (outcome !== undefined && 'slot' in outcome) return parkedSentence(outcome, domain);
  switch (command.command) {
    case 'message':
      return `to ${command.to}: ${command.text}`;
    case 'offer':
      return `${command.to} has the link: the call ends here when it is followed`;
    case 'dialwith':
      return `the telephone of ${command.device} has taken it on`;
    default:
      return undefined;
  }
}

/** What happened, for a person; undefined for what shows elsewhere on the screen and needs no words. */
export function sentenceFor(event: Exclude<PhoneEvent, { readonly kind: 'registration' }>): Sentence | undefined {
  switch (event.kind) {
    case 'outgoing-call':
      return { text: `calling ${event.call.remote.uri}`, tone: 'plain' };
    case 'incoming-call': {
      const { name, uri } = event.call.remote;
      const what = event.waiting ? 'is calling too, and waits' : 'is calling';
      return { text: `${name} ${what} (${uri})`, tone: 'attention' };
    }
    case 'call':
      return callSentence(event.call, event.event);
    case 'message': {
      const { from, text, link } = event.message;
      const advice = link === undefined ? '' : `; "follow" calls ${link.target.name}`;
      return { text: `${from.name}: ${text}${advice}`, tone: 'attention' };
    }
    case 'referral':
      return referralSentence(event.referral, event.state);
    case 'transfer':
      return transferSentence(event.call.remote.name, event.to.name, event.progress);
    case 'conference':
      return conferenceSentence(event.event);
    case 'claim': {
      const { wish, from, call } = event.claim;
      const what = wish === 'join' ? 'join' : 'take over';
      return { text: `${from.name} wants to ${what} the call with ${call.remote.name}`, tone: 'attention' };
    }
    case 'no-sound':
    case 'no-log':
      return { text: event.message, tone: 'bad' };
    case 'redial':
      return redialSentence(event.redial, event.state);
    case 'turned-away':
      return { text: `${event.from.name} called and heard that you are ${heard(event.status)}`, tone: 'attention' };
  }
}

function redialSentence({ to, end, asks }: Redial, state: RedialState): Sentence | undefined {
  switch (state) {
    case 'watching':
      if (asks) return { text: `you are asked as soon as ${to.name} is free`, tone: 'plain' };
      return { text: `${to.name} is called as soon as ${to.name} is free`, tone: 'plain' };
    case 'asking':
      return { text: `${to.name} is free now`, tone: 'attention' };
    case 'suspended':
      return { text: `${to.name} is free, and will be called when you are`, tone: 'plain' };
    case 'ended':
      if (end?.kind === 'failed') return { text: sentenceOf(end.failure, to.name), tone: 'bad' };
      return end?.kind === 'cancelled' ? { text: `${to.name} is not called any more`, tone: 'plain' } : undefined;
    case 'waiting':
    case 'calling':
    case 'leaving':
      return undefined;
  }
}

function referralSentence({ from, target, call }: Referral, state: ReferralState): Sentence | undefined {
  switch (state) {
    case 'followed':
    case 'succeeded':
    case 'failed':
      // Without a call that is handed on it is a call like any other, which tells of itself.
      return call === undefined ? undefined : handingOn(from.name, target.name, state);
    case 'asked':
      return { text: `${from.name} asks you to call ${target.name} (${target.uri})`, tone: 'attention' };
    case 'refused':
      return { text: `you did not call ${target.name} for ${from.name}`, tone: 'plain' };
  }
}

function handingOn(from: string, target: string, state: 'followed' | 'succeeded' | 'failed'): Sentence {
  switch (state) {
    case 'followed':
      return { text: `${from} hands you on to ${target}`, tone: 'attention' };
    case 'succeeded':
      return { text: `${target} has the call of ${from} now`, tone: 'good' };
    case 'failed':
      return { text: `${from} could not hand you on to ${target}`, tone: 'bad' };
  }
}

function transferSentence(who: string, to: string, progress: TransferProgress): Sentence {
  switch (progress.kind) {
    case 'accepted':
      return { text: `${who} will try to reach ${to}`, tone: 'plain' };
    case 'progress':
      return { text: progress.status === 180 ? `it rings at ${to}` : `${who} is trying ${to}`, tone: 'plain' };
    case 'succeeded':
      return { text: `${who} and ${to} have each other`, tone: 'good' };
    case 'failed':
      return { text: `${who} does not reach ${to}: ${sentenceOf(progress.failure, to)}`, tone: 'bad' };
    case 'unknown':
      return { text: `${who} does not say whether ${to} was reached`, tone: 'plain' };
  }
}

function heard(status: number): string {
  return status === 480 ? 'not there (480)' : `busy (${String(status)})`;
}

/** Why there is no registration, and what becomes of that. */
export function failedRegistration({ failure, retryAt }: Extract<RegistrationState, { readonly kind: 'failed' }>): {
  readonly text: string;
  readonly again: string;
} {
  const reason = failureOfRegistration(failure);
  const away = reason.kind === 'unreachable' ? ` (${awayText(reason)})` : '';
  return {
    text: `not registered: ${sentenceOf(reason, 'the exchange')}${away}`,
    again:
      retryAt === undefined
        ? 'it is not tried again: say register'
        : `it is tried again by itself, first at ${clockTime(retryAt)}, and when you say register`,
  };
}

/** What is to be looked at where the exchange cannot be reached. Who is spoken to over another transport says nothing, or hangs up. */
function awayText({ code }: Failure): string {
  return code === 'timeout' || code === 'closed'
    ? 'is it running, this machine in the network, and --transport what it speaks at that port?'
    : 'is it running, and this machine in the network?';
}

function callSentence(call: Call, event: CallEvent): Sentence | undefined {
  const { name } = call.remote;
  switch (event.kind) {
    case 'state':
      if (event.state === 'ringing') return { text: `it rings at ${name}`, tone: 'plain' };
      if (event.state !== 'connected') return undefined;
      return { text: call.direction === 'outgoing' ? `${name} answered` : `you answered ${name}`, tone: 'good' };
    case 'hold':
      return { text: holdText(call, event), tone: 'plain' };
    case 'music':
      return event.playing ? { text: `${name} hears music`, tone: 'plain' } : undefined;
    case 'silence':
      if (event.silent) return { text: `nothing is heard from ${name}`, tone: 'bad' };
      return call.localHold || call.remoteHold ? undefined : { text: `${name} is heard again`, tone: 'good' };
    case 'replaced':
      return { text: replacedText(call, event.before.name), tone: 'good' };
    case 'ended': {
      const { answeredAt, endedAt = 0 } = call;
      const length = answeredAt === undefined ? '' : `, after ${duration((endedAt - answeredAt) / 1_000)}`;
      const tone = event.end.kind === 'failed' || event.end.kind === 'lost' ? 'bad' : 'plain';
      const announcement = announcementOf(event.end);
      const why = announcement === undefined ? '' : `; "why" calls ${announcement} to hear it`;
      return { text: `${endSentenceOf(event.end, name)}${length}${why}`, tone };
    }
    // These stand in the line of the call.
    case 'digit':
    case 'sound':
    case 'active':
    case 'muted':
      return undefined;
  }
}

function conferenceSentence(event: ConferenceEvent): Sentence | undefined {
  switch (event.kind) {
    case 'joined':
      return { text: `${event.call.remote.name} is in the conference`, tone: 'good' };
    case 'left':
      return { text: `${event.call.remote.name} has left the conference`, tone: 'plain' };
    case 'muted':
      return { text: `${event.call.remote.name} is ${event.muted ? 'not heard' : 'heard again'}`, tone: 'plain' };
    case 'attending':
      return {
        text: event.attending ? 'you are in the conference' : 'the conference goes on without you',
        tone: 'plain',
      };
    case 'ended':
      return { text: 'the conference is over', tone: 'plain' };
    // The line of the call has said it.
    case 'hold':
      return undefined;
  }
}

function replacedText({ remote, answeredAt, automaton }: Call, before: string): string {
  if (answeredAt === undefined) return `${remote.name} picks up the call to ${before}`;
  return automaton
    ? `${before} has gone, and ${remote.name} is there now`
    : `${before} has gone: you are talking with ${remote.name} now`;
}

function holdText(
  { remote: { name }, automaton }: Call,
  { local, remote }: { readonly local: boolean; readonly remote: boolean },
): string {
  if (remote && !local && automaton) return `${name} plays to you, and does not hear you`;
  if (local && remote) return `you and ${name} hold each other`;
  if (local) return `${name} is on hold`;
  return remote ? `${name} has put you on hold` : `${name} and you are talking again`;
}

/** Where it is heard why a call was refused, if that was said. */
export function announcementOf(end: CallEnd): string | undefined {
  return end.kind === 'failed' ? end.failure.announcement : undefined;
}

/** `23:41:03` */
export function clockTime(milliseconds: number): string {
  const time = new Date(milliseconds);
  return [time.getHours(), time.getMinutes(), time.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':');
}
