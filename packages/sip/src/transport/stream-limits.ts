/** What one connection may cost, and all of them. Times in milliseconds, sizes in bytes. */
export interface StreamLimits {
  /** From the first packet until the connection is usable: TCP, TLS and WebSocket handshakes, in both directions. */
  readonly connectTimeout: number;
  /** From the first byte of a message to its last. */
  readonly messageTimeout: number;
  /** How long somebody may hold a connection open before the first message comes; keep-alives do not count. */
  readonly silentTimeout: number;
  /** How long nothing at all may come or go, longer than the usual registration. */
  readonly idleTimeout: number;
  /** How long a closing connection may take to deliver what was still written to it. */
  readonly lingerTimeout: number;
  /** What may wait to be taken by a far end that reads slowly. */
  readonly maximumPending: number;
  /** The same of all connections together; beyond it, the one with the most is closed. */
  readonly maximumPendingInAll: number;
  readonly maximumMessage: number;
  /** Connections in all, opened by either side. */
  readonly maximumConnections: number;
  /** Connections that one address may open to us. */
  readonly maximumConnectionsPerAddress: number;
}

/** What holds where nothing else is said; docs/limits.md says why. */
export const defaultStreamLimits: StreamLimits = {
  connectTimeout: 6_000,
  messageTimeout: 10_000,
  silentTimeout: 32_000,
  idleTimeout: 3_900_000,
  lingerTimeout: 1_000,
  maximumPending: 1_048_576,
  maximumPendingInAll: 128 * 1_048_576,
  maximumMessage: 65_536,
  maximumConnections: 20_000,
  maximumConnectionsPerAddress: 2_000,
};
