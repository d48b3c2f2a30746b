import { createHash } from 'node:crypto';
import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { once } from 'node:events';

/** Something that was told: a step of the flow, or a word that one call of a device has for its others. */
interface Prompt {
  readonly name: string;
  readonly fields: readonly string[];
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

/**
 * Tells a SIPp what to do in the middle of a call: what is told comes to it as a request whose method is the step's name. A call that
 * waits for one says so (`WAIT`), by which its Call-ID is known here; what was told before it asked, it gets then. What a call `TELL`s
 * goes to the others in the same way.
 */
export class SippPrompter {
  readonly #socket: Socket;
  readonly #device: number;
  readonly #begins: ReadonlySet<string>;
  readonly #credentials: Credentials;
  readonly #told: Prompt[] = [];
  /** By Call-ID, how much of what was told a call has passed, and what it waits for. */
  readonly #heard = new Map<string, { from: number; waitsFor: string | undefined }>();
  #messages = 0;

  private constructor(socket: Socket, device: number, begins: ReadonlySet<string>, credentials: Credentials) {
    this.#socket = socket;
    this.#device = device;
    this.#begins = begins;
    this.#credentials = credentials;
    socket.on('message', (data) => this.#receive(data.toString('latin1')));
  }

  /** For a SIPp at a port of this machine. `begins`: requests that begin calls of its scenario. */
  static async open(device: number, begins: ReadonlySet<string>, credentials: Credentials): Promise<SippPrompter> {
    const socket = createSocket('udp4');
    const listening = once(socket, 'listening');
    socket.bind(0, '127.0.0.1');
    await listening;
    return new SippPrompter(socket, device, begins, credentials);
  }

  get port(): number {
    return this.#socket.address().port;
  }

  tell(name: string, fields: readonly string[]): void {
    if (this.#begins.has(name.toUpperCase())) this.#send(name, fields, `${name}-${this.#told.length}@prompter`);
    this.#told.push({ name, fields });
    for (const [id, call] of this.#heard) this.#prompt(id, call);
  }

  /** Waits until the SIPp is there, and answers whoever asks (`-aa`). */
  async answered(): Promise<void> {
    const again = setInterval(() => this.#send('OPTIONS', [], `is-there-${this.#messages}@prompter`), 50);
    try {
      await once(this.#socket, 'message', { signal: AbortSignal.timeout(20_000) });
    } finally {
      clearInterval(again);
    }
  }

  close(): void {
    this.#socket.close();
  }

  #receive(text: string): void {
    const [line = '', ...fields] = text.split(/\r?\n/).filter((each) => each !== '');
    const [, method, name = ''] = /^([A-Z]+) sip:([^@]*)@/.exec(line) ?? [];
    const value = (field: string): string =>
      fields.find((each) => each.startsWith(`${field}: `))?.slice(field.length + 2) ?? '';
    const id = value('Call-ID');
    const call = this.#heard.get(id) ?? { from: 0, waitsFor: undefined };
    this.#heard.set(id, call);
    if (method === 'WAIT') {
      call.waitsFor = name;
      this.#prompt(id, call);
    } else if (method === 'SIGN') {
      const credentials = sign(value('Challenge'), value('Method'), value('Uri'), this.#credentials);
      this.#send('signed', [`Credentials: ${credentials}`], id);
    } else if (method === 'TELL') {
      this.tell(name, fields.slice(1));
      call.from = this.#told.length;
    }
  }

  /** Gives a call what it waits for, if that was told. */
  #prompt(id: string, call: { from: number; waitsFor: string | undefined }): void {
    const index = this.#told.findIndex(({ name }, place) => place >= call.from && name === call.waitsFor);
    const prompt = this.#told[index];
    if (prompt === undefined) return;
    call.from = index + 1;
    call.waitsFor = undefined;
    this.#send(prompt.name, prompt.fields, id);
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
    this.#socket.send([...lines, '', ''].join('\r\n'), this.#device, '127.0.0.1');
  }
}
