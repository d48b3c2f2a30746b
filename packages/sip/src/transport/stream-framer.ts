import { SyntaxFault } from '../message/fault.ts';
import { ownCopy } from '../message/own-copy.ts';
import { contentLength } from './content-length.ts';

/** What a framer finds in the bytes of a connection, in their order. */
export interface FrameSink {
  /** One whole SIP message. */
  frame(text: string): void;
  /** A CRLF between messages: half of a ping, or a pong (RFC 5626 4.4.1). */
  lineBreak(): void;
  /** No message boundary can be found any more; `text` is the head of the message that broke it. Nothing follows. */
  broken(text: string, status: number, reason: string): void;
}

/** Cuts what a connection delivers into messages. */
export interface Framer {
  push(chunk: string): void;
  /** Messages delivered so far. */
  readonly frames: number;
  /** True while the beginning of a message waits for its rest. */
  readonly partial: boolean;
  /** Nothing more is delivered, not even from the chunk at hand. */
  stop(): void;
}

const headEnd = '\r\n\r\n';
const carriageReturn = 13;
const lineFeed = 10;

/**
 * Framing by Content-Length (RFC 3261 18.3). Every character is looked at a bounded number of times, however the
 * chunks are cut: pieces are collected and joined once, when the head or the message is complete.
 */
export class StreamFramer implements Framer {
  frames = 0;
  private readonly sink: FrameSink;
  private readonly maximumSize: number;
  private pieces: string[] = [];
  private length = 0;
  /** The last three characters collected: the head may end across two chunks. */
  private tail = '';
  /** Length of the whole message, known once its head is; -1 before. */
  private needed = -1;
  private afterCarriageReturn = false;
  private stopped = false;

  constructor(sink: FrameSink, maximumSize: number) {
    this.sink = sink;
    this.maximumSize = maximumSize;
  }

  get partial(): boolean {
    return this.length > 0;
  }

  stop(): void {
    this.stopped = true;
    this.reset();
  }

  push(chunk: string): void {
    let position = 0;
    while (position < chunk.length && !this.stopped) {
      if (this.needed >= 0) position = this.takeBody(chunk, position);
      else if (this.length > 0) position = this.takeHead(chunk, position);
      else position = this.takeWhole(chunk, position) ?? this.takeLineBreak(chunk, position);
    }
  }

  /** What nearly all chunks are made of: messages that are in one of them from their first letter to the last, and in order. */
  private takeWhole(chunk: string, position: number): number | undefined {
    // First of all, or each of many line breaks would look through all that follows.
    if (chunk.charCodeAt(position) <= carriageReturn) return undefined;
    const headSize = chunk.indexOf(headEnd, position) + headEnd.length - position;
    if (headSize <= headEnd.length || headSize > this.maximumSize) return undefined;
    const head = chunk.slice(position, position + headSize);
    const body = contentLength(head);
    if (body instanceof SyntaxFault || headSize + body > this.maximumSize) return undefined;
    const end = position + headSize + body;
    if (end > chunk.length) return undefined;
    this.afterCarriageReturn = false;
    this.frames += 1;
    // Who keeps a message for a while shall not keep all that came with it.
    this.sink.frame(position === 0 && end === chunk.length ? chunk : ownCopy(chunk.slice(position, end)));
    return end;
  }

  /** Between messages: CRLF is skipped (RFC 3261 7.5); whatever else comes begins a message. */
  private takeLineBreak(chunk: string, position: number): number {
    const code = chunk.charCodeAt(position);
    if (code === carriageReturn) {
      this.afterCarriageReturn = true;
    } else if (code === lineFeed) {
      const complete = this.afterCarriageReturn;
      this.afterCarriageReturn = false;
      if (complete) this.sink.lineBreak();
    } else {
      return this.takeHead(chunk, position);
    }
    return position + 1;
  }

  private takeHead(chunk: string, position: number): number {
    const end = this.findHeadEnd(chunk, position);
    this.collect(chunk.slice(position, end < 0 ? chunk.length : end));
    if (this.length > this.maximumSize) {
      this.break(this.join().slice(0, this.maximumSize), 513, 'Message Too Large');
    } else if (end >= 0) {
      this.measure(this.join());
    }
    return end < 0 ? chunk.length : end;
  }

  /** Where the head ends in the chunk: the position after its empty line, or -1. */
  private findHeadEnd(chunk: string, position: number): number {
    if (this.tail !== '') {
      const across = (this.tail + chunk.slice(position, position + 3)).indexOf(headEnd);
      if (across >= 0) return position + across + headEnd.length - this.tail.length;
    }
    const found = chunk.indexOf(headEnd, position);
    return found < 0 ? -1 : found + headEnd.length;
  }

  private measure(head: string): void {
    const body = contentLength(head);
    if (body instanceof SyntaxFault) {
      this.break(head, body.status, body.reason);
    } else if (head.length + body > this.maximumSize) {
      this.break(head, 513, 'Message Too Large');
    } else {
      this.pieces = [head];
      this.needed = head.length + body;
      if (body === 0) this.deliver();
    }
  }

  private takeBody(chunk: string, position: number): number {
    const end = Math.min(chunk.length, position + this.needed - this.length);
    this.collect(chunk.slice(position, end));
    if (this.length === this.needed) this.deliver();
    return end;
  }

  private collect(piece: string): void {
    this.pieces.push(piece);
    this.length += piece.length;
    this.tail = piece.length >= 3 ? piece.slice(-3) : (this.tail + piece).slice(-3);
  }

  private join(): string {
    const first = this.pieces[0];
    return this.pieces.length === 1 && first !== undefined ? first : this.pieces.join('');
  }

  private deliver(): void {
    const text = this.join();
    this.reset();
    this.frames += 1;
    this.sink.frame(text);
  }

  private break(text: string, status: number, reason: string): void {
    this.stop();
    this.sink.broken(text, status, reason);
  }

  private reset(): void {
    this.pieces = [];
    this.length = 0;
    this.tail = '';
    this.needed = -1;
    this.afterCarriageReturn = false;
  }
}
