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
  /**
   * Somebody's, always the same for one name, to compute with in the place of a user who is not there: memory that has not been
   * read lately takes longer, so what is computed for all unknown users with one value would tell them by its time.
   */
  decoy?(realm: string, username: string): Credentials | undefined;
}
