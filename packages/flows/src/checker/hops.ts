import { SipRequest, SipResponse } from '@switchhook/sip';
import type { SaidMessage } from '../conversation/conversation.ts';
import { branchOf } from './repetitions.ts';

export interface SaidRequest extends SaidMessage {
  readonly message: SipRequest;
}

export interface SaidResponse extends SaidMessage {
  readonly message: SipResponse;
}

export function isRequest(said: SaidMessage): said is SaidRequest {
  return said.message instanceof SipRequest;
}

export function isResponse(said: SaidMessage): said is SaidResponse {
  return said.message instanceof SipResponse;
}

/** Which response answers which request of its hop, as its receiver would tell (RFC 3261 17.1.3), or else as well as can be. */
export class Hops {
  readonly #requests = new Map<SaidResponse, SaidRequest>();
  readonly #responses = new Map<SaidRequest, SaidResponse[]>();

  constructor(messages: readonly SaidMessage[]) {
    const requests = messages.filter(isRequest).filter(({ message }) => message.method !== 'ACK');
    for (const response of messages.filter(isResponse)) {
      const request = requestOf(response, requests);
      if (request === undefined) continue;
      this.#requests.set(response, request);
      const others = this.#responses.get(request);
      if (others === undefined) this.#responses.set(request, [response]);
      else others.push(response);
    }
  }

  requestOf(response: SaidResponse): SaidRequest | undefined {
    return this.#requests.get(response);
  }

  responsesTo(request: SaidRequest): readonly SaidResponse[] {
    return this.#responses.get(request) ?? [];
  }

  finalTo(request: SaidRequest): SaidResponse | undefined {
    return this.responsesTo(request).find(({ message }) => message.status >= 200);
  }
}

function requestOf(response: SaidResponse, requests: readonly SaidRequest[]): SaidRequest | undefined {
  const { message, from, to, time } = response;
  const hop = requests.filter(
    (each) =>
      each.from === to &&
      each.to === from &&
      // One that does not say what it answers is still known by its branch.
      ['', each.message.method].includes(message.cseqMethod) &&
      each.time <= time,
  );
  return (
    hop.findLast((each) => branchOf(each.message) === branchOf(message)) ??
    hop.findLast((each) => each.message.callId === message.callId && each.message.cseqNumber === message.cseqNumber) ??
    undefined
  );
}
