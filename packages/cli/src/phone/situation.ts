import type { Call, Phone } from '@switchhook/phone';
import type { Vocabulary } from './completion.ts';
import type { KeyHint } from './view.ts';

/** What can be done at the moment: what the keys mean, and what Tab completes. */
export interface Situation {
  readonly vocabulary: Vocabulary;
  readonly calls: number;
  /** A call rings here. */
  readonly rings: boolean;
  /** There is a call to talk in. */
  readonly talks: boolean;
  /** The person is in a conference, and in no other call. */
  readonly confers: boolean;
  /** Why digits would reach nobody, though there is a call; for a person. */
  readonly deaf: string | undefined;
  /** The command that holds or resumes; undefined when there is neither to do. */
  readonly hold: 'hold' | 'resume' | undefined;
  /** There is another call to go to. */
  readonly others: boolean;
  readonly muted: boolean;
  readonly doNotDisturb: boolean;
}

/** Whom one can call by name: who was called before, and who is known otherwise. */
export function situationOf(phone: Phone, known: readonly string[]): Situation {
  const { calls, activeCall } = phone;
  const connected = calls.filter(({ state }) => state === 'connected');
  const talks = activeCall?.state === 'connected';
  const attended = phone.conferences.find(({ attending }) => attending);
  const parties = [...phone.log.entries, ...calls].map(({ remote }) => shortNameOf(remote.uri, phone.domain));
  return {
    vocabulary: { parties: [...new Set([...known, ...parties])], calls: callNamesOf(phone) },
    calls: calls.length,
    rings: calls.some(isRinging),
    talks,
    confers: attended !== undefined,
    deaf: attended === undefined ? deafnessOf(talks ? activeCall : connected.at(-1)) : undefined,
    hold: talks && !activeCall.localHold ? 'hold' : connected.some(({ localHold }) => localHold) ? 'resume' : undefined,
    others: calls.length > 1 && connected.some(({ active }) => !active),
    muted: (attended ?? activeCall)?.muted ?? false,
    doNotDisturb: phone.doNotDisturb !== 'off',
  };
}

function isRinging({ direction, state }: Call): boolean {
  return direction === 'incoming' && state === 'ringing';
}

/** Nobody hears digits whom this side holds, or who holds it (RFC 3264 8.4). */
function deafnessOf(call: Call | undefined): string | undefined {
  if (call?.localHold === true) return `${call.remote.name} is on hold`;
  if (call?.remoteHold !== true) return undefined;
  return call.automaton ? `${call.remote.name} only plays` : `${call.remote.name} has put you on hold`;
}

/** How calls are named: by their numbers, and by whom they are with. */
function callNamesOf({ calls, domain }: Phone): readonly string[] {
  return calls.flatMap(({ number, remote }) => [String(number), shortNameOf(remote.uri, domain)]);
}

/** `bob` for somebody of the own domain, the whole address for others. */
export function shortNameOf(uri: string, domain: string): string {
  const [, user, host] = /^sips?:([^@]+)@(.+)$/.exec(uri) ?? [];
  return user !== undefined && host === domain ? user : uri;
}

/** The keys that do something at the moment, with what they do. */
export function keysOf(situation: Situation): readonly KeyHint[] {
  const { rings, hold, others, talks, confers, muted, doNotDisturb, calls } = situation;
  const hints: (KeyHint | false)[] = [
    { key: 'F1', act: 'help' },
    rings && { key: 'F2', act: 'answer' },
    hold !== undefined && { key: 'F3', act: hold },
    others && { key: 'F4', act: 'switch' },
    (talks || confers) && { key: 'F5', act: muted ? 'unmute' : 'mute' },
    { key: 'F6', act: doNotDisturb ? 'disturb me' : 'do not disturb' },
    { key: 'F7', act: 'log' },
    calls > 0 && { key: 'F8', act: confers ? 'leave' : rings && !talks ? 'reject' : 'hang up' },
    { key: 'F10', act: 'quit' },
  ];
  return hints.filter((hint) => hint !== false);
}
