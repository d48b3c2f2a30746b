import type { Call, Phone } from '@switchhook/phone';

/** Asks somebody else while a call waits on hold (RFC 5359 2.2), and goes back to it. */
export async function consult(phone: Phone, call: Call, whom: string): Promise<void> {
  // Calling the second one puts the first on hold.
  const other = await phone.call(whom);
  await phone.switchTo(call);
  await phone.switchTo(other);
  await other.hangUp();
  await call.resume();
}
