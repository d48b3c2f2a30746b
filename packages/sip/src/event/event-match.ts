import { SyntaxFault } from '../message/fault.ts';
import { Event } from '../message/headers/event.ts';
import type { SipRequest } from '../message/message.ts';

/** What tells one subscription of a dialog from another (RFC 6665 8.2.1). */
export type EventKey = Pick<Event, 'type' | 'id'>;

/** Whether a request is of that subscription: type and `id` compare byte by byte, other parameters do not count. */
export function isOfEvent(request: SipRequest, { type, id }: EventKey): boolean {
  const event = request.get(Event);
  return event !== undefined && !(event instanceof SyntaxFault) && event.type === type && event.id === id;
}
