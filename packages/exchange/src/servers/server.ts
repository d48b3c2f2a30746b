import type { AudioCodec, DatagramNetwork, PortRange } from '@switchhook/media';
import { Parameters } from '@switchhook/sip';
import type { Flow, InviteSession, Resolver, SipContext, SipUri, Transport } from '@switchhook/sip';
import type { ServerSound } from './server-sound.ts';

/** A user agent of its own that lives in the exchange: a machine that plays something, or keeps calls. */
export interface Server {
  /** What it is, in the status and the metrics. */
  readonly kind: 'announcement' | 'music' | 'park' | 'features';
  readonly address: SipUri;
  /** Whether a user of the domain of `address` leads here. */
  isOurUser(user: string): boolean;
  start(): Promise<void>;
  /** Says goodbye where that is its business, and holds nothing afterwards. */
  stop(): Promise<void>;
  stats(): ServerStats;
}

/** All zeros when nobody uses it, and when it is stopped. */
export interface ServerStats {
  /** Calls that ring or stand. */
  readonly sessions: number;
  /** INVITEs, subscriptions, requests and transactions that are under way. */
  readonly others: number;
}

/** What a server is made of. */
export interface ServerParts {
  readonly context: SipContext;
  /** Its address of record. */
  readonly address: SipUri;
  readonly transports: readonly Transport[];
  readonly resolver: Resolver;
  /** Whether a flow comes from the exchange, which says truly who sent what comes over it. */
  readonly trusts: (flow: Flow) => boolean;
  readonly sound: ServerSound;
  /** Calls at a time; further ones get 480. */
  readonly maximumCalls: number;
}

/** Where the sound of the servers comes from and goes to. */
export interface ServerMedia {
  /** The sockets of the machine without it. */
  readonly network?: DatagramNetwork | undefined;
  readonly address?: string | undefined;
  readonly advertisedAddress?: string | undefined;
  readonly ports?: PortRange | undefined;
  /** Best first; all that there are without it. */
  readonly codecs?: readonly AudioCodec[] | undefined;
  /** Milliseconds of sound that are moved at a time; 20 without it. */
  readonly frameTime?: number | undefined;
}

/** What a server adds in calls that it never hangs up: who is in them is taken away by others (RFC 4235 5.1). */
export const byeless = Parameters.of({ '+sip.byeless': true });

/** Says so in a call that came, before it is answered. */
export function neverHangUp({ dialog }: InviteSession): void {
  dialog.contactParameters = dialog.contactParameters.with('+sip.byeless');
}
