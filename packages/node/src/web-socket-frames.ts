const bits = { final: 0x80, control: 0x08, masked: 0x80, length: 0x7f } as const;

/** Follows the frames of a WebSocket (RFC 6455 5.2), to tell whether the far end is in the midst of one, or of a message. */
export class WebSocketFrames {
  /** The bytes of a header that is not complete. */
  private header: number[] = [];
  /** Bytes of the payload that are still to come. */
  private left = 0;
  private isFragmented = false;

  /** Takes bytes as they came, whatever frames they are of. */
  push(chunk: Uint8Array): void {
    for (let index = 0; index < chunk.length;) {
      const taken = Math.min(this.left, chunk.length - index);
      this.left -= taken;
      index += taken;
      const byte = chunk[index];
      if (byte === undefined) return;
      index += 1;
      this.header.push(byte);
      this.readHeader();
    }
  }

  /** Whether something has begun and is not complete. A control frame may stand between fragments (RFC 6455 5.4). */
  get partial(): boolean {
    return this.isFragmented || this.left > 0 || this.header.length > 0;
  }

  private readHeader(): void {
    const [first = 0, second] = this.header;
    if (second === undefined) return;
    const short = second & bits.length;
    const extended = short === 127 ? 8 : short === 126 ? 2 : 0;
    const size = 2 + extended + ((second & bits.masked) === 0 ? 0 : 4);
    if (this.header.length < size) return;
    this.left = extended === 0 ? short : this.header.slice(2, 2 + extended).reduce((sum, byte) => sum * 256 + byte, 0);
    if ((first & bits.control) === 0) this.isFragmented = (first & bits.final) === 0;
    this.header = [];
  }
}
