import type { Clock, RandomSource, Timer } from '../context.ts';
import type {
  Flow,
  PeerIdentity,
  SocketAddress,
  TransportError,
  TransportErrorCode,
  TransportProtocol,
  TransportReceiver,
} from './contract.ts';
import { CrlfKeepAlive } from './crlf-keep-alive.ts';
import { FlowEnd } from './flow-end.ts';
import { connectionInterval, flowTimerInterval } from './keep-alive-interval.ts';
import { MessageFramer } from './message-framer.ts';
import { StreamFramer } from './stream-framer.ts';
import type { Framer, FrameSink } from './stream-framer.ts';
import type { StreamLimits } from './stream-limits.ts';
import type { TransportCounters } from './transport-counters.ts';
import { transportError } from './transport-error.ts';

/** The connection beneath a flow: a socket, or something that behaves like one. */
export interface BytePipe {
  write(text: string): void;
  /** Bytes written that the far end has not taken yet. */
  readonly pending: number;
  /** Closes after what was written is delivered; {@link StreamFlow.ended} tells when. */
  end(): void;
  /** Closes now. */
  destroy(): void;
}

/** What a flow needs of the endpoint that holds it. */
export interface StreamFlowOwner {
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly limits: StreamLimits;
  readonly protocol: TransportProtocol;
  readonly sentBy: string;
  readonly receiver: TransportReceiver;
  readonly counters: TransportCounters;
  /** So much more, or less, may wait in a flow than before; where all have too much, one of them ends. */
  waits(change: number): void;
  /** The pipe is gone for good. */
  gone(flow: StreamFlow): void;
  alias(flow: StreamFlow, port: number): void;
}

interface WaitingMessage {
  readonly text: string;
  readonly onError: ((error: TransportError) => void) | undefined;
}

/**
 * A connection as a flow. It begins connecting; whoever brings the pipe tells `opened`, `received` and `ended`, each
 * from outside of the others. Nothing that the far end does or omits holds memory or a timer beyond the limits.
 */
export class StreamFlow implements Flow, FrameSink {
  readonly id: number;
  readonly protocol: TransportProtocol;
  readonly reliable = true;
  readonly secure: boolean;
  readonly remote: SocketAddress;
  readonly outgoing: boolean;
  readonly sentBy: string;
  /** The name the far end has to prove, for a connection this side opened. */
  readonly serverName: string | undefined;
  local: SocketAddress;
  peer: PeerIdentity | undefined = undefined;
  private readonly owner: StreamFlowOwner;
  private readonly framer: Framer;
  private readonly end = new FlowEnd();
  private readonly crlf: CrlfKeepAlive;
  private pipe: BytePipe | undefined = undefined;
  private standing = false;
  private waiting: WaitingMessage[] = [];
  private waitingSize = 0;
  /** What the owner knows to wait here: as much as did when something was last added. */
  private counted = 0;
  private lineBreaks = 0;
  private lastActivity: number;
  private lifeTimer: Timer | undefined = undefined;
  private messageTimer: Timer | undefined = undefined;
  private framesAtTimer = 0;
  private isCarrying = false;
  private absent = false;

  constructor(
    owner: StreamFlowOwner,
    remote: SocketAddress,
    local: SocketAddress,
    serverName?: string,
    outgoing = false,
  ) {
    this.owner = owner;
    this.id = owner.receiver.nextFlowId();
    this.protocol = owner.protocol;
    this.secure = owner.protocol === 'TLS' || owner.protocol === 'WSS';
    this.remote = remote;
    this.local = local;
    this.outgoing = outgoing;
    this.serverName = serverName?.toLowerCase();
    this.sentBy = owner.sentBy;
    const webSocket = owner.protocol === 'WS' || owner.protocol === 'WSS';
    this.framer = webSocket ? new MessageFramer(this) : new StreamFramer(this, owner.limits.maximumMessage);
    this.crlf = new CrlfKeepAlive(
      owner.clock,
      owner.random,
      () => {
        this.transmit('\r\n\r\n');
      },
      () => {
        this.close('timeout');
      },
    );
    this.lastActivity = owner.clock.now();
    this.lifeTimer = owner.clock.after(owner.limits.connectTimeout, () => {
      if (!outgoing) owner.counters.refuse('handshake-time');
      this.close('timeout');
    });
  }

  get closed(): boolean {
    return this.end.error !== undefined;
  }

  /** Gives it its pipe; again when a handshake puts another one on top of it. */
  attach(pipe: BytePipe): void {
    this.pipe = pipe;
    if (this.closed) pipe.destroy();
  }

  /** The connection stands and, where that applies, the far end's certificate is verified. */
  opened(peer?: PeerIdentity, local?: SocketAddress): void {
    if (this.closed || this.standing) return;
    this.peer = peer;
    if (local !== undefined) this.local = local;
    this.standing = true;
    this.lifeTimer?.cancel();
    this.watch(this.outgoing ? this.owner.limits.idleTimeout : this.owner.limits.silentTimeout);
    const waiting = this.waiting;
    this.waiting = [];
    this.waitingSize = 0;
    for (const { text, onError } of waiting) this.send(text, onError);
  }

  /** The far end sent something: any piece of a stream, or one WebSocket message. */
  received(chunk: string): void {
    if (this.closed) return;
    this.lastActivity = this.owner.clock.now();
    this.framer.push(chunk);
    this.watchMessage();
  }

  /** Whether something has begun to come that the pipe hands on when it is complete: a WebSocket message. */
  carrying(partial: boolean): void {
    this.isCarrying = partial;
    if (!this.closed) this.watchMessage();
  }

  /** The far end leaves too much unread: the flow ends. */
  overflow(): void {
    if (this.closed) return;
    this.owner.counters.refuse('pending');
    this.close('overflow');
  }

  /** Looks again how much waits here. */
  recount(): number {
    this.counted = this.standing ? (this.pipe?.pending ?? 0) : this.waitingSize;
    return this.counted;
  }

  /** The pipe is closed, by whomever; `error` when it failed. */
  ended(error?: TransportError): void {
    const unreached = this.outgoing && !this.standing && (error === undefined || error.code === 'closed');
    this.finish(unreached ? transportError('unreachable') : (error ?? transportError('closed')));
    this.leave();
  }

  send(text: string, onError?: (error: TransportError) => void): void {
    if (this.end.error !== undefined) {
      onError?.(this.end.error);
    } else if (!this.standing) {
      this.wait({ text, onError });
    } else if (this.transmit(text)) {
      this.owner.counters.sent += 1;
    } else {
      onError?.(transportError('overflow'));
    }
  }

  onClose(listener: (error: TransportError) => void): () => void {
    return this.end.listen(listener);
  }

  close(reason: TransportErrorCode): void {
    if (this.closed) return;
    const orderly = this.standing && (reason === 'closed' || reason === 'stopped');
    this.finish(transportError(reason));
    if (orderly && !this.absent) {
      this.lifeTimer = this.owner.clock.after(this.owner.limits.lingerTimeout, () => {
        this.drop();
      });
      this.pipe?.end();
    } else {
      this.drop();
    }
  }

  keepAlive(flowTimer?: number): void {
    if (!this.closed) this.crlf.start(flowTimer === undefined ? connectionInterval : flowTimerInterval(flowTimer));
  }

  acceptAlias(port: number): void {
    if (this.secure && !this.outgoing && !this.closed && this.peer !== undefined) this.owner.alias(this, port);
  }

  /** True when a request meant for `name` may use this connection (RFC 5922 7.3, RFC 5923 9). */
  proves(name: string): boolean {
    if (!this.secure) return true;
    const domain = name.toLowerCase();
    return (this.outgoing && this.serverName === domain) || (this.peer?.domains.includes(domain) ?? false);
  }

  frame(text: string): void {
    this.lineBreaks = 0;
    this.owner.counters.received += 1;
    this.owner.receiver.message(text, this);
  }

  lineBreak(): void {
    if (this.crlf.pong()) return;
    this.lineBreaks += 1;
    if (this.lineBreaks < 2) return;
    this.lineBreaks = 0;
    this.transmit('\r\n');
  }

  broken(text: string, status: number, reason: string): void {
    this.owner.counters.refuse(status === 513 ? 'message-size' : 'framing');
    this.owner.receiver.broken(text, status, reason, this);
    this.close('closed');
  }

  /** Writes, unless the far end leaves too much unread: then the flow ends. */
  private transmit(text: string): boolean {
    if (this.pipe === undefined) return false;
    const pending = this.pipe.pending + text.length;
    if (pending > this.owner.limits.maximumPending) {
      this.overflow();
      return false;
    }
    this.lastActivity = this.owner.clock.now();
    this.pipe.write(text);
    this.count(pending);
    return !this.closed;
  }

  private count(pending: number): void {
    const change = pending - this.counted;
    this.counted = pending;
    if (change !== 0) this.owner.waits(change);
  }

  private wait(message: WaitingMessage): void {
    if (this.waitingSize + message.text.length > this.owner.limits.maximumPending) {
      this.owner.counters.refuse('pending');
      message.onError?.(transportError('overflow'));
      return;
    }
    this.waitingSize += message.text.length;
    this.waiting.push(message);
    this.count(this.waitingSize);
  }

  /** Ends the flow when nothing happened for too long; looks only once in a while, not at every message. */
  private watch(wait: number): void {
    this.lifeTimer = this.owner.clock.after(wait, () => {
      const left = this.lastActivity + this.owner.limits.idleTimeout - this.owner.clock.now();
      const silent = !this.outgoing && this.framer.frames === 0;
      if (silent) this.owner.counters.refuse('silent');
      if (silent || left <= 0) this.close('timeout');
      else this.watch(left);
    });
  }

  /** Times a message whose rest is still to come. A message that follows it starts anew. */
  private watchMessage(): void {
    const partial = this.isCarrying || this.framer.partial;
    if (this.messageTimer !== undefined && (!partial || this.framer.frames !== this.framesAtTimer)) {
      this.messageTimer.cancel();
      this.messageTimer = undefined;
    }
    if (partial && this.messageTimer === undefined) {
      this.framesAtTimer = this.framer.frames;
      this.messageTimer = this.owner.clock.after(this.owner.limits.messageTimeout, () => {
        this.owner.counters.refuse('message-time');
        this.close('timeout');
      });
    }
  }

  private finish(error: TransportError): void {
    if (this.closed) return;
    this.framer.stop();
    this.crlf.stop();
    this.lifeTimer?.cancel();
    this.messageTimer?.cancel();
    const waiting = this.waiting;
    this.waiting = [];
    this.end.happen(error);
    for (const { onError } of waiting) onError?.(error);
  }

  private drop(): void {
    this.pipe?.destroy();
    this.leave();
  }

  private leave(): void {
    if (this.absent) return;
    this.absent = true;
    this.lifeTimer?.cancel();
    this.owner.gone(this);
    this.count(0);
  }
}
