import type { CallLogEntry, Conference, ParkedCall, Phone, PhoneEvent, Redial } from '@switchhook/phone';
import { Call, endSentenceOf, isMissed, PhoneError, sentenceOf } from '@switchhook/phone';
import type { RegistrationState } from '@switchhook/sip';

/** One line of what the phone tells a program. `event` says what the other fields are; docs/phone.md has a table of them. */
export type JsonEvent = Readonly<Record<string, unknown>> & { readonly event: string };

/** A call as it stands. */
function callFields(call: Call): Readonly<Record<string, unknown>> {
  const { number, direction, state, remote, localHold, music, remoteHold, automaton, active, muted, silent } = call;
  const { sound, end } = call;
  return {
    call: number,
    direction,
    state,
    uri: remote.uri,
    name: remote.name,
    localHold,
    music,
    remoteHold,
    automaton,
    active,
    muted,
    silent,
    ...(sound === undefined ? {} : { codec: sound.codec, encrypted: sound.encrypted }),
    startedAt: isoTime(call.startedAt),
    ...(call.answeredAt === undefined ? {} : { answeredAt: isoTime(call.answeredAt) }),
    ...(call.endedAt === undefined ? {} : { endedAt: isoTime(call.endedAt) }),
    ...(end === undefined ? {} : { end, message: endSentenceOf(end, remote.name) }),
  };
}

/** The line for something that happened. `question` is the number to answer it by, where it is asked. */
export function jsonEvent(event: PhoneEvent, question?: number): JsonEvent {
  switch (event.kind) {
    case 'registration':
      return { event: 'registration', ...registrationFields(event.registration) };
    case 'incoming-call':
      return { event: 'call', change: 'new', waiting: event.waiting, ...callFields(event.call) };
    case 'outgoing-call':
      return { event: 'call', change: 'new', ...callFields(event.call) };
    case 'call':
      return event.event.kind === 'digit'
        ? { event: 'digit', call: event.call.number, digit: event.event.digit }
        : { event: 'call', change: event.event.kind, ...callFields(event.call) };
    case 'message':
      return {
        event: 'message',
        uri: event.message.from.uri,
        name: event.message.from.name,
        text: event.message.text,
        ...(event.message.link === undefined ? {} : { calls: event.message.link.target.uri }),
      };
    case 'referral': {
      const { from, target, call } = event.referral;
      const { number } = event.call ?? {};
      return {
        event: 'referral',
        state: event.state,
        question,
        from: from.uri,
        to: target.uri,
        about: call?.number,
        call: number,
      };
    }
    case 'transfer':
      return { event: 'transfer', call: event.call.number, to: event.to.uri, ...event.progress };
    case 'conference': {
      const { conference, event: change } = event;
      return {
        event: 'conference',
        change: change.kind,
        ...('call' in change && { call: change.call.number }),
        ...conferenceFields(conference),
      };
    }
    case 'claim': {
      const { wish, from, call } = event.claim;
      return { event: 'claim', question, wish, uri: from.uri, name: from.name, call: call.number };
    }
    case 'no-sound':
    case 'no-log':
      return { event: event.kind, message: event.message };
    case 'redial':
      return { event: 'redial', to: event.redial.to.uri, state: event.state, question, ...redialEnd(event.redial) };
    case 'turned-away':
      return { event: 'turned-away', uri: event.from.uri, name: event.from.name, status: event.status };
  }
}

function redialEnd({ end, to }: Redial): Readonly<Record<string, unknown>> {
  if (end === undefined) return {};
  if (end.kind === 'connected') return { end: end.kind, call: end.call.number };
  if (end.kind === 'cancelled') return { end: end.kind };
  return { end: end.kind, ...end.failure, message: sentenceOf(end.failure, to.name) };
}

function registrationFields(registration: RegistrationState): Readonly<Record<string, unknown>> {
  switch (registration.kind) {
    case 'registered':
      return { state: registration.kind, until: isoTime(registration.until) };
    case 'failed': {
      const { failure, retryAt } = registration;
      return { state: registration.kind, ...failure, ...(retryAt === undefined ? {} : { retryAt: isoTime(retryAt) }) };
    }
    default:
      return { state: registration.kind };
  }
}

/** Who is in a conference. */
export function conferenceFields({
  uri,
  attending,
  muted: selfMuted,
  roster,
}: Conference): Readonly<Record<string, unknown>> {
  return {
    uri,
    attending,
    muted: selfMuted,
    members: roster.map(({ call, joined, muted }) => ({ call: call.number, uri: call.remote.uri, joined, muted })),
  };
}

/** What a command that is done was done to, or came to. */
export function outcomeFields(outcome: Call | ParkedCall | undefined): Readonly<Record<string, unknown>> {
  if (outcome === undefined) return {};
  if (outcome instanceof Call) return { call: outcome.number };
  return { slot: outcome.slot.uri, uri: outcome.who.uri, name: outcome.who.name };
}

/** The line for a command that came to nothing. */
export function failureFields(error: unknown): Readonly<Record<string, unknown>> {
  if (error instanceof PhoneError) return { ...error.failure, message: error.message };
  return { kind: 'command', message: error instanceof Error ? error.message : String(error) };
}

export function statusFields(phone: Phone): Readonly<Record<string, unknown>> {
  return {
    addressOfRecord: phone.addressOfRecord,
    registration: registrationFields(phone.registration),
    calls: phone.calls.map(callFields),
    doNotDisturb: phone.doNotDisturb,
    callWaiting: phone.callWaiting,
    stats: phone.stats(),
  };
}

export function logFields(entry: CallLogEntry): Readonly<Record<string, unknown>> {
  const { direction, remote, startedAt, answeredAt, endedAt, end } = entry;
  return {
    direction,
    uri: remote.uri,
    name: remote.name,
    startedAt: isoTime(startedAt),
    ...(answeredAt === undefined ? {} : { answeredAt: isoTime(answeredAt) }),
    endedAt: isoTime(endedAt),
    missed: isMissed(entry),
    end,
    message: endSentenceOf(end, remote.name),
  };
}

function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
