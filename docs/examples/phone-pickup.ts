import { PhoneError } from '@switchhook/phone';
import type { Call, Phone } from '@switchhook/phone';

/** Answers a colleague's telephone from one's own place; undefined where somebody else was faster, or nothing rings. */
export async function pickUpFor(phone: Phone, colleague: string): Promise<Call | undefined> {
  try {
    return await phone.pickUp(colleague);
  } catch (error) {
    if (error instanceof PhoneError && ['no-call', 'taken'].includes(error.failure.kind)) return undefined;
    throw error;
  }
}

/** Calls somebody, and where he is busy calls again as soon as he is not. */
export async function callInAnyCase(phone: Phone, whom: string): Promise<Call> {
  try {
    return await phone.call(whom);
  } catch (error) {
    if (!(error instanceof PhoneError) || error.failure.kind !== 'busy') throw error;
    return await phone.redial(whom, { busyTime: 600_000 }).connected();
  }
}
