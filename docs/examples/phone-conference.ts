import { PhoneError } from '@switchhook/phone';
import type { Call, Conference, Phone } from '@switchhook/phone';

/** Brings others into a call, one after the other (RFC 5359 2.10), and says who is in it then. Who does not come is left out. */
export async function bringIn(phone: Phone, call: Call, others: readonly string[]): Promise<Conference> {
  const conference = await phone.conference([call]);
  for (const other of others) {
    try {
      await conference.add(other);
    } catch (error) {
      // With nobody else in it, it is an ordinary call again.
      if (!(error instanceof PhoneError) || conference.ended) throw error;
    }
  }
  return conference;
}
