import { SipRequest } from '@switchhook/sip';
import type { SipResponse } from '@switchhook/sip';
import type { SaidMessage } from '../conversation/conversation.ts';

export interface Repetition {
  readonly said: SaidMessage;
  readonly first: SaidMessage;
  /** False for one that no rule of RFC 3261 asks for: other bytes, or a transport that loses nothing. */
  readonly isRegular: boolean;
}

/** Takes repetitions out (T21). What is left of a message is its first copy, with the time when any copy came first. */
export function withoutRepetitions(said: readonly SaidMessage[]): {
  readonly messages: readonly SaidMessage[];
  readonly repetitions: readonly Repetition[];
} {
  const kept: SaidMessage[] = [];
  const places = new Map<string, number>();
  const repetitions: Repetition[] = [];
  const overUdp = said.filter(({ protocol }) => protocol === 'UDP');
  for (const each of said) {
    const second = each.protocol === 'TCP' ? overUdp.find((other) => isSecondAttempt(other, each)) : undefined;
    if (second !== undefined) {
      repetitions.push({ said: each, first: second, isRegular: true });
      continue;
    }
    const key = each.message === undefined ? undefined : repetitionKey(each, each.message);
    const place = key === undefined ? undefined : places.get(key);
    const first = place === undefined ? undefined : kept[place];
    if (place === undefined || first === undefined) {
      if (key !== undefined) places.set(key, kept.length);
      kept.push(each);
      continue;
    }
    repetitions.push({ said: each, first, isRegular: isRegular(each, first) });
    const arrived = [first.arrived, each.arrived].filter((time) => time !== undefined);
    kept[place] = { ...first, arrived: arrived.length === 0 ? undefined : Math.min(...arrived) };
  }
  return { messages: kept, repetitions };
}

/**
 * Whether a request went over UDP after it was too long for that, and nobody took it over TCP (RFC 3261 18.1.1): another
 * transaction, for the transport that its Via names is another, and so may be what a proxy records as its route.
 */
function isSecondAttempt(said: SaidMessage, first: SaidMessage): boolean {
  return (
    said.message instanceof SipRequest &&
    first.message instanceof SipRequest &&
    said.from === first.from &&
    said.to === first.to &&
    said.time >= first.time &&
    contentOf(said.message) === contentOf(first.message)
  );
}

/** What a request asks of whom in which transaction of its sender, and where it came from to whoever sent it on. */
function contentOf(request: SipRequest): string {
  const { method, requestUriText, callId, cseqNumber, fromTag = '', toTag = '' } = request;
  const earlier = request.rawAll('Via').join(',').split(',').slice(1);
  return [method, requestUriText, callId, cseqNumber, fromTag, toTag, ...earlier, request.body].join('\n');
}

function repetitionKey({ from, to }: SaidMessage, message: SipRequest | SipResponse): string {
  const { cseqNumber, cseqMethod, callId } = message;
  const hop = `${from} ${to} ${callId} ${cseqNumber} ${cseqMethod}`;
  if (!(message instanceof SipRequest)) {
    return `${hop} ${message.status} ${branchOf(message)} ${message.toTag ?? ''} ${message.raw('RSeq') ?? ''}`;
  }
  // The ACK to a 2xx is repeated for every 2xx that comes again, by some under another branch.
  const isEndToEnd = message.method === 'ACK';
  return `${hop} ${isEndToEnd ? `${message.fromTag ?? ''} ${message.toTag ?? ''}` : branchOf(message)}`;
}

const branches = new WeakMap<SipRequest | SipResponse, string>();

/** The branch of the topmost Via, which is asked for again and again. */
export function branchOf(message: SipRequest | SipResponse): string {
  const known = branches.get(message);
  if (known !== undefined) return known;
  const branch = readBranch(message);
  branches.set(message, branch);
  return branch;
}

function readBranch(message: SipRequest | SipResponse): string {
  // To split a list takes longer than all else, and is of no use where nothing before the branch is quoted.
  const usual = /^\s*SIP\s*\/[^,"]*?;\s*branch\s*=\s*([^;,\s]+)/i.exec(message.raw('Via') ?? '')?.[1];
  return usual ?? /^\s*SIP\s*\/.*?;\s*branch\s*=\s*([^;,\s]+)/i.exec(message.rawAll('Via')[0] ?? '')?.[1] ?? '';
}

function isRegular(said: SaidMessage, first: SaidMessage): boolean {
  const { message } = said;
  if (message === undefined) return false;
  const isOfSuccess =
    message instanceof SipRequest
      ? message.method === 'ACK'
      : message.cseqMethod === 'INVITE' && message.status >= 200 && message.status < 300;
  if (said.protocol !== 'UDP' && !isOfSuccess) return false;
  // Whoever challenges keeps nothing of a request, and answers it once more with another nonce (RFC 3261 8.2.7).
  if ('status' in message && (message.status === 401 || message.status === 407)) return true;
  // The Via of a repeated ACK may differ, and a proxy may number what passes it; what it says may not.
  return said.text === first.text || (isOfSuccess && message.body === first.message?.body);
}
