import { SipRequest } from '@switchhook/sip';
import { checkEnd } from '../checker/check.ts';
import { branchOf } from '../checker/repetitions.ts';
import type { SaidMessage } from '../conversation/conversation.ts';
import type { FlowScript } from '../flow/flow-script.ts';
import { findFlow } from '../oracle/oracle.ts';
import type { Played } from '../stage/played.ts';
import type { SimulationOptions } from './simulation-options.ts';

/**
 * What must not be, however bad the network is. Where somebody crashes the flow need not come to its end, and what is left is all
 * that counts.
 */
export function problemsOf(
  script: FlowScript,
  played: Played,
  { crash }: Pick<SimulationOptions, 'crash'> = {},
): readonly string[] {
  const { error, leftOvers } = played;
  if (crash !== undefined) return leftOvers;
  const wrong = error === undefined ? wrongIn(script, played, true) : undefined;
  if (wrong?.length === 0 && leftOvers.length === 0) return [];
  // Whom no answer reaches in half a minute has to give up; that he does, and holds nothing any more, is right.
  const cut = cutIn([...played.conversation.messages, ...(played.besides?.() ?? [])]);
  const left = leftOvers.map((what) => `left over: ${what}`);
  // The call that is answered then is one that nobody wants: whoever made it has to end it at once, whatever the flow says.
  if (cut === 'INVITE kept') return left;
  return [
    ...(error === undefined || cut !== 'none' ? [] : [`not played to the end: ${error.message}`]),
    ...left,
    ...(wrong === undefined || cut !== 'none' ? wrongIn(script, played, false) : wrong),
  ];
}

function wrongIn(script: FlowScript, { conversation, later }: Played, isPlayedToItsEnd: boolean): readonly string[] {
  const flow = findFlow(script.flow);
  if (flow === undefined) return [];
  return checkEnd(flow, conversation, { isPlayedToItsEnd, later }).map(
    ({ message, rule, expected, found }) => `${message ?? ''} ${rule}: expected ${expected}; found ${found}`,
  );
}

/** An INVITE is sent so often before its client gives up (RFC 3261 17.1.1.2: timers A and B). */
const attempts = 7;
/**
 * Milliseconds from a request until nobody may wait for its answer any more: a client does for 32 s (RFC 3261 17.1.1.2), the servers for
 * music and parking for whom they take over half a minute.
 */
const patience = 30_000;
/** A 2xx is sent so often before its server gives up (RFC 3261 13.3.1.4). */
const attemptsOfSuccess = 11;

/**
 * Whether the network let no answer through to a request as often as it was sent, or no ACK to a 2xx; or kept an INVITE or its
 * answers in a connection until nobody waited for it any more.
 */
function cutIn(messages: readonly SaidMessage[]): 'none' | 'cut off' | 'INVITE kept' {
  const requests = new Map<string, HopRequest>();
  const successes = new Map<string, Success>();
  for (const { time, from, to, arrived, message } of messages) {
    if (message === undefined) continue;
    const transaction = `${branchOf(message)} ${message.cseqMethod}`;
    // Both sides of a dialog count their own requests (RFC 3261 12.2.1.1).
    const exchange = `${message.callId} ${message.fromTag ?? ''} ${message.cseqNumber}`;
    if (message instanceof SipRequest) {
      const key = `${from} ${to} ${transaction}`;
      if (message.method === 'ACK') successOf(successes, exchange).acknowledged(from, to, arrived !== undefined);
      else valueOf(requests, key, () => new HopRequest(message.method, time)).said(arrived);
    } else {
      requests.get(`${to} ${from} ${transaction}`)?.answered(time, arrived);
      if (message.cseqMethod !== 'INVITE' || Math.floor(message.status / 100) !== 2) continue;
      successOf(successes, exchange).said(from, to, arrived !== undefined);
    }
  }
  if ([...requests.values()].some(({ isKeptInvite }) => isKeptInvite)) return 'INVITE kept';
  return [...requests.values(), ...successes.values()].some(({ wasCutOff }) => wasCutOff) ? 'cut off' : 'none';
}

/** A request on one hop, and its answers. */
class HopRequest {
  readonly #method: string;
  readonly #begun: number;
  #times = 0;
  #arrived: number | undefined = undefined;
  #isAnswered = false;
  #wasKept = false;

  constructor(method: string, begun: number) {
    this.#method = method;
    this.#begun = begun;
  }

  said(arrived: number | undefined): void {
    this.#times += 1;
    if (arrived === undefined || this.#arrived !== undefined) return;
    this.#arrived = arrived;
    if (arrived - this.#begun >= patience) this.#wasKept = true;
  }

  answered(time: number, arrived: number | undefined): void {
    if (arrived === undefined || this.#arrived === undefined) return;
    if (arrived - this.#begun < patience) this.#isAnswered = true;
    // Whoever gave the answer was not the one who took so long.
    else if (time - this.#arrived < arrived - time) this.#wasKept = true;
  }

  get isKeptInvite(): boolean {
    return this.#method === 'INVITE' && this.#wasKept && !this.#isAnswered;
  }

  get wasCutOff(): boolean {
    return this.#times >= attempts && !this.#isAnswered;
  }
}

/** The 2xx to an INVITE and the ACK to it, at all who had a part in them. */
class Success {
  readonly #times = new Map<string, number>();
  readonly #received = new Set<string>();
  readonly #acknowledged = new Set<string>();
  readonly #reached = new Set<string>();

  said(from: string, to: string, hasArrived: boolean): void {
    count(this.#times, from);
    if (hasArrived) this.#received.add(to);
  }

  acknowledged(from: string, to: string, hasArrived: boolean): void {
    this.#acknowledged.add(from);
    if (hasArrived) this.#reached.add(to);
  }

  /**
   * Somebody said it as often as one does and no ACK reached him, though all whom it reached sent it on or acknowledged it, and all
   * whom an ACK reached sent that on. Who got one and said nothing to it has nobody to blame but himself.
   */
  get wasCutOff(): boolean {
    const isSilent = (name: string): boolean => !this.#times.has(name) && !this.#acknowledged.has(name);
    const isKept = (name: string): boolean => this.#received.has(name) && !this.#acknowledged.has(name);
    return (
      [...this.#times].some(([name, times]) => times >= attemptsOfSuccess && !this.#reached.has(name)) &&
      ![...this.#received].some(isSilent) &&
      ![...this.#reached].some(isKept)
    );
  }
}

function successOf(successes: Map<string, Success>, exchange: string): Success {
  return valueOf(successes, exchange, () => new Success());
}

function valueOf<Value>(values: Map<string, Value>, key: string, make: () => Value): Value {
  const known = values.get(key);
  if (known !== undefined) return known;
  const value = make();
  values.set(key, value);
  return value;
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
