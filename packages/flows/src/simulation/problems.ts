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
  const isCutOff = wasCutOff([...played.conversation.messages, ...(played.besides?.() ?? [])]);
  return [
    ...(error === undefined || isCutOff ? [] : [`not played to the end: ${error.message}`]),
    ...leftOvers.map((what) => `left over: ${what}`),
    ...(wrong === undefined || isCutOff ? wrongIn(script, played, false) : wrong),
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
/** Milliseconds from its first INVITE until it does; a response that comes later finds nobody. */
const patience = 32_000;
/** A 2xx is sent so often before its server gives up (RFC 3261 13.3.1.4). */
const attemptsOfSuccess = 11;

/** Whether the network let no answer through to a request, or no ACK to a 2xx, as often as it was sent. */
function wasCutOff(messages: readonly SaidMessage[]): boolean {
  const requests = new Map<string, number>();
  const begun = new Map<string, number>();
  const answered = new Set<string>();
  const successes = new Map<string, Success>();
  for (const { time, from, to, arrived, message } of messages) {
    if (message === undefined) continue;
    const transaction = `${branchOf(message)} ${message.cseqMethod}`;
    const exchange = `${message.callId} ${message.cseqNumber}`;
    if (message instanceof SipRequest) {
      const key = `${from} ${to} ${transaction}`;
      if (!begun.has(key)) begun.set(key, time);
      if (message.method !== 'ACK') count(requests, key);
      else successOf(successes, exchange).acknowledged(from, to, arrived !== undefined);
    } else {
      const key = `${to} ${from} ${transaction}`;
      if (arrived !== undefined && arrived - (begun.get(key) ?? arrived) < patience) answered.add(key);
      if (message.cseqMethod !== 'INVITE' || Math.floor(message.status / 100) !== 2) continue;
      successOf(successes, exchange).said(from, to, arrived !== undefined);
    }
  }
  return (
    [...requests].some(([key, times]) => times >= attempts && !answered.has(key)) ||
    [...successes.values()].some((success) => success.wasCutOff)
  );
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
  const known = successes.get(exchange);
  if (known !== undefined) return known;
  const success = new Success();
  successes.set(exchange, success);
  return success;
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
