/** Octets of the piece of memory that copies are laid into: one piece for many takes less than one for each. */
const pieceLength = 65_536;
let piece = new Uint8Array(pieceLength);
let filled = 0;

/** Bytes that are whoever gets them. */
export function copyOfBytes(data: Uint8Array): Uint8Array {
  if (filled + data.length > piece.length) {
    piece = new Uint8Array(Math.max(pieceLength, data.length));
    filled = 0;
  }
  const copy = piece.subarray(filled, filled + data.length);
  copy.set(data);
  filled += data.length;
  return copy;
}
