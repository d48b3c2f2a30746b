import type { HeaderInit } from '../message/header.ts';

/** A final response other than 200 to a REGISTER. */
export class Refusal {
  readonly status: number;
  /** Instead of the registered phrase, where it says more. */
  readonly reason: string | undefined;
  readonly headers: readonly HeaderInit[];

  constructor(status: number, reason?: string, headers: readonly HeaderInit[] = []) {
    this.status = status;
    this.reason = reason;
    this.headers = headers;
  }
}

/** A contact that is the address of record again would loop (RFC 5627 5.1). */
export const leadsBack = new Refusal(403, 'Contact Leads Back Here');

export const tooManyContacts = new Refusal(403, 'Too Many Contacts');
