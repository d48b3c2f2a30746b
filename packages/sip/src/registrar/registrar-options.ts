import type { SipUri } from '../message/sip-uri.ts';

/** Who the digest credentials of a request proved; undefined for a request that nobody authenticated. */
export interface RegistrantIdentity {
  readonly username: string;
  readonly realm: string;
}

/** Bounds on what one REGISTER and one address of record may hold. All have defaults. */
export interface RegistrationLimits {
  /** Seconds: a shorter wish under an hour is answered 423 (RFC 3261 10.3 step 7). */
  readonly minimumExpires: number;
  /** Seconds: a longer wish is cut down to it. */
  readonly maximumExpires: number;
  /** Seconds, for a contact that wishes nothing. */
  readonly defaultExpires: number;
  /**
   * Contacts of one address of record. Those without their connection make room for one more, and those from before its phone
   * was started anew, as far as that shows; otherwise it is answered 403, as Asterisk does.
   */
  readonly maximumContacts: number;
  /** Characters of one Contact value with its parameters; a longer one is answered 400, as Kamailio does. */
  readonly maximumContactLength: number;
  /** Characters of all Path values together. */
  readonly maximumPathLength: number;
}

/** What holds where nothing else is said; docs/limits.md says why. */
export const defaultRegistrationLimits: RegistrationLimits = {
  minimumExpires: 60,
  maximumExpires: 7_200,
  defaultExpires: 3_600,
  maximumContacts: 10,
  maximumContactLength: 512,
  maximumPathLength: 2_048,
};

/** Whom a registrar serves, and how many bindings it takes (RFC 3261 10.3). */
export interface RegistrarOptions {
  readonly limits?: Partial<RegistrationLimits>;
  /**
   * The canonical address of record that the URI of a To stands for, or undefined when there is none: the domain is
   * not ours or nobody has that name there (RFC 3261 10.3 step 5).
   */
  readonly findAddressOfRecord: (uri: SipUri) => string | undefined;
  /** Whether the identity may change the bindings of what the To names (RFC 3261 10.3 step 4). */
  readonly mayRegister: (identity: RegistrantIdentity | undefined, to: SipUri) => boolean;
  /** Whether requests for this host and port would come back to this server. */
  readonly isOurs: (host: string, port: number | undefined) => boolean;
  /** Service-Route values for the 200 (RFC 3608 6.3), as name-addr texts. */
  readonly serviceRoute?: (addressOfRecord: string) => readonly string[];
  /** Seconds of silence after which a flow counts as dead, told to outbound phones in Flow-Timer (RFC 5626 6). */
  readonly flowTimer?: number;
  /**
   * Takes a Path although the phone does not announce support for it (RFC 3327 5.3); refused with 420 otherwise, as
   * that section recommends.
   */
  readonly acceptUnannouncedPath?: boolean;
  /** The secret under which temporary GRUUs hide (RFC 5627 5.4). One that is kept lets them live through a restart. */
  readonly gruuKey?: string;
}
