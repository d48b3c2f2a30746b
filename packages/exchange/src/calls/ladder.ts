import { drawLadder, ladderLabelWidth } from '@switchhook/node';
import type { TransportProtocol } from '@switchhook/sip';

/** One message on its way in or out, as much of it as a ladder shows. */
export interface LadderMessage {
  /** Milliseconds since 1970. */
  readonly time: number;
  /** True when the exchange received it. */
  readonly incoming: boolean;
  readonly protocol: TransportProtocol;
  /** `address:port` of the far end. */
  readonly remote: string;
  /** `INVITE`, or `180 Ringing`. */
  readonly summary: string;
  readonly cseqMethod: string;
  readonly callId: string;
  /** Who the far end is taken to be when this is its first message: a user part. */
  readonly party: string;
}

/**
 * Draws messages as a text ladder: the exchange in the first column's right neighbour, every far end in a column of
 * its own, in the order of appearance (the caller to the left of the exchange, the called to its right).
 */
export function drawCall(messages: readonly LadderMessage[]): string {
  const first = messages[0];
  if (first === undefined) return '';
  const parties = partiesOf(messages);
  const [caller, ...others] = [...parties.keys()];
  const columns = [caller ?? '', 'exchange', ...others];
  const exchange = 1;
  return drawLadder(
    columns.map((key) => ({ title: parties.get(key) ?? key, subtitle: key === 'exchange' ? '' : key })),
    messages.map((message) => {
      const column = columns.indexOf(partyKey(message));
      const [from, to] = message.incoming ? [column, exchange] : [exchange, column];
      const margin = ((message.time - first.time) / 1_000).toFixed(3);
      return { margin, from, to, label: label(message), kind: 'message' };
    }),
  );
}

function partyKey(message: LadderMessage): string {
  return `${message.protocol} ${message.remote}`;
}

function partiesOf(messages: readonly LadderMessage[]): Map<string, string> {
  const parties = new Map<string, string>();
  for (const message of messages) {
    const key = partyKey(message);
    if (!parties.has(key)) parties.set(key, message.party);
  }
  return parties;
}

/** A reason phrase that is too long for the arrow ends in an ellipsis: the method that follows tells more. */
function label({ summary, cseqMethod }: LadderMessage): string {
  if (!/^\d/.test(summary)) return summary;
  const method = `(${cseqMethod})`;
  const room = ladderLabelWidth - method.length - 1;
  return `${summary.length > room ? `${summary.slice(0, room - 1)}…` : summary} ${method}`;
}
