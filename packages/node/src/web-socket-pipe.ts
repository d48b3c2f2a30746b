import { isUtf8 } from 'node:buffer';
import type { Socket } from 'node:net';
import type { BytePipe, StreamFlow } from '@switchhook/sip';
import type { WebSocket } from 'ws';
import { WebSocketFrames } from './web-socket-frames.ts';

const normalClosure = 1_000;

/**
 * A WebSocket as a pipe: what is written goes out as one message, as text where it is text (RFC 7118 5). The messages of one turn
 * of the event loop leave the connection that carries it in one piece.
 */
export class WebSocketPipe implements BytePipe {
  private readonly socket: WebSocket;
  private readonly carrier: Socket | undefined;
  private isCorked = false;
  private readonly flush = (): void => {
    this.isCorked = false;
    this.carrier?.uncork();
  };

  /** The carrier is there as soon as the WebSocket stands; before that, nothing is written. */
  constructor(socket: WebSocket, carrier?: Socket) {
    this.socket = socket;
    this.carrier = carrier;
  }

  get pending(): number {
    return this.socket.bufferedAmount;
  }

  write(text: string): void {
    if (!this.isCorked) {
      this.isCorked = true;
      this.carrier?.cork();
      setImmediate(this.flush);
    }
    const data = Buffer.from(text, 'latin1');
    this.socket.send(data, { binary: !isUtf8(data) });
  }

  end(): void {
    this.socket.close(normalClosure);
  }

  destroy(): void {
    this.socket.terminate();
  }
}

/**
 * Gives the flow a WebSocket that stands, and the connection that carries it. Pings are answered only as fast as the far end takes
 * the answers.
 */
export function carryWebSocket(socket: WebSocket, carrier: Socket, flow: StreamFlow, maximumPending: number): void {
  flow.attach(new WebSocketPipe(socket, carrier));
  socket.on('message', (data) => {
    if (Buffer.isBuffer(data)) flow.received(data.toString('latin1'));
  });
  socket.on('ping', (data) => {
    if (socket.bufferedAmount > maximumPending) flow.overflow();
    else socket.pong(data);
  });
  // After the listener of the WebSocket: what is complete in these bytes has been handed on.
  const frames = new WebSocketFrames();
  carrier.on('data', (chunk: Buffer) => {
    frames.push(chunk);
    flow.carrying(frames.partial);
  });
}
