/** RFC 3403 4.1, as far as RFC 3263 uses it. */
export interface NaptrRecord {
  readonly order: number;
  readonly preference: number;
  readonly flags: string;
  readonly service: string;
  readonly regexp: string;
  readonly replacement: string;
}

/** RFC 2782. */
export interface SrvRecord {
  readonly priority: number;
  readonly weight: number;
  readonly port: number;
  readonly target: string;
}

/** What DNS said to one question. No records: the name or the type does not exist. */
export interface DnsAnswer<T> {
  readonly records: readonly T[];
  /** Seconds; undefined where the platform does not tell it. */
  readonly timeToLive?: number;
}

/** The four questions of RFC 3263. A promise is rejected when no name server gave an answer. */
export interface DnsClient {
  naptr(name: string): Promise<DnsAnswer<NaptrRecord>>;
  srv(name: string): Promise<DnsAnswer<SrvRecord>>;
  a(name: string): Promise<DnsAnswer<string>>;
  aaaa(name: string): Promise<DnsAnswer<string>>;
  /** Gives up what is under way. */
  cancel(): void;
}
