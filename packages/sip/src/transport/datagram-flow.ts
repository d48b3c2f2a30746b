import type { Flow, SocketAddress, TransportError, TransportErrorCode } from './contract.ts';
import type { DatagramEndpoint } from './datagram-endpoint.ts';
import { FlowEnd } from './flow-end.ts';
import { datagramInterval, flowTimerInterval } from './keep-alive-interval.ts';
import { StunKeepAlive } from './stun-keep-alive.ts';
import type { StunMessage } from './stun.ts';
import { transportError } from './transport-error.ts';

/** A pair of UDP addresses. It costs an object and lives as long as it is used, listened to, or kept alive. */
export class DatagramFlow implements Flow {
  readonly id: number;
  readonly protocol = 'UDP';
  readonly reliable = false;
  readonly secure = false;
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  readonly peer = undefined;
  readonly outgoing: boolean;
  readonly sentBy: string;
  private readonly endpoint: DatagramEndpoint;
  private readonly end = new FlowEnd();
  private stun: StunKeepAlive | undefined = undefined;
  /** When it was last asked whether a datagram can leave. */
  askedAt = -Infinity;

  constructor(endpoint: DatagramEndpoint, id: number, remote: SocketAddress, outgoing: boolean) {
    this.endpoint = endpoint;
    this.id = id;
    this.local = endpoint.local;
    this.sentBy = endpoint.sentBy;
    this.remote = remote;
    this.outgoing = outgoing;
  }

  get closed(): boolean {
    return this.end.error !== undefined;
  }

  /** True while somebody counts on it: it must not be forgotten then. */
  get held(): boolean {
    return this.stun !== undefined || this.end.hasListeners;
  }

  send(text: string, onError?: (error: TransportError) => void): void {
    if (this.end.error !== undefined) onError?.(this.end.error);
    else this.endpoint.transmit(text, this, onError);
  }

  onClose(listener: (error: TransportError) => void): () => void {
    return this.end.listen(listener);
  }

  close(reason: TransportErrorCode): void {
    if (this.closed) return;
    this.stun?.stop();
    this.stun = undefined;
    this.endpoint.gone(this);
    this.end.happen(transportError(reason));
  }

  keepAlive(flowTimer?: number): void {
    if (this.closed) return;
    this.stun ??= new StunKeepAlive(
      this.endpoint.clock,
      this.endpoint.random,
      (text) => {
        this.endpoint.transmitStun(text, this);
      },
      () => {
        this.close('timeout');
      },
    );
    this.stun.start(flowTimer === undefined ? datagramInterval : flowTimerInterval(flowTimer));
  }

  acceptAlias(): void {
    // An alias is one of a connection (RFC 5923 1); there is none here.
  }

  stunAnswer(message: StunMessage): void {
    this.stun?.answer(message);
  }
}
