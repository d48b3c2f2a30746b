import type { Call, ParkedCall, Phone } from '@switchhook/phone';
import { callNamed } from './call-named.ts';
import { CommandError } from './command-error.ts';
import { confer, conferenceOf } from './confer.ts';
import type { CallName, PhoneCommand, RedialMode } from './phone-command.ts';
import type { Notes } from './notes.ts';

/** Commands that are done to the phone. What is only shown, and the end, are the business of who shows. */
export type PhoneAct = Exclude<PhoneCommand, { readonly command: 'status' | 'log' | 'roster' | 'quit' }>;

/**
 * Does what a command says. Resolves with the call that it was done to, if to one; rejects with a `CommandError` or
 * a `PhoneError`.
 */
export async function execute(phone: Phone, command: PhoneAct, notes: Notes): Promise<Call | ParkedCall | undefined> {
  switch (command.command) {
    case 'call':
      return phone.call(command.to);
    case 'why':
      return phone.call(notes.announcement);
    case 'answer': {
      const call = chosen(phone, command.call, isRinging, 'nobody is calling');
      await call.answer();
      return call;
    }
    case 'reject': {
      const call = chosen(phone, command.call, isRinging, 'nobody is calling');
      await call.reject(command.as);
      return call;
    }
    case 'hold': {
      const call = chosen(
        phone,
        command.call,
        (each) => (isConnected(each) || isCalling(each)) && !each.localHold,
        'there is no call to hold',
      );
      await call.hold();
      return call;
    }
    case 'resume': {
      // Said in one breath with hold it comes before that is done, and waits in the call for its turn.
      const isHeld = phone.calls.some(({ localHold }) => localHold);
      const fits = (each: Call): boolean => (isHeld ? each.localHold : isConnected(each));
      const call = chosen(phone, command.call, fits, 'no call is on hold');
      await call.resume();
      return call;
    }
    case 'switch': {
      const call = chosen(phone, command.call, (each) => !each.active && isConnected(each), 'there is no other call');
      await phone.switchTo(call);
      return call;
    }
    case 'hangup': {
      // Who is in a conference means that, and not one of its calls.
      const attended = phone.conferences.find(({ attending }) => attending);
      if (command.call === undefined && attended !== undefined) {
        await attended.leave();
        return undefined;
      }
      const call = chosen(phone, command.call, () => true, 'there is no call');
      await call.hangUp();
      return call;
    }
    case 'digits': {
      const call = chosen(phone, undefined, isConnected, 'there is no call to send digits in');
      await call.sendDigits(command.digits);
      return call;
    }
    case 'mute':
      return mute(phone, command.on, command.call);
    case 'conference':
    case 'add':
    case 'drop':
    case 'attend':
    case 'leave':
    case 'end':
      return confer(phone, command);
    case 'join':
      return phone.join(command.to);
    case 'music': {
      const call = chosen(phone, command.call, (each) => isConnected(each) && !each.music, 'there is no call to hold');
      await call.holdWithMusic(command.from);
      return call;
    }
    case 'transfer': {
      const call = chosen(phone, command.call, isConnected, 'there is no call to hand on');
      await call.transfer(command.to, { stay: command.stay });
      return call;
    }
    case 'connect': {
      const [call, other] = twoOf(phone, command.call, command.other);
      await call.transferTo(other);
      return call;
    }
    case 'offer': {
      const call = chosen(phone, command.call, isConnected, 'there is no call to offer');
      await call.transferByMessage(command.to);
      return call;
    }
    case 'follow': {
      const call = notes.link.follow();
      await call.answered();
      return call;
    }
    case 'accept': {
      const call = notes.question(command.question).accept();
      await call?.answered();
      return call;
    }
    case 'refuse':
      notes.question(command.question).refuse();
      return undefined;
    case 'dialwith':
      await phone.dialWith(command.device, command.to);
      return undefined;
    case 'pickup':
      return phone.pickUp(command.from, { evenAnswered: command.answered });
    case 'redial':
      redial(phone, command.to ?? lastCalled(phone), command.mode);
      return undefined;
    case 'park': {
      const call = chosen(phone, command.call, isConnected, 'there is no call to park');
      const parked = await phone.park(call, command.at);
      notes.park(parked);
      return parked;
    }
    case 'retrieve':
      return phone.retrieve(command.from ?? notes.unpark(), { whom: command.whom });
    case 'message':
      await phone.sendMessage(command.to, command.text);
      return undefined;
    case 'dnd':
      phone.doNotDisturb = command.mode;
      return undefined;
    case 'waiting':
      phone.callWaiting = command.on;
      return undefined;
    case 'register':
      await phone.register();
      return undefined;
    case 'unregister':
      await phone.unregister();
      return undefined;
  }
}

/** In a conference the person is muted for all of it. */
function mute(phone: Phone, on: boolean, name: CallName | undefined): Call | undefined {
  const attended = phone.conferences.find(({ attending }) => attending);
  if (name !== undefined) {
    const call = callNamed(phone, name);
    conferenceOf(phone, call).mute(call, on);
    return call;
  }
  if (attended !== undefined) {
    attended.muted = on;
    return undefined;
  }
  const call = chosen(phone, undefined, () => true, 'there is no call');
  call.muted = on;
  return call;
}

function lastCalled(phone: Phone): string {
  const last = phone.log.entries.find(({ direction }) => direction === 'outgoing');
  if (last === undefined) throw new CommandError('nobody was called yet: say whom, redial bob');
  return last.remote.uri;
}

/** Begins to call somebody as soon as he is free, or gives that up. What becomes of it its own events tell. */
function redial(phone: Phone, to: string, mode: RedialMode): void {
  if (mode !== 'off') {
    phone.redial(to, { ask: mode === 'ask' });
    return;
  }
  const running = phone.redials.filter((each) => each.to.uri === to || each.to.name === to);
  if (running.length === 0) throw new CommandError(`${to} is not waited for`);
  for (const each of running) each.cancel();
}

function isRinging({ direction, state }: Call): boolean {
  return direction === 'incoming' && state === 'ringing';
}

/** It is on its way to somebody, or rings there. */
function isCalling({ direction, state }: Call): boolean {
  return direction === 'outgoing' && (state === 'calling' || state === 'ringing');
}

function isConnected({ state }: Call): boolean {
  return state === 'connected';
}

/** The call that is handed on, and the one that it goes to: where nothing is said the active one, which may still ring. */
function twoOf(phone: Phone, first: CallName | undefined, second: CallName | undefined): readonly [Call, Call] {
  const isOutgoing = (call: Call): boolean => isConnected(call) || call.direction === 'outgoing';
  if (first !== undefined && second === undefined) return twoOf(phone, undefined, first);
  const other = chosen(phone, second, isOutgoing, 'there are no two calls to connect');
  const call = chosen(phone, first, (each) => each !== other && isConnected(each), 'there are no two calls to connect');
  if (call === other) throw new CommandError('a call cannot be connected with itself');
  return [call, other];
}

/** The call of that name; without one the active call if it fits, else the one that began last of those that fit. */
function chosen(phone: Phone, name: CallName | undefined, fits: (call: Call) => boolean, otherwise: string): Call {
  if (name !== undefined) return callNamed(phone, name);
  const fitting = phone.calls.filter(fits);
  const call = fitting.find(({ active }) => active) ?? fitting.at(-1);
  if (call === undefined) throw new CommandError(otherwise);
  return call;
}
