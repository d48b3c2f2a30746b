/** One binding, as `switchhook status` shows it. */
export interface RegistrationStatus {
  readonly addressOfRecord: string;
  readonly contact: string;
  /** How the phone is reached: `TLS 127.0.0.1:40312`, or empty when its contact says. */
  readonly via: string;
  /** Seconds until it runs out. */
  readonly expiresIn: number;
  readonly userAgent?: string;
}

/** One call that is being set up or in progress. */
export interface CallStatus {
  readonly callId: string;
  readonly from: string;
  readonly to: string;
  readonly state: 'ringing' | 'answered';
  /** Seconds since the INVITE. */
  readonly since: number;
  readonly transport: string;
}

/** What `GET /status` answers. */
export interface ExchangeStatus {
  readonly version: string;
  readonly startedAt: string;
  readonly draining: boolean;
  readonly domains: readonly string[];
  /** Like `TLS 127.0.0.1:5061`. */
  readonly listeners: readonly string[];
  readonly subscribers: number;
  readonly registrations: readonly RegistrationStatus[];
  readonly calls: readonly CallStatus[];
}
