import { reasonPhrase } from '@switchhook/sip';
import { saidMessage } from './conversation/conversation.ts';
import type {
  Conversation,
  HeardInterval,
  Participant,
  RtpInterval,
  SaidMessage,
} from './conversation/conversation.ts';
import type { ReplacedDialog, Reference, Target } from './oracle/expectation-schema.ts';
import type { FlowDescription, FlowMessage } from './oracle/flow-schema.ts';

/** One message before it is a text, so that a test can change one fact of it. */
export interface Draft {
  readonly f: string;
  time: number;
  from: string;
  to: string;
  startLine: string;
  /** In order; a name may come several times. */
  headers: [name: string, value: string][];
  body: string;
}

/** A conversation before it is one. */
export interface DraftConversation {
  participants: Participant[];
  drafts: Draft[];
  rtp: RtpInterval[];
  heard: HeardInterval[];
  end: number;
}

/** Changes a message when it is written: what is made of it later (what forwards or answers it) has the change, too. */
export type Revision = (message: FlowMessage, draft: Draft, earlier: ReadonlyMap<string, Draft>) => void;

/** Writes a conversation that does just what the oracle says of a flow, from the oracle alone. */
export function writeConversation(flow: FlowDescription, revise: Revision = () => undefined): DraftConversation {
  return new Writer(flow, revise).write();
}

/** Most messages of a conversation are those of another in which one fact is changed. */
const parsed = new Map<string, Pick<SaidMessage, 'message' | 'fault'>>();

export function conversationOf({ participants, drafts, rtp, heard, end }: DraftConversation): Conversation {
  const messages = drafts.map(({ time, from, to, startLine, headers, body }) => {
    const lines = [...headers, ['Content-Length', String(body.length)]].map(([name, value]) => `${name}: ${value}\r\n`);
    const text = `${startLine}\r\n${lines.join('')}\r\n${body}`;
    const hop = { time, arrived: time + 5, from, to, protocol: 'TLS', text } as const;
    const known = parsed.get(text);
    if (known !== undefined) return { ...hop, ...known };
    const said = saidMessage(hop);
    parsed.set(text, { message: said.message, fault: said.fault });
    return said;
  });
  return { participants, messages: messages.sort((one, other) => one.time - other.time), rtp, heard, end };
}

function headerOf(draft: Draft, name: string): string {
  return draft.headers.find(([each]) => each === name)?.[1] ?? '';
}

/** What a proxy makes anew, and what `identity` writes. */
const hopByHop: ReadonlySet<string> = new Set([
  'Via',
  'Max-Forwards',
  'Record-Route',
  'Route',
  'From',
  'To',
  'Call-ID',
  'CSeq',
]);

function statusLine({ expect, status }: FlowMessage): string {
  const code = expect.statusAccept?.[0] ?? status ?? 0;
  return `SIP/2.0 ${code} ${reasonPhrase(code)}`;
}

/** Everybody has one tag in a call. */
function tagOf(owner: string, callId: string): string {
  return `${owner}.${callId.split('@')[0] ?? ''}`;
}

class Writer {
  readonly #flow: FlowDescription;
  readonly #drafts = new Map<string, Draft>();
  readonly #sequence = new Map<string, number>();
  readonly #versions = new Map<string, { version: number; body: string }>();
  readonly #contacts = new Map<string, string>();
  readonly #documents = new Map<string, number>();
  readonly #rtp: RtpInterval[] = [];
  readonly #heard: HeardInterval[] = [];
  readonly #revise: Revision;
  #time = 0;

  constructor(flow: FlowDescription, revise: Revision) {
    this.#flow = flow;
    this.#revise = revise;
  }

  write(): DraftConversation {
    for (const message of this.#flow.messages) {
      this.#time += 10;
      const draft = this.#draft(message);
      this.#revise(message, draft, this.#drafts);
      this.#remember(message, draft);
      this.#drafts.set(message.f, draft);
      const media = this.#flow.media[message.f];
      if (media === undefined) continue;
      const [start, end] = [this.#time + 10, this.#time + 1_000];
      for (const { from, to, rtp } of media.flows) {
        if (rtp !== true) continue;
        this.#rtp.push({ from, to, start, end, packets: 50 });
        if (media.mix === undefined) this.#heard.push({ at: to, source: from, start, end });
      }
      for (const [at, sources] of Object.entries(media.mix?.hears ?? {})) {
        for (const source of sources) this.#heard.push({ at, source, start: start + 200, end });
      }
      this.#time += 1_200;
    }
    return {
      participants: this.#participants(),
      drafts: [...this.#drafts.values()],
      rtp: this.#rtp,
      heard: this.#heard,
      end: this.#time + 1_000,
    };
  }

  #participants(): Participant[] {
    const named = this.#flow.elements.map(({ id, host, aor, aorOf }) => {
      const addressOfRecord = aor ?? (aorOf === undefined ? undefined : this.#addressOfRecord(aorOf));
      return { element: id, hosts: host === undefined ? [] : [host], ...(addressOfRecord && { addressOfRecord }) };
    });
    // Somebody may be called who takes no part: the one whose calls are forwarded.
    const called = this.#flow.messages.map(({ expect }) => expect.requestUri?.aor);
    const homes = new Set([...called, ...this.#flow.elements.map(({ aorOf }) => aorOf)]);
    const absent = [...homes].filter((each) => each !== undefined && !named.some(({ element }) => element === each));
    return [
      ...named,
      ...absent.map((element = '') => ({ element, hosts: [], addressOfRecord: this.#addressOfRecord(element) })),
    ];
  }

  #draft(message: FlowMessage): Draft {
    const { f, from, to, forwards, kind } = message;
    const startLine =
      kind === 'request'
        ? `${message.method} ${this.#requestUri(message)} SIP/2.0`
        : forwards === undefined
          ? statusLine(message)
          : this.#of(forwards).startLine;
    const body = forwards === undefined ? this.#body(message) : this.#of(forwards).body;
    const details = forwards === undefined ? this.#details(message, body) : this.#passedOn(this.#of(forwards));
    const headers: [string, string][] = [...this.#identity(message), ...details];
    return { f, time: this.#time, from, to, startLine, headers, body };
  }

  /** What a proxy leaves as it came. */
  #passedOn({ headers }: Draft): [string, string][] {
    return headers.filter(([name]) => !hopByHop.has(name)).map(([...field]) => field);
  }

  /** What later messages need to know of this one. */
  #remember({ f, from, expect, dialog, forwards, answers, creates }: FlowMessage, draft: Draft): void {
    if (forwards !== undefined) return;
    const contact = /<([^>]*)>/.exec(headerOf(draft, 'Contact'))?.[1];
    if (expect.contact !== undefined && contact !== undefined) {
      const { of } = expect.contact;
      if (dialog !== null) this.#contacts.set(`${of} ${this.#callIdOf(f, dialog)}`, contact);
      this.#contacts.set(of, contact);
    }
    if (expect.sdp === undefined) return;
    const isOther = answers === undefined && dialog !== null && creates === undefined;
    const callId = isOther ? this.#callIdOf(f, dialog) : headerOf(draft, 'Call-ID');
    const version = Number(/^o=\S+ \d+ (\d+)/m.exec(draft.body)?.[1] ?? 40);
    this.#versions.set(`${from} ${callId}`, { version, body: draft.body });
  }

  /** Via, Max-Forwards, Record-Route, Route, From, To, Call-ID and CSeq. */
  #identity(message: FlowMessage): [string, string][] {
    const { expect, forwards, answers, method } = message;
    const source = forwards ?? answers ?? (message.ackKind === 'non-2xx' ? message.txn : message.cancels);
    const original = source === undefined ? undefined : this.#of(source);
    const headers: [string, string][] = this.#vias(message).map((via) => ['Via', via]);
    if (message.kind === 'request') {
      const hops = forwards === undefined ? 70 : Number(headerOf(this.#of(forwards), 'Max-Forwards') || 70) - 1;
      headers.push(['Max-Forwards', String(hops)]);
    }
    for (const proxy of expect.recordRoute ?? []) headers.push(['Record-Route', `<sips:${this.#host(proxy)};lr>`]);
    for (const proxy of expect.route ?? []) headers.push(['Route', `<sips:${this.#host(proxy)};lr>`]);
    const callId = original === undefined ? this.#callId(message) : headerOf(original, 'Call-ID');
    const [fromTag, toTag] = [expect.tags.from, expect.tags.to].map((owner) =>
      owner === null ? undefined : tagOf(owner, callId),
    );
    const address = (name: 'From' | 'To', owner: string, tag: string | undefined): [string, string] => {
      const known = original === undefined ? undefined : headerOf(original, name);
      // What is handed on, and what a request has, is as it is there.
      const isKept = forwards !== undefined || name === 'From' || known?.includes(';tag=') === true;
      if (known !== undefined && isKept) return [name, known];
      return [name, `${known ?? `<${owner}>`}${tag === undefined ? '' : `;tag=${tag}`}`];
    };
    headers.push(address('From', this.#addressOfRecord(expect.tags.from), fromTag));
    const toUri =
      expect.tags.to === null || original !== undefined
        ? this.#requestUri(message)
        : this.#addressOfRecord(expect.tags.to);
    headers.push(address('To', toUri, toTag), ['Call-ID', callId]);
    headers.push(['CSeq', `${this.#cseq(message, callId)} ${method}`]);
    return headers;
  }

  #vias(message: FlowMessage): string[] {
    const { f, from, forwards, answers, acks, ackKind, cancels } = message;
    const own = `SIP/2.0/TLS ${this.#host(from)}:5061;branch=z9hG4bK-${f}`;
    const received = (vias: string[]): string[] =>
      vias.map((via, place) => (place === 0 && !via.includes('received=') ? `${via};received=192.0.2.7` : via));
    const viasOf = (draft: Draft): string[] =>
      draft.headers.filter(([name]) => name === 'Via').map(([, value]) => value);
    if (message.kind === 'response') {
      if (forwards !== undefined) return viasOf(this.#of(forwards)).slice(1);
      return received(viasOf(this.#of(answers ?? '')));
    }
    if (forwards !== undefined) return [own, ...received(viasOf(this.#of(forwards)))];
    const opened = acks !== undefined && ackKind === 'non-2xx' ? message.txn : cancels;
    return opened === undefined ? [own] : viasOf(this.#of(opened)).slice(0, 1);
  }

  #callId({ f, dialog, expect, inDialog, creates }: FlowMessage): string {
    const relation = expect.cseqNumber;
    const retried =
      relation !== undefined && relation !== 'new' && 'greaterThan' in relation ? relation.greaterThan : undefined;
    if (retried !== undefined) return headerOf(this.#of(retried), 'Call-ID');
    if (dialog === null || (!inDialog && creates !== undefined)) return `${f}@${this.#flow.slug}`;
    return this.#dialogCallId(dialog);
  }

  #dialogCallId(dialog: string): string {
    const createdBy = this.#flow.dialogs.find(({ id }) => id === dialog)?.createdBy ?? '';
    return headerOf(this.#of(createdBy), 'Call-ID');
  }

  #cseq({ kind, from, forwards, answers, acks, cancels, method }: FlowMessage, callId: string): number {
    const acknowledged = this.#flow.messages.find(({ f }) => f === acks)?.answers;
    const same = forwards ?? answers ?? acknowledged ?? cancels;
    if (same !== undefined) return Number(headerOf(this.#of(same), 'CSeq').split(' ')[0]);
    const next = (this.#sequence.get(`${from} ${callId}`) ?? 30 + method.length) + 1;
    if (kind === 'request') this.#sequence.set(`${from} ${callId}`, next);
    return next;
  }

  #details(message: FlowMessage, body: string): [string, string][] {
    const { expect } = message;
    const headers: [string, string][] = [];
    if (expect.contact !== undefined) headers.push(['Contact', this.#contact(message)]);
    if (expect.contact3xx !== undefined) headers.push(['Contact', `<sips:${this.#host(expect.contact3xx.proxy)};lr>`]);
    for (const tag of expect.require ?? []) headers.push(['Require', tag]);
    if (expect.supported !== undefined) headers.push(['Supported', expect.supported.join(', ')]);
    if (expect.allowIncludes !== undefined) headers.push(['Allow', `INVITE, ${expect.allowIncludes.join(', ')}`]);
    if (expect.replaces !== undefined) headers.push(['Replaces', this.#replaces(expect.replaces)]);
    if (expect.join !== undefined) headers.push(['Join', this.#replaces({ ...expect.join, earlyOnly: false })]);
    if (expect.referTo !== undefined) headers.push(['Refer-To', `<${this.#reference(expect.referTo)}>`]);
    if (expect.referredBy !== undefined) headers.push(['Referred-By', `<${this.#target(expect.referredBy)}>`]);
    if (expect.referSub !== undefined) headers.push(['Refer-Sub', String(expect.referSub)]);
    if (expect.event !== undefined)
      headers.push(['Event', `${expect.event.package}${expect.event.package === 'refer' ? ';id=7' : ''}`]);
    if (expect.subscriptionState !== undefined) {
      const { state, reason, expires } = expect.subscriptionState;
      headers.push([
        'Subscription-State',
        `${state}${reason === undefined ? '' : `;reason=${reason}`}${expires === undefined ? '' : ';expires=60'}`,
      ]);
    }
    if (expect.expires !== undefined) headers.push(['Expires', expect.expires === 0 ? '0' : '3600']);
    if (expect.accept !== undefined) headers.push(['Accept', expect.accept]);
    if (expect.proxyAuthenticate !== undefined)
      headers.push([
        'Proxy-Authenticate',
        `Digest realm="example.com", nonce="${message.f}", qop="auth", algorithm=SHA-256`,
      ]);
    if (expect.proxyAuthorization !== undefined) headers.push(['Proxy-Authorization', this.#credentials(message)]);
    if (expect.errorInfo !== undefined) {
      const element = expect.errorInfo.contact;
      headers.push([
        'Error-Info',
        `<${element === undefined ? 'sips:announcement@example.com' : this.#addressOfRecord(element)}>`,
      ]);
    }
    if (body !== '') headers.push(['Content-Type', expect.contentType ?? 'application/sdp']);
    return headers;
  }

  #contact({ expect, method }: FlowMessage): string {
    const { of, gruu, mixer, params = {} } = expect.contact ?? { of: '' };
    const uri = mixer === true ? `sips:${of}-mixer@${this.#host(of)}` : this.#ownUri(of, gruu === true);
    const all = mixer === true ? { isfocus: true, ...params } : params;
    const text = Object.entries(all).map(([name, value]) => (value === true ? `;${name}` : `;${name}="${value}"`));
    return `<${uri}>${method === 'REGISTER' ? '' : text.join('')}`;
  }

  #callIdOf(f: string, dialog: string): string {
    return this.#flow.dialogs.find(({ id }) => id === dialog)?.createdBy === f
      ? `${f}@${this.#flow.slug}`
      : this.#dialogCallId(dialog);
  }

  #ownUri(element: string, gruu: boolean): string {
    const { role, host = '' } = this.#flow.elements.find(({ id }) => id === element) ?? {};
    if (gruu) return `${this.#addressOfRecord(element)};gr=${element}`;
    return role === 'gateway' || role === 'pc' ? this.#addressOfRecord(element) : `sips:${element}@${host}`;
  }

  #requestUri(message: FlowMessage): string {
    const { expect, dialog, inDialog, forwards } = message;
    const wanted = expect.requestUri;
    if (wanted === undefined) return '';
    if (inDialog && forwards !== undefined) return this.#of(forwards).startLine.split(' ')[1] ?? '';
    const known =
      wanted.contact === undefined || dialog === null || !inDialog
        ? undefined
        : this.#contacts.get(`${wanted.contact} ${this.#dialogCallId(dialog)}`);
    // Without a subscription it goes to one device only.
    return known ?? `${this.#target(wanted)}${expect.referSub === false ? ';gr' : ''}`;
  }

  #target({ aor, service, contact, sameAs, gruu, errorInfo, announcement }: Target): string {
    if (sameAs !== undefined && !sameAs.includes(' ')) return this.#of(sameAs).startLine.split(' ')[1] ?? '';
    if (errorInfo !== undefined && contact !== undefined) return this.#addressOfRecord(contact);
    if (announcement !== undefined) return 'sips:announcement@example.com';
    if (contact !== undefined) return this.#contacts.get(contact) ?? this.#ownUri(contact, gruu === true);
    return this.#addressOfRecord(aor ?? service ?? '');
  }

  #replaces({ dialog, toTag, fromTag, earlyOnly }: ReplacedDialog): string {
    const callId = this.#dialogCallId(dialog);
    return `${callId};to-tag=${tagOf(toTag, callId)};from-tag=${tagOf(fromTag, callId)}${earlyOnly ? ';early-only' : ''}`;
  }

  #reference({ target, headers }: Reference): string {
    const fields: string[] = [];
    if (headers.replaces !== undefined) fields.push(`Replaces=${encodeURIComponent(this.#replaces(headers.replaces))}`);
    if (headers.require !== undefined) fields.push(`Require=${headers.require.join('%2C')}`);
    return `${this.#target(target)}${fields.length === 0 ? '' : `?${fields.join('&')}`}`;
  }

  #credentials(message: FlowMessage): string {
    const { sameAs, nonceFrom = '' } = message.expect.proxyAuthorization ?? {};
    if (sameAs !== undefined) return headerOf(this.#of(sameAs), 'Proxy-Authorization');
    const uri = this.#requestUri(message);
    return `Digest username="alice", realm="example.com", nonce="${nonceFrom}", uri="${uri}", response="${'0'.repeat(32)}", qop=auth, nc=00000001, cnonce="c"`;
  }

  #body(message: FlowMessage): string {
    const { expect } = message;
    if (expect.sdp !== undefined) return this.#description(message);
    if (expect.bodyUri !== undefined) return `<html><a href="${this.#reference(expect.bodyUri)}">Alice</a></html>`;
    if (expect.sipfrag !== undefined) return this.#fragment(expect.sipfrag);
    return expect.dialogInfo === undefined ? '' : this.#document(message);
  }

  #description(message: FlowMessage): string {
    const { f, from, expect, dialog, answers } = message;
    const callId =
      answers === undefined
        ? dialog === null || message.creates !== undefined
          ? this.#callId(message)
          : this.#callIdOf(f, dialog)
        : headerOf(this.#of(answers), 'Call-ID');
    const key = `${from} ${callId}`;
    const previous = this.#versions.get(key);
    if (previous !== undefined && expect.sdp?.version === 'same') return previous.body;
    const version = (previous?.version ?? 40) + 1;
    const port = 40_000 + 2 * [...this.#versions.keys(), key].indexOf(key);
    const body = `v=0\r\no=${from} 18446744073709551000 ${version} IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\nm=audio ${port} RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\na=${expect.sdp?.direction ?? ''}\r\n`;
    return body;
  }

  #fragment({ status, dialog }: NonNullable<FlowMessage['expect']['sipfrag']>): string {
    const line = `SIP/2.0 ${status} ${reasonPhrase(status)}\r\n`;
    if (dialog === undefined) return line;
    const callId = this.#dialogCallId(dialog.id);
    const contact = this.#target(dialog.contact);
    return `${line}From: <sips:x@example.com>;tag=${tagOf(dialog.fromTag, callId)}\r\nTo: <${contact}>;tag=${tagOf(dialog.toTag, callId)}\r\nCall-ID: ${callId}\r\nContact: <${contact}>\r\n`;
  }

  #document({ dialog, expect }: FlowMessage): string {
    const info = expect.dialogInfo;
    if (info === undefined) return '';
    const version = (this.#documents.get(dialog ?? '') ?? -1) + 1;
    this.#documents.set(dialog ?? '', version);
    const entries = info.dialogs.map(
      ({ state, dialog: of, localTag, remoteTag, direction, remoteTarget, sameIdAs, newId }) => {
        const callId = of === undefined ? '' : this.#dialogCallId(of);
        const names =
          of === undefined
            ? ''
            : ` call-id="${callId}" local-tag="${tagOf(localTag ?? '', callId)}" remote-tag="${tagOf(remoteTag ?? '', callId)}" direction="${direction ?? ''}"`;
        const id =
          sameIdAs === undefined
            ? `d${newId === true ? version : 0}`
            : (/dialog id="([^"]+)"/.exec(this.#of(sameIdAs).body)?.[1] ?? '');
        const target =
          remoteTarget === undefined ? '' : `<remote><target uri="${this.#target(remoteTarget)}"/></remote>`;
        return `<dialog id="${id}"${names}><state>${state}</state>${target}</dialog>`;
      },
    );
    return `<?xml version="1.0"?><dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" version="${version}" state="${info.state}" entity="${this.#target(info.entity)}">${entries.join('')}</dialog-info>`;
  }

  #addressOfRecord(element: string): string {
    const { aor, aorOf, host = '' } = this.#flow.elements.find(({ id }) => id === element) ?? {};
    if (aor !== undefined) return aor;
    return aorOf === undefined ? `sips:${element}@${host || 'biloxi.example.com'}` : this.#addressOfRecord(aorOf);
  }

  #host(element: string): string {
    return this.#flow.elements.find(({ id }) => id === element)?.host ?? '';
  }

  #of(f: string): Draft {
    const draft = this.#drafts.get(f);
    if (draft === undefined) throw new Error(`${f} is not written yet`);
    return draft;
  }
}
