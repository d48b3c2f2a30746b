import type { Flow } from '@switchhook/sip';
import type { TestHouse, TestPhone } from './phone.testing.ts';

/** What a message of the peer's has, whatever a message should have. */
interface Content {
  /** Of the peer. */
  readonly tag: string;
  readonly contact: string | undefined;
  readonly type: string;
  readonly body: string | undefined;
  readonly extras: readonly (readonly [string, string])[];
}

export interface HostileResponse extends Content {
  readonly status: number;
  /** The method of the request that it answers, the latest of them; `any`: the latest of all. */
  readonly to: string;
}

export interface HostileRequest extends Content {
  readonly method: string;
  readonly sequence: number;
  /** Of the call there is, else of one of its own. */
  readonly isWithin: boolean;
  /** The method whose dialog it is of; without it, of what was heard last. */
  readonly of?: string;
  /** Of the transaction of the peer's latest INVITE: its CANCEL, the ACK of its refusal, or it once more. */
  readonly isOfInvite?: boolean;
}

/** A far end of a phone's calls that says what a test has it say, as text: it keeps to no rule. */
export class HostilePeer {
  readonly address = '192.0.2.66';
  readonly #heard: string[] = [];
  readonly #flow: (address: string) => Flow;
  #messages = 0;
  #invite: { readonly branch: string; readonly callId: string } | undefined;

  constructor(house: TestHouse) {
    const transport = house.network.host('m', [this.address]).transport('UDP');
    void transport.start({
      nextFlowId: () => (this.#messages += 1),
      message: (text) => {
        this.#heard.push(text);
      },
      broken: () => undefined,
    });
    this.#flow = (address) => transport.connect({ protocol: 'UDP', address, port: 5_060 });
  }

  respond({ status, to, ...content }: HostileResponse): void {
    const request = this.#heard.findLast((text) => (to === 'any' ? !text.startsWith('SIP/2.0') : text.startsWith(to)));
    if (request === undefined) return;
    const copied = /^(Via|From|Call-ID|CSeq): .*\r\n/gm;
    const lines = [...request.matchAll(copied)].map(([line]) => line);
    const toLine = field(request, 'To');
    const tagged = toLine.includes(';tag=') || content.tag === '' ? toLine : `${toLine};tag=${content.tag}`;
    this.#say(`SIP/2.0 ${String(status)} So\r\n${lines.join('')}To: ${tagged}\r\n`, content);
  }

  request(
    { method, sequence, isWithin, of = '', isOfInvite = false, ...content }: HostileRequest,
    phone: TestPhone,
  ): void {
    this.#messages += 1;
    const dialog = isWithin ? this.#heard.findLast((text) => text.startsWith(of) && text.includes('tag=')) : undefined;
    const isOwn = dialog !== undefined && field(dialog, 'From').includes(`@${this.address}`);
    const tag = content.tag === '' ? '' : `;tag=${content.tag}`;
    const far = dialog === undefined ? `<${phone.uri}>` : field(dialog, isOwn ? 'To' : 'From');
    const own = {
      branch: `z9hG4bK${String(this.#messages)}`,
      callId: dialog === undefined ? `hostile-${String(this.#messages)}` : field(dialog, 'Call-ID'),
    };
    const { branch, callId } = (isOfInvite ? this.#invite : undefined) ?? own;
    if (method === 'INVITE') this.#invite = { branch, callId };
    const lines = [
      `${method} ${phone.uri} SIP/2.0`,
      `Via: SIP/2.0/UDP ${this.address}:5060;branch=${branch}`,
      'Max-Forwards: 70',
      `From: <sip:m@${this.address}>${tag}`,
      `To: ${far}`,
      `Call-ID: ${callId}`,
      `CSeq: ${String(sequence)} ${method}`,
    ];
    this.#say(`${lines.join('\r\n')}\r\n`, content);
  }

  /** The status that the latest request of a method was answered with. */
  statusOf(method: string): number | undefined {
    const answer = this.#heard.findLast(
      (text) => text.startsWith('SIP/2.0') && field(text, 'CSeq').endsWith(` ${method}`),
    );
    return answer === undefined ? undefined : Number(answer.slice(8, 11));
  }

  /** What a header field of the latest answer says. */
  answer(name: string): string | undefined {
    const text = field(this.#heard.findLast((heard) => heard.startsWith('SIP/2.0')) ?? '', name);
    return text === '' ? undefined : text;
  }

  #say(head: string, { contact, type, body = '', extras }: Content): void {
    const fields = [
      ...(contact === undefined ? [] : [['Contact', contact] as const]),
      ...extras,
      ...(body === '' || type === '' ? [] : [['Content-Type', type] as const]),
    ].map(([name, value]) => `${name}: ${value}\r\n`);
    this.#flow('192.0.2.1').send(`${head}${fields.join('')}Content-Length: ${String(body.length)}\r\n\r\n${body}`);
  }
}

function field(text: string, name: string): string {
  return new RegExp(`^${name}: (.*)\\r$`, 'm').exec(text)?.[1] ?? '';
}
