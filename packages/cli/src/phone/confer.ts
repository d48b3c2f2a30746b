import type { Call, Conference, Phone } from '@switchhook/phone';
import { callNamed, callsNamed } from './call-named.ts';
import { CommandError } from './command-error.ts';
import type { ServiceCommand } from './phone-command.ts';

type ConferenceCommand = Extract<
  ServiceCommand,
  { readonly command: 'conference' | 'add' | 'drop' | 'attend' | 'leave' | 'end' }
>;

/** Does what a command says to the conference of a phone. */
export async function confer(phone: Phone, command: ConferenceCommand): Promise<Call | undefined> {
  switch (command.command) {
    case 'conference': {
      const calls = command.calls?.map((name) => callNamed(phone, name)) ?? phone.calls.filter(isConnected);
      if (calls.length === 0) throw new CommandError('there is no call: call somebody first');
      const [first, ...others] = calls;
      // Whoever is alone in it is left as he is until somebody comes: on hold he would wait for ever.
      if (first?.localHold === true && others.length === 0) await first.resume();
      await phone.conference(calls, { onLeaving: command.lasting === true ? 'continue' : 'end' });
      return undefined;
    }
    case 'add':
      return conferenceOf(phone).add(calledOrCall(phone, command.whom));
    case 'drop': {
      const call = callNamed(phone, command.call);
      await conferenceOf(phone, call).drop(call);
      return call;
    }
    case 'attend':
      await conferenceOf(phone).attend();
      return undefined;
    case 'leave':
      await conferenceOf(phone).leave();
      return undefined;
    case 'end':
      await conferenceOf(phone).end();
      return undefined;
  }
}

function isConnected({ state }: Call): boolean {
  return state === 'connected';
}

/** The conference that a call is in; without one that which the person is in, else the last one. */
export function conferenceOf({ conferences }: Phone, call?: Call): Conference {
  const conference =
    call === undefined
      ? (conferences.find(({ attending }) => attending) ?? conferences.at(-1))
      : conferences.find((each) => each.has(call));
  if (conference !== undefined) return conference;
  throw new CommandError(
    call === undefined
      ? 'there is no conference: say conference to make one of your calls'
      : `call ${String(call.number)} is in no conference`,
  );
}

/** The call with that name or number where there is one; else somebody who is called. */
function calledOrCall(phone: Phone, whom: string | number): Call | string {
  if (typeof whom === 'number' || callsNamed(phone, whom).length > 0) return callNamed(phone, whom);
  return whom;
}

/** Who is in a conference, a line each, and where others can call it. */
export function rosterLines(phone: Phone): readonly string[] {
  const conference = conferenceOf(phone);
  const you = conference.attending ? (conference.muted ? 'you, not heard' : 'you') : 'not you';
  return [
    you,
    ...conference.roster.map(({ call, joined, muted }) => {
      const how = !joined ? ', on the way' : muted ? ', not heard' : '';
      return `${String(call.number)} ${call.remote.name} (${call.remote.uri})${how}`;
    }),
    ...(conference.uri === undefined ? [] : [`others may join by calling ${conference.uri}`]),
  ];
}
