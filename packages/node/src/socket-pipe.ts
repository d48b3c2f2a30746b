import type { Socket } from 'node:net';
import type { BytePipe, SocketAddress, StreamFlow } from '@switchhook/sip';
import { socketError } from './socket-error.ts';

/** The kernel finds out about far ends that vanished without a word, long before the idle time is over. */
const keepAliveDelay = 60_000;

/** A TCP or TLS socket as a pipe. What is written in one turn of the event loop goes out in one piece. */
export class SocketPipe implements BytePipe {
  private readonly socket: Socket;
  private batch = '';
  private readonly flush = (): void => {
    const batch = this.batch;
    this.batch = '';
    if (batch !== '' && this.socket.writable) this.socket.write(batch, 'latin1');
  };

  constructor(socket: Socket) {
    this.socket = socket;
    // Before the socket answers the far end's end with its own: what it asked last has its answer.
    socket.prependListener('end', this.flush);
  }

  get pending(): number {
    return this.socket.writableLength + this.batch.length;
  }

  write(text: string): void {
    if (this.batch === '') setImmediate(this.flush);
    this.batch += text;
  }

  end(): void {
    this.flush();
    this.socket.end();
  }

  destroy(): void {
    this.batch = '';
    this.socket.destroy();
  }
}

/** Tells the flow how its socket ends. Returns a function that takes this back. */
export function tellEnd(socket: Socket, flow: StreamFlow): () => void {
  let failure: Error | undefined;
  const onError = (error: Error): void => {
    failure = error;
  };
  const onClose = (): void => {
    flow.ended(failure && socketError(failure));
  };
  socket.on('error', onError).once('close', onClose);
  return () => {
    // The listener for errors stays: without one, an error would end the process.
    socket.off('close', onClose);
  };
}

/** This side's end of a socket that stands. */
export function localAddressOf({ localAddress, localPort }: Socket): SocketAddress | undefined {
  return localAddress === undefined || localPort === undefined ? undefined : { address: localAddress, port: localPort };
}

/** Gives the flow a socket that stands: what it reads, what it writes, how it ends. */
export function carry(socket: Socket, flow: StreamFlow): void {
  socket.setNoDelay(true);
  socket.setKeepAlive(true, keepAliveDelay);
  flow.attach(new SocketPipe(socket));
  socket.on('data', (data: Buffer) => {
    flow.received(data.toString('latin1'));
  });
}
