import { alone, callField, complaint, onCall, oneOf, onOff } from './command-word.ts';
import type { CommandWord, Complaint, HelpWish } from './command-word.ts';
import { digitsPattern, doNotDisturbModes, rejections } from './phone-command.ts';
import type { PhoneCommand } from './phone-command.ts';
import { conferenceWords } from './conference-grammar.ts';
import { serviceWords } from './service-grammar.ts';

export type { CommandWord, Complaint, HelpWish, Place } from './command-word.ts';

function parseReject(rest: string): PhoneCommand | Complaint {
  const words = rest === '' ? [] : rest.split(/\s+/);
  const as = oneOf(rejections, words.at(-1) ?? '');
  const [call, ...more] = as === undefined ? words : words.slice(0, -1);
  if (more.length > 0) return complaint('say: reject [CALL] [busy|declined|unavailable]');
  return { command: 'reject', ...callField(call), ...(as === undefined ? {} : { as }) };
}

function parseDigits(rest: string): PhoneCommand | Complaint {
  const digits = rest.replaceAll(/\s/g, '');
  if (!digitsPattern.test(digits)) return complaint('digits are 0 to 9, *, # and A to D');
  return { command: 'digits', digits: digits.toUpperCase() };
}

function parseMessage(rest: string): PhoneCommand | Complaint {
  const [, to, text] = /^(\S+)\s+(\S[^]*)$/.exec(rest) ?? [];
  if (to === undefined || text === undefined) return complaint('say: message TO TEXT');
  return { command: 'message', to, text };
}

function parseDoNotDisturb(rest: string): PhoneCommand | Complaint {
  const mode = rest === '' || rest.toLowerCase() === 'on' ? 'busy' : oneOf(doNotDisturbModes, rest);
  return mode === undefined ? complaint('say: dnd on, dnd unavailable or dnd off') : { command: 'dnd', mode };
}

function parseMute(rest: string): PhoneCommand | Complaint {
  const words = rest === '' ? [] : rest.split(/\s+/);
  const choice = oneOf(onOff, words.at(-1) ?? '');
  const [call, ...more] = choice === undefined ? words : words.slice(0, -1);
  if (more.length > 0) return complaint('say: mute [CALL] [on|off]');
  return { command: 'mute', on: choice !== 'off', ...callField(call) };
}

function parseOnOff<const Name extends 'waiting'>(command: Name) {
  return (rest: string): { readonly command: Name; readonly on: boolean } | Complaint => {
    const choice = rest === '' ? 'on' : oneOf(onOff, rest);
    return choice === undefined ? complaint(`say: ${command} on, or ${command} off`) : { command, on: choice === 'on' };
  };
}

/** Every command of the input line, as help lists them. */
export const commandWords: readonly CommandWord[] = [
  {
    name: 'call',
    aliases: ['c', 'dial'],
    parameters: 'TO',
    brief: 'call somebody; the call in progress is held first',
    help: 'call somebody: bob, bob@example.com, sip:bob@example.com; a call in progress is held first',
    places: ['party'],
    parse: (rest) => (/^\S+$/.test(rest) ? { command: 'call', to: rest } : complaint('say whom: call bob')),
  },
  {
    name: 'why',
    aliases: [],
    parameters: '',
    brief: 'hear why the last call was refused',
    help: 'call the address where it is heard why the last call was refused (RFC 5359 2.13)',
    places: [],
    parse: alone('why'),
  },
  {
    name: 'answer',
    aliases: ['a'],
    parameters: '[CALL]',
    brief: 'take the call that rings',
    help: 'answer the call that rings; a call in progress is held first',
    places: ['call'],
    parse: onCall('answer'),
  },
  {
    name: 'reject',
    aliases: ['r', 'decline'],
    parameters: '[CALL] [busy|declined|unavailable]',
    brief: 'do not take it: busy when nothing is said',
    help: 'do not take the call that rings (486, 603 or 480; 486 when nothing is said)',
    places: ['call', rejections],
    parse: parseReject,
  },
  {
    name: 'hold',
    aliases: ['h'],
    parameters: '[CALL]',
    brief: 'put a call on hold',
    help: 'put a call on hold',
    places: ['call'],
    parse: onCall('hold'),
  },
  {
    name: 'resume',
    aliases: ['unhold'],
    parameters: '[CALL]',
    brief: 'take a call from hold',
    help: 'take a call from hold',
    places: ['call'],
    parse: onCall('resume'),
  },
  {
    name: 'switch',
    aliases: ['s', 'swap'],
    parameters: '[CALL]',
    brief: 'hold this call, take up the other one',
    help: 'hold the call in progress and take up the other one',
    places: ['call'],
    parse: onCall('switch'),
  },
  {
    name: 'hangup',
    aliases: ['x', 'bye', 'cancel'],
    parameters: '[CALL]',
    brief: 'end a call, or give up calling',
    help: 'end a call, or give up calling; in a conference, leave it where no call is named',
    places: ['call'],
    parse: onCall('hangup'),
  },
  ...serviceWords,
  ...conferenceWords,
  {
    name: 'digits',
    aliases: ['d', 'dtmf'],
    parameters: 'DIGITS',
    brief: 'send digits: digits 12#',
    help: 'send digits to the far end: digits 12#',
    places: [],
    parse: parseDigits,
  },
  {
    name: 'mute',
    aliases: ['m'],
    parameters: '[CALL] [on|off]',
    brief: 'let nobody hear you; mute off ends it',
    help: 'let nobody hear you, or, in a conference, that call; mute off ends it',
    places: [onOff],
    parse: parseMute,
  },
  {
    name: 'message',
    aliases: ['msg', 'text'],
    parameters: 'TO TEXT',
    brief: 'send a text: message bob I am late',
    help: 'send a text: message bob I am late',
    places: ['party'],
    parse: parseMessage,
  },
  {
    name: 'dnd',
    aliases: [],
    parameters: '[on|unavailable|off]',
    brief: 'do not disturb: callers hear busy',
    help: 'do not disturb: callers hear busy (486), or that you are not there (480)',
    places: [['on', 'unavailable', 'off']],
    parse: parseDoNotDisturb,
  },
  {
    name: 'waiting',
    aliases: [],
    parameters: '[on|off]',
    brief: 'whether a second caller rings or hears busy',
    help: 'call waiting: whether a second caller rings while you talk, or hears busy',
    places: [onOff],
    parse: parseOnOff('waiting'),
  },
  {
    name: 'log',
    aliases: ['l'],
    parameters: '',
    brief: 'the calls that were, the last one first',
    help: 'the calls that were, the last one first',
    places: [],
    parse: alone('log'),
  },
  {
    name: 'status',
    aliases: [],
    parameters: '',
    brief: 'registration, calls and settings',
    help: 'registration, calls and settings, in the log',
    places: [],
    parse: alone('status'),
  },
  {
    name: 'register',
    aliases: [],
    parameters: '',
    brief: 'register now',
    help: 'register now, for example when the exchange is back',
    places: [],
    parse: alone('register'),
  },
  {
    name: 'unregister',
    aliases: [],
    parameters: '',
    brief: 'no longer be reached; calls go on',
    help: 'no longer be reached; calls go on',
    places: [],
    parse: alone('unregister'),
  },
  {
    name: 'help',
    aliases: ['?'],
    parameters: '[COMMAND]',
    brief: 'this list; more about one command',
    help: 'this list; a line about one command',
    places: ['command'],
    parse: (rest) => (rest === '' ? { command: 'help' } : { command: 'help', about: rest }),
  },
  {
    name: 'quit',
    aliases: ['q', 'exit'],
    parameters: '',
    brief: 'hang up, unregister and leave',
    help: 'hang up, unregister and leave',
    places: [],
    parse: alone('quit'),
  },
];

const byName = new Map(
  commandWords.flatMap((word) => [word.name, ...word.aliases].map((name) => [name, word] as const)),
);

/** The command of that name or alias. */
export function findCommand(name: string): CommandWord | undefined {
  return byName.get(name.toLowerCase());
}

/** What a line says. "hang up" is taken for "hangup", and a beginning that fits one command alone for that command. */
export function parseLine(line: string): PhoneCommand | HelpWish | Complaint {
  const text = line.trim().replace(/^hang\s+up\b/i, 'hangup');
  const [, name = '', rest = ''] = /^(\S+)\s*([^]*)$/.exec(text) ?? [];
  const found = findCommand(name) ?? abbreviated(name);
  if (found !== undefined) return found.parse(rest.trim());
  if (name === '') return complaint('say what to do');
  const wish = /^[0-9*#+]+$/.test(name) ? `"call ${name}" calls it` : 'help lists them';
  return complaint(`there is no command "${name}"; ${wish}`);
}

function abbreviated(name: string): CommandWord | undefined {
  const fitting = commandWords.filter((word) => name !== '' && word.name.startsWith(name.toLowerCase()));
  return fitting.length === 1 ? fitting[0] : undefined;
}
