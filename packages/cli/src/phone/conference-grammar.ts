import { alone, callName, complaint } from './command-word.ts';
import type { CommandWord, Complaint } from './command-word.ts';
import type { ServiceCommand } from './phone-command.ts';

function parseConference(rest: string): ServiceCommand {
  const words = rest === '' ? [] : rest.split(/[\s,]+/);
  const lasting = words.at(-1)?.toLowerCase() === 'lasting';
  const calls = (lasting ? words.slice(0, -1) : words).filter((word) => word !== 'and');
  return {
    command: 'conference',
    ...(calls.length === 0 ? {} : { calls: calls.map(callName) }),
    ...(lasting ? { lasting } : {}),
  };
}

function parseAdd(rest: string): ServiceCommand | Complaint {
  return /^\S+$/.test(rest) ? { command: 'add', whom: rest } : complaint('say whom: add carol, or add 2 for a call');
}

function parseDrop(rest: string): ServiceCommand | Complaint {
  return /^\S+$/.test(rest)
    ? { command: 'drop', call: callName(rest) }
    : complaint('say which call: drop bob, or drop 2');
}

function parseJoin(rest: string): ServiceCommand | Complaint {
  return /^\S+$/.test(rest) ? { command: 'join', to: rest } : complaint('say whose call: join bob');
}

/** The words of conferences. */
export const conferenceWords: readonly CommandWord[] = [
  {
    name: 'conference',
    aliases: ['conf'],
    parameters: '[CALL …] [lasting]',
    brief: 'let all your calls hear each other',
    help: 'let everybody hear everybody: these calls, or all; lasting when you leave (RFC 5359 2.10)',
    places: ['call', 'call', 'call'],
    parse: parseConference,
  },
  {
    name: 'add',
    aliases: [],
    parameters: 'CALL|TO',
    brief: 'take somebody into the conference',
    help: 'take a call into the conference, or call somebody into it',
    places: ['party'],
    parse: parseAdd,
  },
  {
    name: 'drop',
    aliases: ['kick'],
    parameters: 'CALL',
    brief: 'hang up on one of the conference',
    help: 'hang up on one of the conference',
    places: ['call'],
    parse: parseDrop,
  },
  {
    name: 'roster',
    aliases: ['who'],
    parameters: '',
    brief: 'who is in the conference',
    help: 'who is in the conference',
    places: [],
    parse: alone('roster'),
  },
  {
    name: 'attend',
    aliases: [],
    parameters: '',
    brief: 'go back into the conference',
    help: 'go back into the conference from another call, which is held',
    places: [],
    parse: alone('attend'),
  },
  {
    name: 'leave',
    aliases: [],
    parameters: '',
    brief: 'leave it: it is over, unless lasting',
    help: 'leave the conference: it is over for all, or goes on where it is lasting',
    places: [],
    parse: alone('leave'),
  },
  {
    name: 'end',
    aliases: [],
    parameters: '',
    brief: 'hang up on all of the conference',
    help: 'hang up on all who are in the conference',
    places: [],
    parse: alone('end'),
  },
  {
    name: 'join',
    aliases: ['barge'],
    parameters: 'WHOSE',
    brief: 'come into the call that somebody is in',
    help: 'come into the call that somebody is in, who lets you (RFC 5359 2.11)',
    places: ['party'],
    parse: parseJoin,
  },
];
