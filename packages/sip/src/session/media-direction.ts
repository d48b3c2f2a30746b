import type { MediaDirection } from './media.ts';

export function sends(direction: MediaDirection): boolean {
  return direction === 'sendrecv' || direction === 'sendonly';
}

export function receives(direction: MediaDirection): boolean {
  return direction === 'sendrecv' || direction === 'recvonly';
}

function directionOf(send: boolean, receive: boolean): MediaDirection {
  if (send) return receive ? 'sendrecv' : 'sendonly';
  return receive ? 'recvonly' : 'inactive';
}

/** The same stream as the other side sees it. */
export function mirrored(direction: MediaDirection): MediaDirection {
  return directionOf(receives(direction), sends(direction));
}

/** What both allow. */
export function narrowed(one: MediaDirection, other: MediaDirection): MediaDirection {
  return directionOf(sends(one) && sends(other), receives(one) && receives(other));
}
