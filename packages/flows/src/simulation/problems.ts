import { SipRequest } from '@switchhook/sip';
import { checkEnd } from '../checker/check.ts';
import { branchOf } from '../checker/repetitions.ts';
import type { Conversation } from '../conversation/conversation.ts';
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
  { conversation, later, error, leftOvers }: Played,
  { crash }: Pick<SimulationOptions, 'crash'> = {},
): readonly string[] {
  if (crash !== undefined) return leftOvers;
  const flow = findFlow(script.flow);
  const wrong =
    flow === undefined ? [] : checkEnd(flow, conversation, { isPlayedToItsEnd: error === undefined, later });
  return [
    // Whom no answer reaches in half a minute has to give up; that he does, and holds nothing any more, is right.
    ...(error === undefined || wasCutOff(conversation) ? [] : [`not played to the end: ${error.message}`]),
    ...leftOvers.map((what) => `left over: ${what}`),
    ...wrong.map(
      ({ message, rule, expected, found }) => `${message ?? ''} ${rule}: expected ${expected}; found ${found}`,
    ),
  ];
}

/** An INVITE is sent so often before its client gives up (RFC 3261 17.1.1.2: timers A and B). */
const attempts = 7;
/** Milliseconds from its first INVITE until it does; a response that comes later finds nobody. */
const patience = 32_000;
/** A 2xx is sent so often before its server gives up (RFC 3261 13.3.1.4). */
const successes = 11;

/** Whether the network let no answer through to a request, or no ACK to a 2xx, as often as it was sent. */
function wasCutOff({ messages }: Conversation): boolean {
  const requests = new Map<string, number>();
  const begun = new Map<string, number>();
  const answers = new Map<string, number>();
  const answered = new Set<string>();
  const received = new Set<string>();
  const acknowledged = new Map<string, boolean>();
  for (const { time, from, to, arrived, message } of messages) {
    if (message === undefined) continue;
    const transaction = `${branchOf(message)} ${message.cseqMethod}`;
    const exchange = `${message.callId} ${message.cseqNumber}`;
    if (message instanceof SipRequest) {
      const key = `${from} ${to} ${transaction}`;
      if (!begun.has(key)) begun.set(key, time);
      const place = `${to} ${exchange}`;
      if (message.method !== 'ACK') count(requests, key);
      else acknowledged.set(place, acknowledged.get(place) === true || arrived !== undefined);
    } else {
      const key = `${to} ${from} ${transaction}`;
      if (arrived !== undefined && arrived - (begun.get(key) ?? arrived) < patience) answered.add(key);
      if (message.cseqMethod !== 'INVITE' || Math.floor(message.status / 100) !== 2) continue;
      count(answers, `${from} ${exchange}`);
      if (arrived !== undefined) received.add(`${from} ${exchange}`);
    }
  }
  return (
    [...requests].some(([key, times]) => times >= attempts && !answered.has(key)) ||
    [...answers].some(([key, times]) => {
      if (times < successes) return false;
      // Who got the 2xx and said nothing to it has nobody to blame.
      return acknowledged.has(key) ? acknowledged.get(key) === false : !received.has(key);
    })
  );
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
