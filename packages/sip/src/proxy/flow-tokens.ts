import type { SipContext } from '../context.ts';
import type { Flow } from '../transport/contract.ts';
import type { ProxyTransports } from './layers.ts';

/** Between the parts of a token: allowed in the user part of a URI, and not in an address or a number. */
const SEPARATOR = '!';
/** 96 bits of the HMAC, in hexadecimal. */
const AUTHENTICATOR_LENGTH = 24;

/**
 * Flow tokens (RFC 5626 5.2): a name of a flow that the far end can carry in a Route header field and nobody can forge.
 * The token of a connection names it within this process; that of a pair of UDP addresses spells the far address
 * out, and so survives a restart when the secret does.
 */
export class FlowTokens {
  readonly #context: SipContext;
  readonly #transports: ProxyTransports;
  readonly #secret: string;
  readonly #process: string;
  readonly #tokens = new Map<Flow, string>();
  readonly #flows = new Map<string, Flow>();

  constructor(context: SipContext, transports: ProxyTransports, secret: string) {
    this.#context = context;
    this.#transports = transports;
    this.#secret = secret;
    this.#process = context.random.token();
  }

  /** Flows that have a token and stand. */
  get size(): number {
    return this.#tokens.size;
  }

  tokenFor(flow: Flow): string {
    const known = this.#tokens.get(flow);
    if (known !== undefined) return known;
    const { remote } = flow;
    const name = flow.reliable
      ? ['c', this.#process, flow.id.toString(36)].join(SEPARATOR)
      : ['u', remote.address.replaceAll(':', '_'), String(remote.port)].join(SEPARATOR);
    const token = name + SEPARATOR + this.#authenticator(name);
    if (flow.closed) return token;
    this.#tokens.set(flow, token);
    this.#flows.set(token, flow);
    flow.onClose(() => {
      this.#tokens.delete(flow);
      if (this.#flows.get(token) === flow) this.#flows.delete(token);
    });
    return token;
  }

  /** The flow of a token: `forged` when this proxy never made it (403), `gone` when the flow has ended (430). */
  find(token: string): Flow | 'forged' | 'gone' {
    const known = this.#flows.get(token);
    if (known !== undefined) return known;
    const end = token.lastIndexOf(SEPARATOR);
    const name = token.slice(0, Math.max(end, 0));
    const [kind, address = '', port] = name.split(SEPARATOR);
    // A connection of an earlier process may have been named under another secret; either way it is no more.
    if (kind === 'c' && address !== this.#process) return 'gone';
    if (end < 0 || token.slice(end + 1) !== this.#authenticator(name)) return 'forged';
    if (kind !== 'u') return 'gone';
    const flow = this.#transports.flowTo({
      protocol: 'UDP',
      address: address.replaceAll('_', ':'),
      port: Number(port),
    });
    return 'send' in flow ? flow : 'gone';
  }

  #authenticator(name: string): string {
    return this.#context.hashes.hmac(this.#secret, `flow ${name}`).slice(0, AUTHENTICATOR_LENGTH);
  }
}
