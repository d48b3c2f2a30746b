import { PhoneError } from '@switchhook/phone';
import type { Call, Phone } from '@switchhook/phone';

/** Asks somebody whether he takes a call over, and gives it to him (RFC 5359 2.5). Where that fails, it is taken up again. */
export async function handOver(phone: Phone, call: Call, whom: string): Promise<boolean> {
  // Calling the second one puts the first on hold.
  const other = await phone.call(whom);
  try {
    await call.transferTo(other);
    return true;
  } catch (error) {
    if (!(error instanceof PhoneError)) throw error;
    await other.hangUp();
    await call.resume();
    return false;
  }
}
