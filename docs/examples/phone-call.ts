import { PhoneError } from '@switchhook/phone';
import { startPhone } from '@switchhook/phone/node';
import type { MachinePhoneOptions } from '@switchhook/phone/node';

/** Calls somebody, sends digits when he has answered, and hangs up; resolves with what a person would say about it. */
export async function callAndPress(options: MachinePhoneOptions, whom: string, digits: string): Promise<string> {
  const phone = await startPhone(options);
  try {
    await phone.register();
    const call = await phone.call(whom, { signal: AbortSignal.timeout(30_000) });
    await call.sendDigits(digits);
    await call.hangUp();
    return `${call.remote.name} answered`;
  } catch (error) {
    if (error instanceof PhoneError) return error.message;
    throw error;
  } finally {
    await phone.stop();
  }
}
