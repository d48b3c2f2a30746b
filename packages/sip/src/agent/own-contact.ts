import type { RandomSource } from '../context.ts';
import { Parameters } from '../message/parameters.ts';
import type { ParametersInit } from '../message/parameters.ts';
import { SipUri } from '../message/uri.ts';
import type { Flow, SocketAddress, TransportProtocol } from '../transport/contract.ts';
import { hostPort } from '../transport/ip-address.ts';

/**
 * The user part of the Contacts of a user agent. One that is reached over its own connection alone has no port that tells it
 * from the other phones of its person on the machine; something random in the user part does.
 */
export class ContactUser {
  readonly #user: string;
  readonly #unique: string;

  constructor(user: string, random: Pick<RandomSource, 'token'>) {
    this.#user = user;
    this.#unique = `${user}-${random.token().slice(0, 8)}`;
  }

  /** `outbound`: for a Contact that leads nowhere but over a flow. */
  for(outbound: boolean): string {
    return outbound ? this.#unique : this.#user;
  }

  includes(user: string): boolean {
    return user === this.#user || user === this.#unique;
  }
}

export interface OwnContactParts {
  readonly user: ContactUser;
  readonly flow: Flow;
  /** For a dialog in which every hop is secure: `sips:` (RFC 3261 8.1.1.8, 12.1.1). */
  readonly secure: boolean;
  /** Where the far end sees this side, when that is known and another address (RFC 3581). */
  readonly seenAs?: SocketAddress | undefined;
  /** Requests have to come back over the flow (RFC 5626 4.3). */
  readonly outbound: boolean;
}

/** The URI that leads back to this side over a kind of flow. */
export function ownContact({ user, flow, secure, seenAs, outbound }: OwnContactParts): SipUri {
  const hostport = seenAs === undefined ? flow.sentBy : hostPort(seenAs.address, seenAs.port);
  const scheme = secure ? 'sips' : 'sip';
  const plain = SipUri.parse(`${scheme}:${hostport}`);
  const base = plain instanceof SipUri ? plain : SipUri.of({ scheme, host: flow.local.address, port: flow.local.port });
  const transport = transportParameter(flow.protocol, secure);
  const parameters: ParametersInit = Parameters.of({ transport, ob: outbound ? true : undefined });
  return base.with({ user: user.for(outbound), parameters });
}

/** UDP goes without saying, and so does TLS in a `sips:` URI (RFC 5630 3.1.4). */
function transportParameter(protocol: TransportProtocol, secure: boolean): string | undefined {
  switch (protocol) {
    case 'UDP':
      return undefined;
    case 'TCP':
      return 'tcp';
    case 'TLS':
      return secure ? undefined : 'tls';
    case 'WS':
    case 'WSS':
      return 'ws';
  }
}
