/** The transports of RFC 3261 and RFC 7118, spelt as a Via header field spells them. */
export type TransportProtocol = 'UDP' | 'TCP' | 'TLS' | 'WS' | 'WSS';

/** An IP address without brackets, and a port. */
export interface SocketAddress {
  readonly address: string;
  readonly port: number;
}

/** Where a request can be sent: one line of the answer of RFC 3263. */
export interface Destination extends SocketAddress {
  readonly protocol: TransportProtocol;
  /** The domain the certificate must prove (RFC 5922 7.3): the host that the URI named, before any lookup. */
  readonly serverName?: string;
}

/** What a verified TLS certificate says about the far end (RFC 5922). */
export interface PeerIdentity {
  /** SIP domain identities: `sip:` URIs without user part, else DNS names (RFC 5922 7.1). */
  readonly domains: readonly string[];
  /** `sip:` and `sips:` URIs with a user part: one person's certificate. */
  readonly addresses: readonly string[];
}

/** Why a flow ended or a send failed. `refused` and `unreachable` make RFC 3263 failover try the next destination. */
export type TransportErrorCode =
  'refused' | 'unreachable' | 'timeout' | 'closed' | 'certificate' | 'too-large' | 'overflow' | 'stopped';

/** Why something cannot be sent: a value, never thrown. */
export interface TransportError {
  readonly code: TransportErrorCode;
  readonly message: string;
}

/**
 * A way to one far end and back (RFC 5626 3.1): a connection, or for UDP a pair of addresses.
 * A flow that is still connecting takes messages and sends them once it stands.
 */
export interface Flow {
  /** Unique within one {@link TransportReceiver}, never used again. */
  readonly id: number;
  readonly protocol: TransportProtocol;
  /** True for all but UDP: the transport repeats what is lost. */
  readonly reliable: boolean;
  /** True for TLS and WSS. */
  readonly secure: boolean;
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  /** Known once a TLS handshake verified the far end's certificate. */
  readonly peer: PeerIdentity | undefined;
  /** True when this side opened it. */
  readonly outgoing: boolean;
  /** The name that the far end had to prove, for a connection this side opened (RFC 5922 7.3). */
  readonly serverName?: string | undefined;
  readonly closed: boolean;
  /** `host:port` for the Via and Record-Route of what leaves on this flow: the public name of its transport. */
  readonly sentBy: string;
  /**
   * Sends one whole message, a character a byte (latin1). Never throws; a failure that concerns this flow
   * closes it, one that concerns this message alone reaches `onError`.
   */
  send(text: string, onError?: (error: TransportError) => void): void;
  /** Calls back once when the flow ends (at once if it has), with the reason. Returns a function that takes it back. */
  onClose(listener: (error: TransportError) => void): () => void;
  close(reason: TransportErrorCode): void;
  /**
   * Starts the keep-alives of RFC 5626 4.4 from this side: CRLF on connections, STUN on UDP. Without an answer in time
   * the flow closes. `flowTimer` is the Flow-Timer of the registrar, in seconds; called again, it takes the new one.
   */
  keepAlive(flowTimer?: number): void;
  /**
   * Lets requests to `port` of the far end's address go over this connection, which the far end opened (RFC 5923).
   * Takes effect only where the far end proved who it is.
   */
  acceptAlias(port: number): void;
}

/** Counts of what a transport did; all gauges are zero after `stop()`. */
export interface TransportStats {
  /** Open connections, or for UDP remembered address pairs. */
  readonly flows: number;
  readonly received: number;
  readonly sent: number;
  /** Messages and connections refused for a limit, by the limit's name. */
  readonly refused: Readonly<Record<string, number>>;
}

/** What a transport hands up. */
export interface TransportReceiver {
  /** A number for a new flow. */
  nextFlowId(): number;
  /** One framed message, a character a byte. Keep-alives never come here. */
  message(text: string, flow: Flow): void;
  /**
   * A stream that can no longer be framed (RFC 3261 18.3: no Content-Length, or a limit passed). `text` is what was
   * read of the message, enough to answer it with `status`. The transport closes the flow after the answer.
   */
  broken(text: string, status: number, reason: string, flow: Flow): void;
}

/** One listening (or only sending) transport of one protocol. The sockets are in `@switchhook/node`, or simulated. */
export interface Transport {
  readonly protocol: TransportProtocol;
  /** Where it listens; undefined before `start()`, or for one that only connects out. */
  readonly local: SocketAddress | undefined;
  /** What this side writes into Via and Record-Route: a public host name or address, with the port. */
  readonly sentBy: SocketAddress | undefined;
  /** Every host (names in lower case, addresses without brackets) that means this transport in a Via or Route. */
  readonly hosts: readonly string[];
  /** True when it can send to that IP address: same family, and nothing but loopback from a loopback address. */
  reaches(address: string): boolean;
  start(receiver: TransportReceiver): Promise<void>;
  stop(): Promise<void>;
  /**
   * A flow to the destination: a fitting one that stands (same protocol, address, port and, for TLS, proven name),
   * else a new one, connecting.
   */
  connect(destination: Destination): Flow;
  /** The open flow of that number, when it is one of this transport. */
  flow(id: number): Flow | undefined;
  stats(): TransportStats;
}
