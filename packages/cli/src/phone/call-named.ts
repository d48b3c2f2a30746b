import type { Party } from '@switchhook/phone';
import { CommandError } from './command-error.ts';
import type { CallName } from './phone-command.ts';

/** A call, as far as it has names. */
interface Nameable {
  readonly number: number;
  readonly remote: Party;
}

/** Whoever has calls: a phone. */
interface HasCalls<Call extends Nameable> {
  readonly calls: readonly Call[];
}

/** The one call of that name; a `CommandError` where there is none, or more than one. */
export function callNamed<Call extends Nameable>(phone: HasCalls<Call>, name: CallName): Call {
  const [call, ...others] = callsNamed(phone, name);
  if (call === undefined) {
    throw new CommandError(`there is no call ${typeof name === 'number' ? String(name) : `with ${name}`}`);
  }
  if (others.length > 0) {
    const numbers = [call, ...others].map(({ number }) => String(number)).join(' or ');
    throw new CommandError(`there is more than one call with ${String(name)}: say its number, ${numbers}`);
  }
  return call;
}

/** The call of that number; where none has it, those with somebody of that name, user or address. */
export function callsNamed<Call extends Nameable>({ calls }: HasCalls<Call>, name: CallName): readonly Call[] {
  const wanted = String(name).toLowerCase();
  const numbered = calls.find(({ number }) => String(number) === wanted);
  return numbered === undefined ? calls.filter((call) => namesOf(call).includes(wanted)) : [numbered];
}

function namesOf({ remote }: Nameable): readonly string[] {
  const uri = remote.uri.toLowerCase();
  const address = uri.replace(/^(?:sips?|tel):/, '');
  return [remote.name.toLowerCase(), uri, address, address.replace(/@.*$/, '')];
}
