/** How far `to` lies ahead of `from` on a counter of 16 bits that wraps around: -32768 to 32767. */
export function sequenceDistance(from: number, to: number): number {
  return ((to - from) << 16) >> 16;
}

/** The same on a counter of 32 bits. */
export function timestampDistance(from: number, to: number): number {
  return (to - from) | 0;
}
