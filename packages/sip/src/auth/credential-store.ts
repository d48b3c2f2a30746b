import type { CredentialHashes } from './digest.ts';

/** What a server knows of one user of one realm. */
export interface Credentials {
  readonly username: string;
  /** H(A1) for each algorithm that is offered; a missing one makes the user fail with that algorithm. */
  readonly ha1: Partial<CredentialHashes>;
}

/** Where a {@link DigestVerifier} finds users. An answer without a promise keeps the verification synchronous. */
export interface CredentialStore {
  find(realm: string, username: string): Credentials | undefined | Promise<Credentials | undefined>;
}
