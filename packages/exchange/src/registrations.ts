import { hostPort, printable } from '@switchhook/sip';
import type { RegistrationStatus } from './admin/status.ts';
import type { SqliteLocationService } from './store/location.ts';

/** Every binding, for people. */
export function registrationsOf(location: SqliteLocationService, now: number): RegistrationStatus[] {
  return [...location.addressesOfRecord()].flatMap((addressOfRecord) =>
    location.bindings(addressOfRecord).map(({ contact, received, expiresAt, userAgent }) => ({
      addressOfRecord,
      contact: printable(contact),
      via: received === undefined ? '' : `${received.protocol} ${hostPort(received.address, received.port)}`,
      expiresIn: Math.round((expiresAt - now) / 1_000),
      ...(userAgent === undefined ? {} : { userAgent: printable(userAgent) }),
    })),
  );
}
