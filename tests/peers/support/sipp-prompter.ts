import { createHash } from 'node:crypto';
import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { once } from 'node:events';

/** Something that was told: a step of the flow, or a word that one call of a device has for its others. */
interface Prompt {
  readonly name: string;
  readonly fields: readonly string[];
}

/** A call of a SIPp. */
interface PromptedCall {
  /** How much of what was told it has passed. */
  from: number;
  /** What it waits for: methods, statuses, or names of prompts. */
  waitsFor: readonly string[];
  /** What came for it that it has not asked for yet. */
  readonly arrived: string[];
  /** All that came for it. */
  readonly seen: Set<string>;
}

interface Credentials {
  readonly user: string;
  readonly password: string;
}

const hash = (...parts: readonly string[]): string => createHash('md5').update(parts.join(':')).digest('hex');

/** Credentials for a challenge (RFC 7616 with MD5): those that SIPp makes are for one URI (`-auth_uri`) as long as it runs. */
function sign(challenge: string, method: string, uri: string, { user, password }: Credentials): string {
  const parameter = (name: string): string => new RegExp(`\\b${name}="([^"]*)"`).exec(challenge)?.[1] ?? '';
  const [realm, nonce] = [parameter('realm'), parameter('nonce')];
  const response = hash(hash(user, realm, password), nonce, '00000001', 'sipp', 'auth', hash(method, uri));
  const quoted = { username: user, realm, nonce, uri, cnonce: 'sipp', response };
  const parameters = Object.entries(quoted).map(([name, value]) => `${name}="${value}"`);
  return `Digest ${[...parameters, 'algorithm=MD5', 'qop=auth', 'nc=00000001'].join(', ')}`;
}

/** The method of a request, the status of a response. */
function kindOf(text: string): string {
  const [first = '', second = ''] = text.split(' ', 2);
  return first === 'SIP/2.0' ? second : first;
}

function fieldOf(text: string, name: string): string {
  return new RegExp(`^${name}: *(.*?)\\r?$`, 'im').exec(text)?.[1] ?? '';
}

/** The Call-ID that a call of SIPp's goes by: it does not look at what stands before `///`. */
function callIdOf(text: string): string {
  const id = fieldOf(text, 'Call-ID');
  return id.slice(id.lastIndexOf('/') + 1);
}

async function opened(port: number): Promise<Socket> {
  const socket = createSocket('udp4');
  const listening = once(socket, 'listening');
  socket.bind(port, '127.0.0.1');
  await listening;
  return socket;
}

/**
 * Stands between a SIPp and the others. SIPp takes a message only where its scenario waits for it, and drops it or answers it by
 * itself when it is a step behind; so it hears nothing that it has not asked for. What begins a call comes to it as it arrives. From
 * then on the call says what it waits for (`WAIT`), and gets the first such thing that came or comes: a message of somebody's, or a
 * step of the flow as a request whose method is the step's name. What a call `TELL`s goes to the others in the same way. What it says to
 * others leaves from here.
 */
export class SippPrompter {
  /** Where the others reach the SIPp. */
  readonly #outside: Socket;
  /** Where it reaches them. */
  readonly #inside: Socket;
  readonly #device: number;
  readonly #begins: ReadonlySet<string>;
  readonly #credentials: Credentials;
  readonly #told: Prompt[] = [];
  readonly #calls = new Map<string, PromptedCall>();
  #messages = 0;

  private constructor(
    [outside, inside]: readonly [Socket, Socket],
    device: number,
    begins: ReadonlySet<string>,
    credentials: Credentials,
  ) {
    this.#outside = outside;
    this.#inside = inside;
    this.#device = device;
    this.#begins = begins;
    this.#credentials = credentials;
    outside.on('message', (data) => this.#arrive(data.toString('latin1')));
    inside.on('message', (data) => this.#hear(data.toString('latin1')));
  }

  /** For a SIPp at a port of this machine, whom others reach at another one. `begins`: requests that begin calls of its scenario. */
  static async open(
    reachedAt: number,
    device: number,
    begins: ReadonlySet<string>,
    credentials: Credentials,
  ): Promise<SippPrompter> {
    return new SippPrompter([await opened(reachedAt), await opened(0)], device, begins, credentials);
  }

  /** Where SIPp says everything. */
  get port(): number {
    return this.#inside.address().port;
  }

  tell(name: string, fields: readonly string[]): void {
    if (this.#begins.has(name.toUpperCase())) this.#send(name, fields, `${name}-${this.#told.length}@prompter`);
    this.#told.push({ name, fields });
    for (const [id, call] of this.#calls) this.#prompt(id, call);
  }

  /** Waits until the SIPp is there, and answers whoever asks (`-aa`). */
  async answered(): Promise<void> {
    const again = setInterval(() => this.#send('OPTIONS', [], `is-there-${this.#messages}@prompter`), 50);
    try {
      await once(this.#inside, 'message', { signal: AbortSignal.timeout(20_000) });
    } finally {
      clearInterval(again);
    }
  }

  close(): void {
    this.#outside.close();
    this.#inside.close();
  }

  /** Something of somebody else's. */
  #arrive(text: string): void {
    const id = callIdOf(text);
    const isNew = !this.#calls.has(id);
    const call = this.#callOf(id);
    // Nothing is lost on the way, so what comes again is answered or waits for its answer.
    if (call.seen.has(text)) return;
    call.seen.add(text);
    if (isNew) this.#pass(text);
    else {
      call.arrived.push(text);
      this.#prompt(id, call);
    }
  }

  /** Something of the SIPp's. */
  #hear(text: string): void {
    const id = callIdOf(text);
    const [, method, name = ''] = /^(WAIT|SIGN|TELL) sip:([^@]*)@/.exec(text) ?? [];
    const call = this.#callOf(id);
    if (method === 'WAIT') {
      call.waitsFor = name.split(',');
      this.#prompt(id, call);
    } else if (method === 'SIGN') {
      const [challenge, signed, uri] = ['Challenge', 'Method', 'Uri'].map((field) => fieldOf(text, field));
      const credentials = sign(challenge ?? '', signed ?? '', uri ?? '', this.#credentials);
      this.#send('signed', [`Credentials: ${credentials}`], id);
    } else if (method === 'TELL') {
      const [, , ...fields] = text.split(/\r?\n/).filter((line) => line !== '');
      this.tell(name, fields);
      call.from = this.#told.length;
    } else {
      this.#sendOn(text);
    }
  }

  /** A response goes where its topmost Via says (RFC 3261 18.2.2), a request where the scenario has it go. */
  #sendOn(text: string): void {
    const place = /^(?:SIP\/2\.0 [^]*?^Via: SIP\/2\.0\/UDP |[^]*?^Goes-To: )([^:;\s]+):(\d+)/m.exec(text);
    const [, host, port] = place ?? [];
    if (host === '127.0.0.1' && Number(port) === this.port) return;
    const message = text.replace(/^Goes-To:.*\r?\n/m, '');
    if (place !== null) this.#outside.send(Buffer.from(message, 'latin1'), Number(port), host);
  }

  #callOf(id: string): PromptedCall {
    const call = this.#calls.get(id) ?? { from: 0, waitsFor: [], arrived: [], seen: new Set() };
    this.#calls.set(id, call);
    return call;
  }

  /** Gives a call what it waits for, if that came or was told. */
  #prompt(id: string, call: PromptedCall): void {
    const arrived = call.arrived.findIndex((text) => call.waitsFor.includes(kindOf(text)));
    const told = this.#told.findIndex(({ name }, place) => place >= call.from && call.waitsFor.includes(name));
    const [message, prompt] = [call.arrived[arrived], this.#told[told]];
    if (message !== undefined) {
      call.arrived.splice(arrived, 1);
      call.waitsFor = [];
      this.#pass(message);
    } else if (prompt !== undefined) {
      call.from = told + 1;
      call.waitsFor = [];
      this.#send(prompt.name, prompt.fields, id);
    }
  }

  #send(name: string, fields: readonly string[], id: string): void {
    this.#messages += 1;
    const method = name.toUpperCase();
    const lines = [
      `${method} sip:sipp@127.0.0.1:${this.#device} SIP/2.0`,
      `Via: SIP/2.0/UDP 127.0.0.1:${this.port};branch=z9hG4bK${this.#messages}`,
      `From: <sip:prompter@127.0.0.1>;tag=1`,
      'To: <sip:sipp@127.0.0.1>',
      `Call-ID: ${id}`,
      `CSeq: ${this.#messages} ${method}`,
      ...fields,
      'Content-Length: 0',
    ];
    this.#pass([...lines, '', ''].join('\r\n'));
  }

  #pass(text: string): void {
    this.#inside.send(Buffer.from(text, 'latin1'), this.#device, '127.0.0.1');
  }
}
