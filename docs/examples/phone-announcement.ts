import { PhoneError } from '@switchhook/phone';
import type { Call, Phone } from '@switchhook/phone';

/** Calls somebody; where an exchange refuses it, and says where one hears why, calls there. */
export async function callOrHearWhy(phone: Phone, whom: string): Promise<Call> {
  try {
    return await phone.call(whom);
  } catch (error) {
    if (!(error instanceof PhoneError) || error.failure.announcement === undefined) throw error;
    return await phone.call(error.failure.announcement);
  }
}
