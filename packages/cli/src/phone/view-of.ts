import type { Call, Phone } from '@switchhook/phone';
import { printable } from '@switchhook/sip';
import { callLogPage } from './call-log-page.ts';
import { commandWords, findCommand } from './grammar.ts';
import type { Desk } from './keyboard.ts';
import type { Question } from './notes.ts';
import { keysOf } from './situation.ts';
import type { Situation } from './situation.ts';
import type { CallRow, LogLine, PageLine, PhoneView, Tone } from './view.ts';

/** What the screen knows beside the phone itself. */
export interface Surroundings {
  readonly desk: Desk;
  readonly log: readonly LogLine[];
  readonly situation: Situation;
  readonly digits: ReadonlyMap<Call, string>;
  /** What the person is asked. */
  readonly question: Question | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** What the screen shows of a phone at this moment. */
export function viewOf(phone: Phone, { desk, log, situation, digits, question, now }: Surroundings): PhoneView {
  const { text, tone } = registrationOf(phone);
  return {
    addressOfRecord: phone.addressOfRecord,
    registration: text,
    registrationTone: tone,
    settings: settingsOf(phone),
    calls: phone.calls.map((call) => rowOf(call, digits.get(call) ?? '', now, isInConference(phone, call))),
    log,
    scrolled: desk.scrolled,
    page:
      desk.page === 'help'
        ? helpPage
        : desk.page === 'log'
          ? callLogPage(phone.log.entries, phone.domain, now)
          : undefined,
    input: desk.input,
    ...hintOf(phone, desk, question),
    keys: keysOf(situation),
  };
}

function registrationOf({ registration }: Phone): { readonly text: string; readonly tone: Tone } {
  switch (registration.kind) {
    case 'registered':
      return { text: 'registered', tone: 'good' };
    case 'registering':
      return { text: 'registering', tone: 'attention' };
    case 'failed':
      return { text: 'not registered', tone: 'bad' };
    case 'unregistered':
    case 'unregistering':
      return { text: 'not registered', tone: 'plain' };
  }
}

function settingsOf({ doNotDisturb, callWaiting, conferences }: Phone): string[] {
  const isMuted = conferences.some(({ attending, muted }) => attending && muted);
  return [
    ...(isMuted ? ['muted'] : []),
    ...(doNotDisturb === 'off' ? [] : ['do not disturb']),
    ...(callWaiting ? [] : ['no call waiting']),
  ];
}

function isInConference({ conferences }: Phone, call: Call): boolean {
  return conferences.some((conference) => conference.roster.some((member) => member.call === call && member.joined));
}

function rowOf(call: Call, digits: string, now: number, inConference: boolean): CallRow {
  const { number, direction, remote, answeredAt, startedAt, sound, muted, active } = call;
  return {
    number,
    direction,
    name: printable(remote.name),
    uri: printable(remote.uri),
    ...stateOf(call, inConference),
    seconds: (now - (answeredAt ?? startedAt)) / 1_000,
    codec: sound?.codec,
    encrypted: sound?.encrypted ?? false,
    muted,
    digits,
    active,
  };
}

function stateOf(call: Call, inConference: boolean): { readonly state: string; readonly tone: Tone } {
  const { state, direction, localHold, remoteHold, automaton, active, silent } = call;
  if (state === 'calling') return { state: 'calling', tone: 'plain' };
  if (state === 'ringing') {
    if (direction === 'incoming') return { state: 'calls you', tone: 'attention' };
    return { state: localHold ? 'rings, held' : 'ringing', tone: 'plain' };
  }
  if (localHold && remoteHold) return { state: 'both hold', tone: 'plain' };
  if (localHold) return { state: call.music ? 'hears music' : 'on hold', tone: 'plain' };
  if (remoteHold) return automaton ? { state: 'plays', tone: 'good' } : { state: 'holds you', tone: 'attention' };
  if (silent) return { state: 'no sound', tone: 'bad' };
  if (inConference) return { state: 'conference', tone: 'good' };
  return active ? { state: 'talking', tone: 'good' } : { state: 'connected', tone: 'plain' };
}

/** What was said to the last key, else who waits to be answered. */
function hintOf(
  { calls, activeCall }: Phone,
  desk: Desk,
  question: Question | undefined,
): Pick<PhoneView, 'hint' | 'hintTone'> {
  if (desk.hint !== '') return { hint: desk.hint, hintTone: desk.hintTone };
  const ringing = calls.findLast(({ direction, state }) => direction === 'incoming' && state === 'ringing');
  if (ringing === undefined && question !== undefined) {
    return { hint: printable(`${question.text}: say yes or no`), hintTone: 'attention' };
  }
  if (ringing === undefined) return { hint: '', hintTone: 'plain' };
  const name = printable(ringing.remote.name);
  // F8 is for the call in progress where there is one.
  const [held, reject] =
    activeCall?.state === 'connected'
      ? [`, and holds ${printable(activeCall.remote.name)}`, '"reject"']
      : ['', 'F8 or "reject"'];
  return { hint: `${name} is calling: Enter answers${held}; ${reject} does not`, hintTone: 'attention' };
}

function usageOf({ name, parameters }: { readonly name: string; readonly parameters: string }): string {
  return parameters === '' ? name : `${name} ${parameters}`;
}

/** All commands, and what the keys do. */
export const helpPage: readonly PageLine[] = [
  {
    head: '',
    text: 'In an empty line Enter answers, Space holds and resumes, digits go to the far end, and ? is this page. Tab completes, Page Up and Page Down leaf, Esc closes. Commands may be shortened. CALL is the number of a call, or whom it is with, and may be left out; TO is bob, or bob@example.com. "help transfer" says more of transfer.',
  },
  { head: '', text: '' },
  ...commandWords.map((word) => ({
    head: usageOf(word),
    text: word.brief,
  })),
];

/** What help says of one command. */
export function helpAbout(name: string): string {
  const word = findCommand(name);
  if (word === undefined) return `there is no command "${name}"; help lists them`;
  const others = word.aliases.length === 0 ? '' : `; shorter or else: ${word.aliases.join(', ')}`;
  return `${usageOf(word)}: ${word.help}${others}`;
}
