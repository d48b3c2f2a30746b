import type { Call, Phone } from '@switchhook/phone';
import { CommandError } from './command-error.ts';

export function callNumbered(phone: Phone, number: number): Call {
  const named = phone.calls.find((call) => call.number === number);
  if (named === undefined) throw new CommandError(`there is no call ${String(number)}`);
  return named;
}
