import type { Framer, FrameSink } from './stream-framer.ts';

/** Framing where the transport keeps the boundaries itself: one WebSocket message is one SIP message (RFC 7118 5). */
export class MessageFramer implements Framer {
  frames = 0;
  readonly partial = false;
  private readonly sink: FrameSink;
  private stopped = false;

  constructor(sink: FrameSink) {
    this.sink = sink;
  }

  push(chunk: string): void {
    if (chunk === '\r\n' || chunk === '\r\n\r\n') {
      for (let breaks = chunk.length / 2; breaks > 0 && !this.stopped; breaks -= 1) this.sink.lineBreak();
    } else if (chunk !== '' && !this.stopped) {
      this.frames += 1;
      this.sink.frame(chunk);
    }
  }

  stop(): void {
    this.stopped = true;
  }
}
