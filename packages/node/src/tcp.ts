import { connect } from 'node:net';
import type { Socket } from 'node:net';
import type { BytePipe, Destination, SipContext, StreamFlow } from '@switchhook/sip';
import { carry, localAddressOf, SocketPipe, tellEnd } from './socket-pipe.ts';
import { StreamTransport } from './stream-transport.ts';
import type { StreamOptions } from './stream-transport.ts';

/** SIP over TCP (RFC 3261 18). */
export class TcpTransport extends StreamTransport {
  constructor(context: SipContext, options: StreamOptions) {
    super(context, 'TCP', options);
  }

  protected override open(destination: Destination, flow: StreamFlow): BytePipe {
    const socket = connect(this.dialling(destination));
    tellEnd(socket, flow);
    socket.once('connect', () => {
      carry(socket, flow);
      flow.opened(undefined, localAddressOf(socket));
    });
    return new SocketPipe(socket);
  }

  protected override greet(socket: Socket): void {
    this.accepted(socket, undefined, (flow) => {
      tellEnd(socket, flow);
      carry(socket, flow);
    });
  }
}
