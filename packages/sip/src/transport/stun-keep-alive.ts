import type { Clock, RandomSource, Timer } from '../context.ts';
import type { SocketAddress } from './contract.ts';
import { drawInterval } from './keep-alive-interval.ts';
import type { KeepAliveInterval } from './keep-alive-interval.ts';
import { bindingRequest } from './stun.ts';
import type { StunMessage } from './stun.ts';

/** RFC 5389 7.2.1: seven requests, the pauses doubling, and 16 times the first pause after the last. */
const retransmissionTimeout = 500;
const requestCount = 7;
const lastPauseFactor = 16;

/**
 * The client's side of the STUN keep-alive (RFC 5626 4.4.2). The flow has failed when no answer comes, when the answer
 * is an error, and when the address that the far end sees is not the one it saw before: the NAT forgot us.
 */
export class StunKeepAlive {
  private readonly clock: Clock;
  private readonly random: RandomSource;
  private readonly send: (text: string) => void;
  private readonly failed: () => void;
  private timer: Timer | undefined = undefined;
  private interval: KeepAliveInterval | undefined = undefined;
  private transaction: string | undefined = undefined;
  private mapped: SocketAddress | undefined = undefined;

  constructor(clock: Clock, random: RandomSource, send: (text: string) => void, failed: () => void) {
    this.clock = clock;
    this.random = random;
    this.send = send;
    this.failed = failed;
  }

  start(interval: KeepAliveInterval): void {
    this.interval = interval;
    if (this.transaction === undefined) this.schedule(interval);
  }

  answer(message: StunMessage): void {
    if (message.transaction !== this.transaction || this.interval === undefined) return;
    this.transaction = undefined;
    const { mapped } = message;
    if (message.kind === 'error' || mapped === undefined || message.unknown.length > 0 || this.moved(mapped)) {
      this.stop();
      this.failed();
    } else {
      this.mapped = mapped;
      this.schedule(this.interval);
    }
  }

  stop(): void {
    this.timer?.cancel();
    this.timer = undefined;
    this.interval = undefined;
    this.transaction = undefined;
  }

  private moved(mapped: SocketAddress): boolean {
    return this.mapped !== undefined && (mapped.address !== this.mapped.address || mapped.port !== this.mapped.port);
  }

  private schedule(interval: KeepAliveInterval): void {
    this.timer?.cancel();
    this.timer = this.clock.after(drawInterval(interval, this.random), () => {
      const transaction = String.fromCharCode(...this.random.bytes(12));
      this.transaction = transaction;
      this.request(bindingRequest(transaction), 1, retransmissionTimeout);
    });
  }

  private request(text: string, count: number, pause: number): void {
    if (count > requestCount) {
      this.stop();
      this.failed();
      return;
    }
    const wait = count === requestCount ? retransmissionTimeout * lastPauseFactor : pause;
    this.timer = this.clock.after(wait, () => {
      this.request(text, count + 1, pause * 2);
    });
    this.send(text);
  }
}
