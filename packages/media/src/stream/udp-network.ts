import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { networkInterfaces } from 'node:os';
import { isIpv6Address } from '@switchhook/sip';
import type { DatagramNetwork, DatagramPort, DatagramReceiver } from './datagram-network.ts';

/** Some tenths of a second of one stream: what waits longer is too late anyway. */
const receiveBuffer = 65_536;

/** Addresses come from session descriptions as addresses: there is nothing to look up, nor a tick to wait. */
function noLookup(
  address: string,
  _options: unknown,
  callback: (error: null, address: string, family: number) => void,
): void {
  callback(null, address, isIpv6Address(address) ? 6 : 4);
}

function openSocket(address: string, recvBufferSize?: number): Socket {
  const ipv6 = isIpv6Address(address);
  const type = ipv6 ? 'udp6' : 'udp4';
  return createSocket({ type, ipv6Only: ipv6, lookup: noLookup, ...(recvBufferSize && { recvBufferSize }) });
}

class UdpPort implements DatagramPort {
  readonly port: number;
  private socket: Socket | undefined;

  constructor(socket: Socket, receive: DatagramReceiver) {
    this.socket = socket;
    this.port = socket.address().port;
    socket.on('message', (data, remote) => {
      if (this.socket !== undefined) receive(data, remote.address, remote.port);
    });
  }

  send(data: Uint8Array, port: number, address: string): void {
    // The kernel usually takes it at once; when it does not, libuv holds on to the bytes, so they have to be a copy.
    this.socket?.send(Buffer.from(data), port, address);
  }

  close(): void {
    this.socket?.close();
    this.socket = undefined;
  }
}

/** UDP on this machine. */
export class UdpNetwork implements DatagramNetwork {
  bind(address: string, port: number, receive: DatagramReceiver): Promise<DatagramPort | undefined> {
    const socket = openSocket(address, receiveBuffer);
    return new Promise((resolve) => {
      let isBound = false;
      socket.on('error', () => {
        // Once it is bound, an error is about a datagram that did not get away, which is what UDP is like.
        if (isBound) return;
        socket.close();
        resolve(undefined);
      });
      socket.bind({ port, address, exclusive: true }, () => {
        isBound = true;
        resolve(new UdpPort(socket, receive));
      });
    });
  }

  /** What the routing table says, found by a socket that is connected and sends nothing. */
  localAddress(remote: string | undefined, ipv6: boolean): Promise<string> {
    if (remote === undefined) return Promise.resolve(anyAddress(ipv6));
    const socket = openSocket(remote);
    return new Promise((resolve) => {
      const done = (address: string): void => {
        resolve(address);
        socket.close();
      };
      socket.once('error', () => done(anyAddress(ipv6)));
      socket.connect(9, remote, () => done(socket.address().address));
    });
  }
}

/** The first address that is not loopback and needs no zone; loopback where there is none. */
function anyAddress(ipv6: boolean): string {
  const family = ipv6 ? 'IPv6' : 'IPv4';
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const usable = addresses.find(
    (each) => each.family === family && !each.internal && !each.address.startsWith('fe80:'),
  );
  return usable?.address ?? (ipv6 ? '::1' : '127.0.0.1');
}
