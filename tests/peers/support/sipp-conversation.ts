import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A request of a SIPp's. */
interface SippRequest {
  readonly method: string;
  readonly headers?: readonly string[];
  /** Whether it offers its sound. */
  readonly offers?: boolean;
}

/** By the name of a variable, the text that is remembered under it: the first group of an extended regular expression of POSIX. */
type Remembered = Readonly<Record<string, string>>;

/** The sound of a scenario: what comes is sent back (`-rtp_echo`). */
export function description(version: number): string {
  const lines = ['v=0', `o=sipp 1 ${version} IN IP4 [local_ip]`, 's=-', 'c=IN IP4 [media_ip]', 't=0 0'];
  return [...lines, 'm=audio [media_port] RTP/AVP 0', 'a=rtpmap:0 PCMU/8000'].join('\n');
}

const hasNoBody = ['Content-Length: 0', '', ''];
const contact = 'Contact: <sip:sipp@[local_ip]:[local_port]>';
const allow = 'Allow: INVITE, ACK, BYE, CANCEL, OPTIONS, NOTIFY';

/**
 * What one SIPp says and hears in several dialogs that it begins itself, with several others. It knows them by the ending of their
 * Call-ID: what stands before `///` is not looked at. It is `[own]`.
 */
export class SippConversation {
  readonly #name: string;
  readonly #steps: string[] = [];
  readonly #variables = new Set<string>();
  readonly #dialogs: string[] = [];
  readonly #counts = new Map<string, number>();
  #labels = 0;

  constructor(name: string) {
    this.#name = name;
  }

  /** Begins a dialog with whom it was started for, or with a URI; `host` is where that one is, which may be a variable. */
  begin(dialog: string, request: SippRequest, to?: { readonly uri: string; readonly host: string }): this {
    this.#dialogs.push(dialog);
    if (to !== undefined) this.#goTo(to.host);
    const uri = to?.uri ?? 'sip:[service]@[remote_ip]:[remote_port]';
    return this.#request(dialog, request, uri, `<${uri}>`);
  }

  /** Sends a request within a dialog that was answered. */
  within(dialog: string, request: SippRequest): this {
    return this.#request(dialog, request, `[$there${this.#numberOf(dialog)}]`, `[$far${this.#numberOf(dialog)}]`);
  }

  /** Waits for the answer that makes a dialog; others may come before. */
  expect(dialog: string, status: number): this {
    return this.#expect(dialog, status);
  }

  /** Waits for a request, remembers what stands in it, and says 200. */
  answer(method: string, remembered: Remembered = {}): this {
    this.#receive(method, remembered);
    return this.#accept();
  }

  /** Waits for a request outside of all dialogs that makes none. */
  answerOutside(method: string, remembered: Remembered): this {
    this.#receive(method, remembered);
    const copied = ['Via', 'From', 'To', 'Call-ID', 'CSeq'].map((name) => `[last_${name}:]`);
    const lines = ['SIP/2.0 200 OK', ...copied, ...hasNoBody];
    this.#send(lines.map((line) => (line === '[last_To:]' ? `${line};tag=[pid]M` : line)));
    return this;
  }

  /** Answers requests of a method until one has something in it. */
  answerUntil(method: string, has: string): this {
    this.#labels += 1;
    const [again, on, found] = [`again${this.#labels}`, `on${this.#labels}`, `found${this.#labels}`];
    this.#steps.push(`  <label id="${again}"/>`);
    this.#receive(method, { [found]: `(${has})` });
    // A test is of all that matched, of what is sent: SIPp goes by neither a group of it nor a `nop`.
    this.#accept(`next="${on}" test="${found}all"`);
    this.#steps.push(`  <nop next="${again}"/>`, `  <label id="${on}"/>`);
    return this;
  }

  /** As {@link expect} of 200, while requests of a method are answered as they come. */
  expectBeside(dialog: string, method: string): this {
    this.#labels += 1;
    const [again, asked, on] = [`again${this.#labels}`, `asked${this.#labels}`, `on${this.#labels}`];
    this.#steps.push(`  <label id="${again}"/>`, `  <recv request="${method}" optional="true" next="${asked}"/>`);
    // What SIPp has passed it does not take any more.
    this.#expect(dialog, 200, `next="${again}"`);
    this.#steps.push(`  <nop next="${on}"/>`, `  <label id="${asked}"/>`);
    this.#accept();
    this.#steps.push(`  <nop next="${again}"/>`, `  <label id="${on}"/>`);
    return this;
  }

  /** Waits to be asked who it is by whom a dialog was begun with, and begins it again with the account that it has (`-au`, `-ap`). */
  challenged(dialog: string, status: 401 | 407, request: SippRequest): this {
    this.#steps.push(`  <recv response="100" optional="true"/>`, `  <recv response="${status}" auth="true"/>`);
    const headers = [...(request.headers ?? []), '[authentication]'];
    const uri = 'sip:[service]@[remote_ip]:[remote_port]';
    return this.#request(dialog, { ...request, headers }, uri, `<${uri}>`);
  }

  /** Waits for the refusal of what began a dialog, and acknowledges it. */
  refused(status: number): this {
    for (const other of [100, 180]) this.#steps.push(`  <recv response="${other}" optional="true"/>`);
    this.#steps.push(`  <recv response="${status}"/>`);
    const lines = ['ACK sip:[service]@[remote_ip]:[remote_port] SIP/2.0', '[last_Via:]', 'Max-Forwards: 70'];
    this.#send([...lines, '[last_From:]', '[last_To:]', '[last_Call-ID:]', 'CSeq: 1 ACK', ...hasNoBody]);
    return this;
  }

  /** Writes the scenario into a file of the folder and answers its path. */
  write(directory: string): string {
    const path = join(directory, `${this.#name}.xml`);
    const head = `<?xml version="1.0" encoding="ISO-8859-1" ?>\n<scenario name="${this.#name}">\n`;
    // SIPp wants every variable used.
    const used = this.#variables.size === 0 ? '' : `  <Reference variables="${[...this.#variables].join(',')}"/>\n`;
    writeFileSync(path, `${head}${this.#steps.join('\n')}\n${used}</scenario>\n`);
    return path;
  }

  #expect(dialog: string, status: number, after = ''): this {
    const number = this.#numberOf(dialog);
    for (const other of [100, 180]) this.#steps.push(`  <recv response="${other}" optional="true" ${after}/>`);
    const actions = [
      this.#search('hdr" header="To:', '(.+)', `far${number}`),
      this.#search('hdr" header="Contact:', '&lt;([^&gt;]+)', `there${number}`),
    ];
    this.#steps.push(`  <recv response="${status}">\n    <action>\n${actions.join('\n')}\n    </action>\n  </recv>`);
    return this;
  }

  #numberOf(dialog: string): number {
    return this.#dialogs.indexOf(dialog) + 1;
  }

  #request(dialog: string, { method, headers = [], offers = false }: SippRequest, uri: string, to: string): this {
    const number = this.#numberOf(dialog);
    const count = (this.#counts.get(dialog) ?? 0) + (method === 'ACK' ? 0 : 1);
    this.#counts.set(dialog, count);
    const body = offers
      ? ['Content-Type: application/sdp', 'Content-Length: [len]', '', description(number)]
      : hasNoBody;
    const lines = [
      `${method} ${uri} SIP/2.0`,
      'Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]',
      'Max-Forwards: 70',
      `From: <[own]>;tag=[pid]D${number}`,
      `To: ${to}`.replace('To: [$', 'To:[$'),
      `Call-ID: ${number}///[call_id]`,
      `CSeq: ${count} ${method}`,
      ...(method === 'ACK' ? [] : [contact, allow, 'Supported: replaces, join, norefersub']),
      ...headers,
      ...body,
    ];
    this.#send(lines, method === 'ACK' ? '' : 'retrans="500"');
    return this;
  }

  #accept(attributes = ''): this {
    const copied = ['Via', 'Record-Route', 'From', 'To', 'Call-ID', 'CSeq'].map((name) => `[last_${name}:]`);
    this.#send(['SIP/2.0 200 OK', ...copied, contact, ...hasNoBody], attributes);
    return this;
  }

  #send(lines: readonly string[], attributes = ''): void {
    this.#steps.push(`  <send ${attributes}><![CDATA[\n\n${lines.join('\n')}\n]]></send>`);
  }

  #receive(method: string, remembered: Remembered): void {
    const actions = Object.entries(remembered).map(([name, pattern]) => this.#search('msg', pattern, name));
    const inside = actions.length === 0 ? '' : `\n    <action>\n${actions.join('\n')}\n    </action>\n  `;
    this.#steps.push(`  <recv request="${method}">${inside}</recv>`);
  }

  #search(where: string, pattern: string, name: string): string {
    this.#variables.add(`${name}all`).add(name);
    const escaped = pattern.replaceAll('"', '&quot;').replace(/<(?!;)/g, '&lt;');
    return `      <ereg regexp="${escaped}" search_in="${where}" assign_to="${name}all,${name}"/>`;
  }

  #goTo(host: string): void {
    this.#steps.push(`  <nop><action><setdest host="${host}" port="5060" protocol="udp"/></action></nop>`);
  }
}
