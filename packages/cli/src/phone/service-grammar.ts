import { alone, callField, callName, complaint, isCallNumber, oneOf } from './command-word.ts';
import type { CommandWord, Complaint } from './command-word.ts';
import { redialModes, usualParkingLot } from './phone-command.ts';
import type { CallName, ServiceCommand } from './phone-command.ts';

/** Somebody, and before him the call where that is not clear. */
function onCallTo<const Name extends 'transfer' | 'offer'>(command: Name, usage: string) {
  return (rest: string): { readonly command: Name; readonly to: string; readonly call?: CallName } | Complaint => {
    const [, call, to] = /^(?:(\S+)\s+)?(\S+)$/.exec(rest) ?? [];
    if (to === undefined) return complaint(`say: ${usage}`);
    return { command, to, ...callField(call) };
  };
}

function parseConnect(rest: string): ServiceCommand | Complaint {
  const found = /^(?:(\S+)(?:\s+(?:(?:and|with)\s+)?(\S+))?)?$/.exec(rest);
  if (found === null) return complaint('say: connect [CALL] [CALL]');
  const [, call, other] = found;
  return { command: 'connect', ...callField(call), ...(other === undefined ? {} : { other: callName(other) }) };
}

function toQuestion<const Name extends 'accept' | 'refuse'>(command: Name) {
  return (rest: string): { readonly command: Name; readonly question?: number } | Complaint => {
    if (rest === '') return { command };
    return /^[1-9]\d{0,5}$/.test(rest)
      ? { command, question: Number(rest) }
      : complaint(`"${rest}" is not the number of a question`);
  };
}

function parseDialWith(rest: string): ServiceCommand | Complaint {
  const [, device, to] = /^(\S+)\s+(\S+)$/.exec(rest) ?? [];
  if (device === undefined || to === undefined) return complaint('say: dialwith PHONE TO');
  return { command: 'dialwith', device, to };
}

/** A call, and a place for it. A word alone is a call only where it is its number: a place has a name, too. */
function onCallAt(rest: string): { readonly call?: string; readonly place?: string } | undefined {
  const [first, second, ...more] = rest === '' ? [] : rest.split(/\s+/);
  if (more.length > 0) return undefined;
  if (first === undefined) return {};
  if (second !== undefined) return { call: first, place: second };
  return isCallNumber(first) ? { call: first } : { place: first };
}

function parseMusic(rest: string): ServiceCommand | Complaint {
  const found = onCallAt(rest);
  if (found === undefined) return complaint('say: music [CALL] [SERVER]');
  const { place: from, call } = found;
  return { command: 'music', ...callField(call), ...(from === undefined ? {} : { from }) };
}

function parsePickUp(rest: string): ServiceCommand | Complaint {
  const from = rest === '' ? [] : rest.split(/[\s,]+/);
  return from.length === 0 ? complaint('say where it rings: pickup bob') : { command: 'pickup', from };
}

function parseRedial(rest: string): ServiceCommand | Complaint {
  const [to, word = 'call', ...more] = rest === '' ? [] : rest.split(/\s+/);
  const mode = oneOf(redialModes, word);
  if (mode === undefined || more.length > 0) return complaint('say: redial [TO] [ask|off]');
  return { command: 'redial', mode, ...(to === undefined ? {} : { to }) };
}

function parsePark(rest: string): ServiceCommand | Complaint {
  const found = onCallAt(rest);
  if (found === undefined) return complaint('say: park [CALL] [AT]');
  const { place: at = usualParkingLot, call } = found;
  return { command: 'park', at, ...callField(call) };
}

function parseRetrieve(rest: string): ServiceCommand | Complaint {
  const [from, whom, ...more] = rest === '' ? [] : rest.split(/\s+/);
  if (more.length > 0) return complaint('say: retrieve [SLOT] [WHOM]');
  return {
    command: 'retrieve',
    ...(from === undefined ? {} : { from }),
    ...(whom === undefined ? {} : { whom }),
  };
}

/** The words of the services that a phone has beyond calling and holding. */
export const serviceWords: readonly CommandWord[] = [
  {
    name: 'music',
    aliases: [],
    parameters: '[CALL] [SERVER]',
    brief: 'put a call on hold with music',
    help: 'put a call on hold and have the server called music play to it (RFC 5359 2.3); resume takes it back',
    places: ['call'],
    parse: parseMusic,
  },
  {
    name: 'transfer',
    aliases: ['t'],
    parameters: '[CALL] TO',
    brief: 'hand a call on; you are out of it',
    help: 'hand a call on: its far end calls TO, and you are out of it (RFC 5359 2.4)',
    places: ['party'],
    parse: onCallTo('transfer', 'transfer [CALL] TO'),
  },
  {
    name: 'connect',
    aliases: [],
    parameters: '[CALL] [CALL]',
    brief: 'give your two calls to each other',
    help: 'give two calls to each other, and be out of both; the second one may still ring (RFC 5359 2.5)',
    places: ['call', 'call'],
    parse: parseConnect,
  },
  {
    name: 'offer',
    aliases: [],
    parameters: '[CALL] TO',
    brief: 'offer a call to TO by a message',
    help: 'send TO a message with a link by which he takes the call over (RFC 5359 2.6)',
    places: ['party'],
    parse: onCallTo('offer', 'offer [CALL] TO'),
  },
  {
    name: 'follow',
    aliases: [],
    parameters: '',
    brief: 'take over what the last message offers',
    help: 'call what the last message with a link says: take over the call that it offers',
    places: [],
    parse: alone('follow'),
  },
  {
    name: 'accept',
    aliases: ['yes'],
    parameters: '[QUESTION]',
    brief: 'say yes to what the phone asks',
    help: 'say yes to what the phone asks: whether to call somebody whom another one names',
    places: [],
    parse: toQuestion('accept'),
  },
  {
    name: 'refuse',
    aliases: ['no'],
    parameters: '[QUESTION]',
    brief: 'say no to it',
    help: 'say no to it',
    places: [],
    parse: toQuestion('refuse'),
  },
  {
    name: 'dialwith',
    aliases: [],
    parameters: 'PHONE TO',
    brief: 'have another phone call TO',
    help: 'have another phone call TO; its person is asked (RFC 5359 2.18)',
    places: ['party', 'party'],
    parse: parseDialWith,
  },
  {
    name: 'pickup',
    aliases: ['p'],
    parameters: 'WHERE',
    brief: "take a call that rings at somebody else's",
    help: 'take a call that rings at somebody else; at several, the one that has rung longest (RFC 5359 2.16)',
    places: ['party', 'party', 'party'],
    parse: parsePickUp,
  },
  {
    name: 'redial',
    aliases: [],
    parameters: '[TO] [ask|off]',
    brief: 'call somebody as soon as he is free',
    help: 'call somebody who is busy as soon as he is free, or ask you then (RFC 5359 2.17); off gives it up',
    places: ['party', ['ask', 'off']],
    parse: parseRedial,
  },
  {
    name: 'park',
    aliases: [],
    parameters: '[CALL] [AT]',
    brief: 'park a call for anybody to retrieve',
    help: 'park a call, at park where nothing is said, for anybody to retrieve (RFC 5359 2.15)',
    places: ['party'],
    parse: parsePark,
  },
  {
    name: 'retrieve',
    aliases: ['unpark'],
    parameters: '[SLOT] [WHOM]',
    brief: 'take a call from where it is parked',
    help: 'take a call from where it is parked; the one that you parked last where nothing is said',
    places: ['party', 'party'],
    parse: parseRetrieve,
  },
];
