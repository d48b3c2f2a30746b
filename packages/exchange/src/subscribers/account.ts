/** Somebody with an address of record here. */
export interface Account {
  readonly user: string;
  /** The domain's name, never one of its aliases; also the digest realm. */
  readonly domain: string;
}
