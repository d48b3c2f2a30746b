import { passwordOf } from '../../peers/support/exchange-process.ts';
import { DatagramPeer } from './peers.testing.ts';
import {
  branchOf,
  challengeOf,
  digestAnswer,
  headerOf,
  headersOf,
  methodOf,
  requestText,
  responseText,
  statusOf,
  token,
  uriIn,
} from './sip-text.testing.ts';
import type { RequestParts } from './sip-text.testing.ts';

/** A subscriber with a UDP phone, made of nothing but text. */
export class TextPhone {
  readonly peer: DatagramPeer;
  readonly user: string;
  /** Where it says that it is. */
  readonly contact: string;
  readonly #domain = '127.0.0.1';
  #cseq = 0;

  private constructor(peer: DatagramPeer, user: string, contact = `sip:${user}@${peer.address}:${peer.port}`) {
    this.peer = peer;
    this.user = user;
    this.contact = contact;
  }

  static async open(exchangePort: number, user: string, address?: string, contact?: string): Promise<TextPhone> {
    return new TextPhone(await DatagramPeer.open(exchangePort, address), user, contact);
  }

  get uri(): string {
    return `sip:${this.user}@${this.#domain}`;
  }

  /** A request outside any dialog, as this subscriber; a challenge is answered. */
  async ask(parts: Omit<RequestParts, 'from'>, password = passwordOf(this.user)): Promise<string> {
    const call = { callId: token(), fromTag: token(), ...parts, from: this.uri, sentBy: this.#sentBy };
    this.#cseq += 1;
    const first = await this.peer.ask(requestText({ ...call, cseq: this.#cseq }));
    const status = statusOf(first);
    if (status !== 401 && status !== 407) return first;
    if (parts.method === 'INVITE') this.#acknowledge(first, parts.uri);
    const { method, uri } = parts;
    const answer = digestAnswer({ username: this.user, password, method, uri, challenge: challengeOf(first) });
    const field = status === 401 ? 'Authorization' : 'Proxy-Authorization';
    this.#cseq += 1;
    return this.peer.ask(
      requestText({ ...call, cseq: this.#cseq, headers: [...(parts.headers ?? []), `${field}: ${answer}`] }),
    );
  }

  async register(headers: readonly string[] = [`Contact: <${this.contact}>`, 'Expires: 600']): Promise<string> {
    return this.ask({ method: 'REGISTER', uri: `sip:${this.#domain}`, to: `<${this.uri}>`, headers });
  }

  /** Answers every request with 200, as a phone that always picks up. Returns what it has got so far. */
  answerEverything(): void {
    const answered = new Set<string>();
    const look = (text: string): boolean => {
      const method = methodOf(text);
      if (method === '' || method === 'ACK' || answered.has(branchOf(text))) return false;
      answered.add(branchOf(text));
      this.peer.send(responseText(text, 200, `${this.user}-tag`, [`Contact: <${this.contact}>`]));
      return false;
    };
    const put = this.peer.inbox.put.bind(this.peer.inbox);
    this.peer.inbox.put = (text) => {
      put(text);
      look(text);
    };
  }

  /** A whole call: INVITE, ACK, re-INVITE, ACK, BYE. Answers with the statuses. */
  async call(uri: string): Promise<number[]> {
    const contact = [`Contact: <${this.contact}>`];
    const answer = await this.ask({ method: 'INVITE', uri, headers: contact });
    this.#acknowledge(answer, uri);
    if (statusOf(answer) !== 200) return [statusOf(answer)];
    const again = await this.within(answer, 'INVITE', contact);
    this.#acknowledge(again, uri);
    const bye = await this.within(answer, 'BYE');
    return [answer, again, bye].map(statusOf);
  }

  /** A request within the dialog that a 2xx made. */
  async within(answer: string, method: string, headers: readonly string[] = []): Promise<string> {
    this.#cseq += 1;
    return this.peer.ask(this.inDialog(answer, method, this.#cseq, headers));
  }

  /** The text of a request within the dialog that a 2xx made. */
  inDialog(answer: string, method: string, cseq: number, headers: readonly string[] = []): string {
    return requestText({
      method,
      uri: uriIn(headerOf(answer, 'Contact')),
      from: uriIn(headerOf(answer, 'From')),
      fromTag: /tag=([^;]+)/.exec(headerOf(answer, 'From'))?.[1] ?? '',
      to: headerOf(answer, 'To'),
      callId: headerOf(answer, 'Call-ID'),
      cseq,
      sentBy: this.#sentBy,
      headers: [
        ...headersOf(answer, 'Record-Route')
          .flatMap((value) => value.split(/,\s*/))
          .toReversed()
          .map((value) => `Route: ${value}`),
        ...headers,
      ],
    });
  }

  close(): void {
    this.peer.close();
  }

  /** ACK: of a failure with the branch of the INVITE, of a 2xx along the route. */
  #acknowledge(answer: string, uri: string): void {
    const cseq = Number.parseInt(headerOf(answer, 'CSeq'), 10);
    if (statusOf(answer) < 300) this.peer.send(this.inDialog(answer, 'ACK', cseq));
    else {
      const from = headerOf(answer, 'From');
      this.peer.send(
        requestText({
          method: 'ACK',
          uri,
          via: headerOf(answer, 'Via'),
          from: uriIn(from),
          fromTag: /tag=([^;]+)/.exec(from)?.[1] ?? '',
          to: headerOf(answer, 'To'),
          callId: headerOf(answer, 'Call-ID'),
          cseq,
        }),
      );
    }
  }

  get #sentBy(): string {
    return `${this.peer.address}:${this.peer.port}`;
  }
}

/** Alice, and Bob, who is registered and takes whatever comes. */
export async function openAliceAndBob(exchangePort: number): Promise<{ alice: TextPhone; bob: TextPhone }> {
  const [alice, bob] = await Promise.all([TextPhone.open(exchangePort, 'alice'), TextPhone.open(exchangePort, 'bob')]);
  bob.answerEverything();
  const answer = await bob.register();
  if (statusOf(answer) !== 200) throw new Error(`bob is not registered: ${answer}`);
  return { alice, bob };
}
