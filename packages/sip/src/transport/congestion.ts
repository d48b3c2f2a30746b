import type { Destination } from './contract.ts';

/** Above this a request needs a transport that controls congestion, when the path MTU is unknown (RFC 3261 18.1.1). */
const largestDatagram = 1_300;

/** Whether a request of `size` bytes, its own Via included, may go over UDP. */
export function isDatagramSize(size: number): boolean {
  return size <= largestDatagram;
}

/**
 * The destinations to try for a request of `size` bytes, its own Via included: for a large one TCP comes before each
 * UDP, and UDP stays behind it for the far end that refuses TCP (RFC 3261 18.1.1).
 */
export function congestionSafe(destinations: readonly Destination[], size: number): readonly Destination[] {
  if (isDatagramSize(size) || !destinations.some(({ protocol }) => protocol === 'UDP')) return destinations;
  return destinations.flatMap((destination) =>
    destination.protocol === 'UDP' ? [{ ...destination, protocol: 'TCP' as const }, destination] : [destination],
  );
}
