import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a message of SIPp's carries beside the fields that make it one. */
export interface SippContent {
  readonly headers?: readonly string[];
  /** A session description, or any other body with its type. */
  readonly body?: string;
  readonly contentType?: string;
  /** A request of a caller that belongs to no dialog, although there was one before. */
  readonly outside?: boolean;
}

export interface SippExpectation {
  readonly optional?: boolean;
  /** Whether it asks for credentials, which `[authentication …]` of a later request answers. */
  readonly challenge?: boolean;
  /** Header fields that have to match, as a name and a regular expression of POSIX. */
  readonly headers?: Readonly<Record<string, string>>;
  /** A regular expression of POSIX that the body has to match. */
  readonly body?: string;
  /** Header fields to remember: each under a name by which later steps say `[$name]`. */
  readonly remember?: Readonly<Record<string, string>>;
}

/** A session description as SIPp sends it, with the lines of one audio stream in PCMU behind it. */
export function sessionDescription(version: number, ...lines: readonly string[]): string {
  return [
    'v=0',
    `o=sipp 53655765 ${String(version)} IN IP4 [local_ip]`,
    's=-',
    'c=IN IP4 [media_ip]',
    't=0 0',
    'm=audio 6000 RTP/AVP 0',
    'a=rtpmap:0 PCMU/8000',
    ...lines,
  ].join('\n');
}

/**
 * What one SIPp says and expects, step by step, in the words of a person instead of XML. `caller` sends the INVITE to
 * `sip:SERVICE@…` (its `-s`), `callee` waits for it; within the dialog both do the same.
 */
export class SippScript {
  readonly #from: string;
  readonly #contact: string;
  readonly #name: string;
  readonly #role: 'caller' | 'callee';
  readonly #steps: string[] = [];
  #labels = 0;
  #cseq = 0;

  /** `from` is what a caller says he is, `contact` the user at which he is reached. */
  constructor(name: string, role: 'caller' | 'callee', from = '"Sipp" <sip:sipp@caller.test>', contact = 'sipp') {
    this.#from = from;
    this.#contact = contact;
    this.#name = name;
    this.#role = role;
  }

  /** Sends a request: the first of a caller makes the dialog, all others are within it. */
  request(method: string, content: SippContent = {}): this {
    const isNew = this.#role === 'caller' && (this.#cseq === 0 || content.outside === true);
    const needsCSeq = method !== 'ACK' && method !== 'CANCEL';
    if (needsCSeq) this.#cseq += 1;
    const [own, far] =
      this.#role === 'caller'
        ? [`${this.#from};tag=[pid]C[call_number]`, '<sip:[service]@[remote_ip]>']
        : ['[$own];tag=[pid]A[call_number]', '[$far]'];
    const lines = [
      `${method} ${isNew || method === 'CANCEL' ? 'sip:[service]@[remote_ip]:[remote_port]' : '[next_url]'} SIP/2.0`,
      `Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch${method === 'CANCEL' ? '-1' : ''}]`,
      'Max-Forwards: 70',
      ...(isNew ? [] : ['[routes]']),
      `From: ${own}`,
      `To: ${far}${this.#role === 'caller' && !isNew && method !== 'CANCEL' ? '[peer_tag_param]' : ''}`,
      'Call-ID: [call_id]',
      `CSeq: ${String(this.#cseq)} ${method}`,
    ];
    const isTarget = method === 'INVITE' || method === 'UPDATE';
    return this.#send(lines, content, isTarget, needsCSeq);
  }

  /** Acknowledges a final response other than 2xx, which belongs to the INVITE's transaction. */
  acknowledgeFailure(): this {
    const lines = [
      'ACK sip:[service]@[remote_ip]:[remote_port] SIP/2.0',
      '[last_Via:]',
      'Max-Forwards: 70',
      '[last_From:]',
      '[last_To:]',
      '[last_Call-ID:]',
      `CSeq: ${String(this.#cseq)} ACK`,
    ];
    return this.#send(lines, {}, false, false);
  }

  /** Answers the request received last. `tag` tells the branches of a fork apart. */
  respond(status: number, content: SippContent & { readonly tag?: string } = {}): this {
    const isWithin = content.tag === undefined;
    const lines = [
      `SIP/2.0 ${String(status)} Scripted`,
      '[last_Via:]',
      '[last_Record-Route:]',
      '[last_From:]',
      `[last_To:]${isWithin ? '' : `;tag=[pid]${content.tag ?? ''}[call_number]`}`,
      '[last_Call-ID:]',
      '[last_CSeq:]',
    ];
    return this.#send(lines, content, status < 300, false);
  }

  /** Answers the INVITE that a callee received first, whatever came since. */
  respondToFirst(status: number, content: SippContent & { readonly tag: string }): this {
    const lines = [
      `SIP/2.0 ${String(status)} Scripted`,
      'Via:[$via]',
      'From:[$far]',
      `To:[$to];tag=[pid]${content.tag}[call_number]`,
      'Call-ID: [call_id]',
      'CSeq:[$cseq]',
    ];
    return this.#send(lines, content, status < 300, false);
  }

  /** Waits for a request, which fails the call when it is another one. */
  receive(method: string, expectation: SippExpectation = {}): this {
    const isFirst = this.#role === 'callee' && this.#steps.length === 0;
    const own = isFirst
      ? [
          '<ereg regexp="&lt;.*&gt;" search_in="hdr" header="To:" assign_to="own"/>',
          ...['far From', 'via Via', 'to To', 'cseq CSeq'].map((pair) => {
            const [variable = '', header = ''] = pair.split(' ');
            return `<ereg regexp=".+" search_in="hdr" header="${header}:" assign_to="${variable}"/>`;
          }),
          '<log message="[$own] [$far] [$via] [$to] [$cseq]"/>',
        ]
      : [];
    return this.#receive(`request="${method}"${isFirst ? ' rrs="true"' : ''}`, expectation, own);
  }

  /** Waits for a response. */
  expect(status: number, expectation: SippExpectation = {}): this {
    // SIPp goes by the first ones that it takes; what may not come may be of a phone that does not answer.
    const takesRoutes = status >= 180 && status < 300 && expectation.optional !== true ? ' rrs="true"' : '';
    return this.#receive(`response="${String(status)}"${takesRoutes}`, expectation, []);
  }

  pause(milliseconds: number): this {
    this.#steps.push(`  <pause milliseconds="${String(milliseconds)}"/>`);
    return this;
  }

  /** Writes the scenario into a file of the folder and answers its path. */
  write(directory: string): string {
    const path = join(directory, `${this.#name}.xml`);
    const head = `<?xml version="1.0" encoding="ISO-8859-1" ?>\n<scenario name="${this.#name}">\n`;
    writeFileSync(path, `${head}${this.#steps.join('\n')}\n</scenario>\n`);
    return path;
  }

  #send(lines: readonly string[], content: SippContent, isTarget: boolean, repeats: boolean): this {
    const { headers = [], body, contentType = 'application/sdp' } = content;
    const text = [
      ...lines,
      ...(isTarget ? [`Contact: <sip:${this.#contact}@[local_ip]:[local_port];transport=[transport]>`] : []),
      ...headers,
      ...(body === undefined ? [] : [`Content-Type: ${contentType}`]),
      'Content-Length: [len]',
      '',
      ...(body === undefined ? [] : [body]),
    ];
    this.#steps.push(`  <send${repeats ? ' retrans="500"' : ''}><![CDATA[\n\n${text.join('\n')}\n]]></send>`);
    return this;
  }

  #receive(
    what: string,
    { optional, challenge, headers = {}, body, remember = {} }: SippExpectation,
    own: readonly string[],
  ): this {
    const checks = [
      ...own,
      ...Object.entries(remember).map(
        ([name, header]) => `<ereg regexp=".+" search_in="hdr" header="${header}:" assign_to="${name}"/>`,
      ),
      ...Object.entries(headers).map(([name, pattern]) => this.#check(pattern, `search_in="hdr" header="${name}:"`)),
      ...(body === undefined ? [] : [this.#check(body, 'search_in="body"')]),
    ];
    const open = `  <recv ${what}${optional === true ? ' optional="true"' : ''}${challenge === true ? ' auth="true"' : ''}`;
    this.#steps.push(
      checks.length === 0
        ? `${open}/>`
        : `${open}>\n    <action>\n${checks.map((check) => `      ${check}`).join('\n')}\n    </action>\n  </recv>`,
    );
    return this;
  }

  /** SIPp wants every variable used; one that only checks is named in the log. */
  #check(pattern: string, where: string): string {
    this.#labels += 1;
    const name = `checked${String(this.#labels)}`;
    const escaped = pattern.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/"/g, '&quot;');
    return `<ereg regexp="${escaped}" ${where} check_it="true" assign_to="${name}"/><log message="[$${name}]"/>`;
  }
}
