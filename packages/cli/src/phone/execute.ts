import type { Call, Phone } from '@switchhook/phone';
import type { PhoneCommand } from './phone-command.ts';

/** A command that cannot be carried out because there is nothing to do it to; the message says so to a person. */
class CommandError extends Error {
  override readonly name = 'CommandError';
}

/** Commands that are done to the phone. What is only shown, and the end, are the business of who shows. */
export type PhoneAct = Exclude<PhoneCommand, { readonly command: 'status' | 'log' | 'quit' }>;

/**
 * Does what a command says. Resolves with the call that it was done to, if to one; rejects with a `CommandError` or
 * a `PhoneError`.
 */
export async function execute(phone: Phone, command: PhoneAct): Promise<Call | undefined> {
  switch (command.command) {
    case 'call':
      return phone.call(command.to);
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
        (each) => isConnected(each) && !each.localHold,
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
      const call = chosen(phone, command.call, () => true, 'there is no call');
      await call.hangUp();
      return call;
    }
    case 'digits': {
      const call = chosen(phone, undefined, isConnected, 'there is no call to send digits in');
      await call.sendDigits(command.digits);
      return call;
    }
    case 'mute': {
      const call = chosen(phone, undefined, () => true, 'there is no call');
      call.muted = command.on;
      return call;
    }
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

function isRinging({ direction, state }: Call): boolean {
  return direction === 'incoming' && state === 'ringing';
}

function isConnected({ state }: Call): boolean {
  return state === 'connected';
}

/** The call of that number; without one the active call if it fits, else the one that began last of those that fit. */
function chosen(phone: Phone, number: number | undefined, fits: (call: Call) => boolean, otherwise: string): Call {
  if (number !== undefined) {
    const named = phone.calls.find((call) => call.number === number);
    if (named === undefined) throw new CommandError(`there is no call ${String(number)}`);
    return named;
  }
  const fitting = phone.calls.filter(fits);
  const call = fitting.find(({ active }) => active) ?? fitting.at(-1);
  if (call === undefined) throw new CommandError(otherwise);
  return call;
}
