import type { Resolver, Transport } from '@switchhook/sip';
import type { CallLogStore } from './call-log-store.ts';
import type { PhoneMedia } from './media.ts';
import type { Permissions } from './services/authorization.ts';
import type { DoNotDisturb } from './services/do-not-disturb.ts';

/** Whose phone it is, and how it behaves; the same on every platform. */
export interface PhoneSettings {
  /** `sip:alice@example.com`, or `"Alice" <sip:alice@example.com>` with the name that others see. */
  readonly addressOfRecord: string;
  readonly password?: string | undefined;
  /** What goes with the password, where it is not the user part of the address. */
  readonly userName?: string | undefined;
  /** Where every request outside of a call goes first, as URIs: `sip:proxy.example.com;transport=tls`. */
  readonly outboundProxies?: readonly string[] | undefined;
  /** The URI that leads to this phone from anywhere, for one that has a name of its own; with `gr` in it, it is a GRUU (RFC 5627). */
  readonly contact?: string | undefined;
  /** Seconds that a registration is asked for. */
  readonly expires?: number | undefined;
  /** What the phone is known by over all its starts, `urn:uuid:…` (RFC 5626 4.1). */
  readonly instanceId?: string | undefined;
  readonly doNotDisturb?: DoNotDisturb | undefined;
  /** Whether a further caller rings while there is a call; he hears busy otherwise. True without it. */
  readonly callWaiting?: boolean | undefined;
  /** Calls at a time, those on hold and those that ring included; a further one hears busy. */
  readonly maximumCalls?: number | undefined;
  /**
   * The proxy that screens calls, as a URI: those that do not come by whom the phone is registered with are sent there with
   * 305 (RFC 5359 2.13), and do not ring.
   */
  readonly screeningProxy?: string | undefined;
  /** Milliseconds that a call may ring at the far end. */
  readonly ringTime?: number | undefined;
  /** What others may do with the phone and its calls: its group, who may watch, pick up, replace, join, refer. */
  readonly permissions?: Permissions | undefined;
  /** Keeps the call log over restarts; without it the log is forgotten with the phone. */
  readonly callLog?: CallLogStore | undefined;
  /** What User-Agent and Server say. */
  readonly product?: string | undefined;
}

/** Tells when the machine has other addresses: it is in another network, or in one again. */
export interface NetworkWatch {
  /** Calls `changed` each time, until the function that it returns is called. */
  watch(changed: () => void): () => void;
}

/** What a phone is made of where nothing brings it ready: `startPhone` of `@switchhook/phone/node` does. */
export interface PhoneOptions extends PhoneSettings {
  readonly transports: readonly Transport[];
  readonly resolver: Resolver;
  readonly media: PhoneMedia;
  /** Without it a phone learns only from broken connections that it is elsewhere. */
  readonly network?: NetworkWatch | undefined;
}

export const defaultMaximumCalls = 8;
