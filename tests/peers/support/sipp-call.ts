import type { Searches, SippSheet } from './sipp-sheet.ts';

/** What the stream of an offer or an answer does. */
export type Direction = 'sendrecv' | 'recvonly' | 'inactive';

/** What a message of SIPp's has beside the fields that all have. */
export interface SippContent {
  readonly headers?: readonly string[];
  /** Its sound, as it offers or answers it. */
  readonly sound?: Direction;
  readonly body?: { readonly type: string; readonly text: string };
  /** Its Contact with brackets and parameters; none where it is empty, SIPp's own without it. */
  readonly contact?: string;
}

/** Whom a request outside of all dialogs is for. */
export interface SippTarget {
  readonly uri: string;
  readonly host: string;
  /** Its To where that is not the URI. */
  readonly to?: string;
}

/** A dialog in the words of a scenario, which are variables of SIPp's mostly. */
export interface SippDialog {
  readonly number: number;
  readonly id: string;
  /** From and To as SIPp says them, with their tags. */
  readonly own: string;
  readonly ownTag: string;
  readonly far: string;
  readonly farTag: string;
  /** The far end's Contact, and where what is said goes. */
  readonly there: string;
  readonly host: string;
  readonly port: string;
  /** The proxies that stay in it; undefined where none does. */
  readonly route: string | undefined;
  /** Whom the request is for that SIPp begins it with. */
  readonly initial: SippTarget;
  /** The latest CSeq of SIPp's. */
  count: number;
}

/** Whom the step is about that was told last. */
export const other: SippTarget = { uri: '[$other]', host: '[$otherHost]' };
/** Who it is that the scenario plays, at his registrar: what `prepare` is about. */
export const registrar: SippTarget = { uri: '[$other]', host: '[$otherHost]', to: '[own]' };
/** The target of that step. */
export const target: SippTarget = { uri: '[$target]', host: '[$targetHost]' };

/** Where SIPp is reached. */
export const ownContact = '<sip:sipp@[local_ip]:[reached_at]>';

const rest = ' *(.+)';
const hasNoBody = ['Content-Length: 0', '', ''];
const copied = ['Via', 'Record-Route', 'From', 'To', 'Call-ID', 'CSeq'].map((name) => `[last_${name}:]`);
const localTag = (number: number): string => `[pid]x${number}x[call_number]`;
const capabilities = [
  'Allow: INVITE, ACK, BYE, CANCEL, OPTIONS, REFER, NOTIFY, SUBSCRIBE, MESSAGE',
  'Supported: replaces, join, norefersub',
];

/** Of the request that began the call: what makes a dialog of it, and what answers it, however late. */
const ofBeginning: Searches = {
  from: ['From', rest],
  farTag: ['From', 'tag=([^;]+)'],
  sender: ['From', '<([^>]+)'],
  to: ['To', rest],
  id: ['Call-ID', ' *([^ ]+)'],
  cseq: ['CSeq', rest],
  there: ['Contact', '<([^>]+)'],
  route: ['Record-Route', rest],
  host: ['Via', '/[A-Z]+ ([0-9.]+)'],
  port: ['Via', '/[A-Z]+ [0-9.]+:([0-9]+)'],
  via: ['Via', rest],
  // Behind a proxy that of the caller.
  secondVia: [undefined, 'Via: .*Via: ([^[:cntrl:]]+)'],
};
/** What a step is told with. */
const ofStep: Searches = {
  other: ['Other', rest],
  otherHost: ['Other-Host', rest],
  target: ['Target', rest],
  targetUser: ['Target', 'sip:([^@]+)'],
  targetHost: ['Target-Host', rest],
};

const isStatus = (what: string): boolean => /^\d/.test(what);

/** The sound of a scenario: what comes is sent back (`-rtp_echo`), but for what comes where it only listens. */
function description(version: number, direction: Direction): string {
  const lines = ['v=0', `o=sipp 1 ${version} IN IP4 [local_ip]`, 's=-', 'c=IN IP4 [media_ip]', 't=0 0'];
  const port = direction === 'recvonly' ? '[media_port+4]' : '[media_port]';
  return [...lines, `m=audio ${port} RTP/AVP 0`, 'a=rtpmap:0 PCMU/8000', `a=${direction}`].join('\n');
}

/**
 * What SIPp calls a call: everything that has one Call-ID, and what is begun in answer to it. A dialog that it begins itself is known
 * by the ending of its Call-ID: SIPp does not look at what stands before `///`.
 */
export class SippCall {
  readonly #sheet: SippSheet;
  readonly #isProxied: boolean;
  #dialogs = 0;
  /** How often the session of a dialog was described, by its number. */
  readonly #versions = new Map<number, number>();

  /** `isProxied`: everything comes from a proxy and goes there, which stays in every dialog. */
  constructor(sheet: SippSheet, isProxied: boolean) {
    this.#sheet = sheet;
    this.#isProxied = isProxied;
  }

  /** What is remembered of the request that begins a call, with more. */
  static beginning(sheet: SippSheet, more: Searches): string {
    return sheet.actions({ ...ofBeginning, ...ofStep, ...more });
  }

  /** The dialog that is made by the request that began the call, when it is accepted. */
  caller(): SippDialog {
    return {
      number: 0,
      id: '[$id]',
      own: `[$to];tag=${localTag(0)}`,
      ownTag: localTag(0),
      far: '[$from]',
      farTag: '[$farTag]',
      there: '[$there]',
      host: '[$host]',
      port: '[$port]',
      route: this.#isProxied ? '[$route]' : undefined,
      initial: { uri: '[$there]', host: '[$host]' },
      count: 0,
    };
  }

  /** Sends a request that begins a dialog. */
  begin(method: string, initial: SippTarget, content: SippContent = {}): SippDialog {
    this.#dialogs += 1;
    const number = this.#dialogs;
    const dialog: SippDialog = {
      number,
      id: `${number}///[call_id]`,
      own: `<[own]>;tag=${localTag(number)}`,
      ownTag: localTag(number),
      far: `[$far${number}]`,
      farTag: `[$farTag${number}]`,
      there: `[$there${number}]`,
      host: initial.host,
      port: '5060',
      route: this.#isProxied ? `[$route${number}]` : undefined,
      initial,
      count: 0,
    };
    this.#initialRequest(dialog, method, content);
    return dialog;
  }

  /** Waits to be asked who it is, and begins the dialog again with credentials. */
  challenged(dialog: SippDialog, method: string, content: SippContent = {}, status: 401 | 407 = 407): this {
    const [asks, answers] =
      status === 401 ? ['WWW-Authenticate', 'Authorization'] : ['Proxy-Authenticate', 'Proxy-Authorization'];
    this.expect(status, { challenge: [asks, rest] });
    if (method === 'INVITE') this.#acknowledgeFailure(dialog);
    this.#ask('SIGN', '', [`Method: ${method}`, `Uri: ${dialog.initial.uri}`, 'Challenge: [$challenge]']);
    const found = this.#sheet.actions({ credentials: ['Credentials', rest] });
    this.#sheet.add(`<recv request="SIGNED">${found}</recv>`);
    const headers = [...(content.headers ?? []), `${answers}: [$credentials]`];
    return this.#initialRequest(dialog, method, { ...content, headers });
  }

  /** Waits for the response that makes a dialog. Requests of a method may come before it, which get a 200. */
  established(dialog: SippDialog, beside?: string): this {
    const { number } = dialog;
    const remembered: Searches = {
      [`far${number}`]: ['To', rest],
      [`farTag${number}`]: ['To', 'tag=([^;]+)'],
      [`there${number}`]: ['Contact', '<([^>]+)'],
      [`route${number}`]: ['Record-Route', rest],
    };
    if (beside === undefined) return this.expect(200, remembered);
    const [again, on] = [this.#sheet.label(), this.#sheet.label()];
    this.#sheet.add(`<label id="${again}"/>`);
    this.#receiveOneOf({ '200': remembered, [beside]: {} }, { '200': on });
    this.respond(200);
    this.#sheet.add(`<nop next="${again}"/>`);
    this.#sheet.add(`<label id="${on}"/>`);
    return this;
  }

  /** Waits for a response, and remembers what stands in it; others may come before. */
  expect(status: number, remembered: Searches = {}): this {
    return this.#receiveOneOf({ [status]: remembered });
  }

  /** Waits for the refusal of the INVITE that should have begun a dialog. */
  refused(dialog: SippDialog, status: number): this {
    this.expect(status, { [`far${dialog.number}`]: ['To', rest] });
    return this.#acknowledgeFailure(dialog);
  }

  /** Takes back the INVITE that should have begun a dialog. */
  cancel(dialog: SippDialog): this {
    this.#initialRequest(dialog, 'CANCEL');
    return this.expect(200).refused(dialog, 487);
  }

  /** Sends a request within a dialog. */
  within(dialog: SippDialog, method: string, content: SippContent = {}): this {
    return this.#request(dialog, method, dialog.there, dialog.far, content);
  }

  /** Waits for a request, which may have something that is remembered. */
  receive(method: string, remembered: Searches = {}): this {
    return this.#receiveOneOf({ [method]: remembered });
  }

  /** Answers the request that came last, which is within a dialog. */
  respond(status: number, content: SippContent = {}, dialog: Pick<SippDialog, 'number'> = { number: 0 }): this {
    this.#say([`SIP/2.0 ${status} Scripted`, ...copied, ...this.#endOf(content, dialog.number)]);
    return this;
  }

  /** Answers the request that began the call, whatever came since. */
  respondToFirst(status: number, content: SippContent = {}): this {
    const fields = [
      'Via: [$via]',
      ...(this.#isProxied ? ['Via: [$secondVia]', 'Record-Route: [$route]'] : []),
      'From: [$from]',
      `To: [$to];tag=${localTag(0)}`,
      'Call-ID: [$id]',
      'CSeq: [$cseq]',
    ];
    this.#say([`SIP/2.0 ${status} Scripted`, ...fields, ...this.#endOf(content, 0)]);
    return this;
  }

  /** Waits until the INVITE that began the call is taken back. */
  cancelled(): this {
    this.receive('CANCEL');
    const fields = copied.map((field) => (field === '[last_To:]' ? `${field};tag=${localTag(0)}` : field));
    this.#say(['SIP/2.0 200 Scripted', ...fields, ...hasNoBody]);
    return this.respondToFirst(487).receive('ACK');
  }

  /** Waits for a request within a dialog, and says 200. */
  answer(method: string, remembered: Searches = {}): this {
    return this.receive(method, remembered).respond(200);
  }

  /** Waits for requests, which get a 200, and for responses, by their status, in whatever order they come. */
  inAnyOrder(expected: Readonly<Record<string, Searches>>): this {
    const end = this.#sheet.label();
    const places = Object.fromEntries(Object.keys(expected).map((what) => [what, this.#sheet.label()]));
    this.#receiveOneOf(expected, places);
    for (const [what, label] of Object.entries(places)) {
      this.#sheet.add(`<label id="${label}"/>`);
      if (!isStatus(what)) this.respond(200);
      const others = Object.entries(expected).filter(([name]) => name !== what);
      if (others.length > 0) this.inAnyOrder(Object.fromEntries(others));
      this.#sheet.add(`<nop next="${end}"/>`);
    }
    this.#sheet.add(`<label id="${end}"/>`);
    return this;
  }

  /** Answers requests of a method until one has something in it. */
  answerUntil(method: string, has: string): this {
    const [again, on] = [this.#sheet.label(), this.#sheet.label()];
    this.#sheet.add(`<label id="${again}"/>`);
    this.receive(method, { [`found${on}`]: [undefined, `(${has})`] });
    // A test is of all that matched, of what is sent: SIPp goes by neither a group of it nor a `nop`.
    this.#say(['SIP/2.0 200 Scripted', ...copied, ...this.#endOf({}, 0)], `next="${on}" test="found${on}All"`);
    this.#sheet.add(`<nop next="${again}"/>`);
    this.#sheet.add(`<label id="${on}"/>`);
    return this;
  }

  /** Waits for a step of the flow, or for a word of another call of the device. */
  wait(name: string, remembered: Searches = {}): this {
    return this.#receiveOneOf({ [name]: { ...ofStep, ...remembered } });
  }

  /** Tells the device's other calls something, with what they need for it. */
  tell(word: string, fields: readonly string[] = []): this {
    return this.#ask('TELL', word, fields);
  }

  /** Has what begins later go another way: {@link SippScenario.on}. */
  remember(word: string): this {
    this.#sheet.share(word);
    this.#sheet.add(`<nop><action><assign assign_to="${word}" value="1"/></action></nop>`);
    return this;
  }

  #initialRequest(dialog: SippDialog, method: string, content?: SippContent): this {
    const { uri, to = uri } = dialog.initial;
    return this.#request(dialog, method, uri, `<${to}>`, content);
  }

  #acknowledgeFailure(dialog: SippDialog): this {
    const lines = this.#linesOf(dialog, 'ACK', dialog.initial.uri, '[last_To:]', String(dialog.count));
    this.#send(dialog, [...lines, ...hasNoBody]);
    return this;
  }

  #request(dialog: SippDialog, method: string, uri: string, to: string, content: SippContent = {}): this {
    const isNew = method !== 'ACK' && method !== 'CANCEL';
    if (isNew) dialog.count += 1;
    const branch = `${dialog.count}${method === 'ACK' ? 'a' : ''}`;
    const lines = [...this.#linesOf(dialog, method, uri, `To: ${to}`, branch)];
    if (to === dialog.far && dialog.route !== undefined) lines.push(`Route: ${dialog.route}`);
    this.#send(dialog, [...lines, ...(isNew ? this.#endOf(content, dialog.number) : hasNoBody)]);
    return this;
  }

  #linesOf(dialog: SippDialog, method: string, uri: string, to: string, branch: string): readonly string[] {
    return [
      `${method} ${uri} SIP/2.0`,
      `Via: SIP/2.0/[transport] [local_ip]:[reached_at];branch=z9hG4bK[pid]x[call_number]x${dialog.number}x${branch}`,
      'Max-Forwards: 70',
      `From: ${dialog.own}`,
      to,
      `Call-ID: ${dialog.id}`,
      `CSeq: ${dialog.count} ${method}`,
    ];
  }

  /**
   * Waits for the first of several: requests by their method, steps by their name, responses by their status. Each may have a label at which
   * it goes on.
   */
  #receiveOneOf(expected: Readonly<Record<string, Searches>>, places: Readonly<Record<string, string>> = {}): this {
    const all = Object.entries(expected);
    this.#ask('WAIT', Object.keys(expected).join(','), []);
    for (const [index, [what, remembered]] of all.entries()) {
      const attributes = [
        isStatus(what) ? `response="${what}"` : `request="${what.toUpperCase()}"`,
        ...(index < all.length - 1 ? ['optional="true"'] : []),
        ...(places[what] === undefined ? [] : [`next="${places[what]}"`]),
      ];
      this.#sheet.add(`<recv ${attributes.join(' ')}>${this.#sheet.actions(remembered)}</recv>`);
    }
    return this;
  }

  /** A message for the prompter, which knows the call by it. */
  #ask(method: string, name: string, fields: readonly string[]): this {
    return this.#say([`${method} sip:${name}@127.0.0.1 SIP/2.0`, 'Call-ID: [call_id]', ...fields, '', '']);
  }

  /** A request that the prompter sends on to where a dialog's go. */
  #send({ host, port }: SippDialog, [first = '', ...lines]: readonly string[], attributes = ''): this {
    return this.#say([first, `Goes-To: ${host}:${port}`, ...lines], attributes);
  }

  #say(lines: readonly string[], attributes = ''): this {
    this.#sheet.add(`<send ${attributes}><![CDATA[\n\n${lines.join('\n')}\n]]></send>`);
    return this;
  }

  /** The header fields and the body that end a message. */
  #endOf({ headers = [], sound, body, contact = ownContact }: SippContent, dialog: number): readonly string[] {
    const version = (this.#versions.get(dialog) ?? 0) + 1;
    if (sound !== undefined) this.#versions.set(dialog, version);
    const carried = sound === undefined ? body : { type: 'application/sdp', text: description(version, sound) };
    return [
      ...(contact === '' ? [] : [`Contact: ${contact}`]),
      ...capabilities,
      ...headers,
      ...(carried === undefined ? [] : [`Content-Type: ${carried.type}`]),
      'Content-Length: [len]',
      '',
      carried?.text ?? '',
    ];
  }
}
