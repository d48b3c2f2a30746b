import type { CapturedMessage, MessageRecorder } from '@switchhook/node';
import type { TraceEntry } from '@switchhook/sim';
import { From, NameAddr, parseMessage, SipRequest, SipUri } from '@switchhook/sip';
import type { SocketAddress } from '@switchhook/sip';
import { contactsIn } from '../checker/binding.ts';
import type { WatchedPacket } from '../stage/watched-network.ts';
import { readText } from './conversation.ts';
import type {
  Conversation,
  HeardInterval,
  MediaPacket,
  Participant,
  RtpInterval,
  SaidMessage,
} from './conversation.ts';
import { IntervalTable } from './interval-table.ts';

/** Octets of media that are kept of a conversation: half an hour of a stream of G.711, minutes of a flow with all its streams. */
export const mostMedia = 16 * 1_048_576;
/** Octets of the shortest packet of RTCP, a header and a source (RFC 3550 6.4.2); RTP is longer. */
const shortestMedia = 8;

/**
 * Takes down what is said and heard. It sees the outside of everybody: messages as they pass between hosts, packets, and
 * sound. Give it the trace of a simulated network, taps on transports, or observations of your own.
 */
export class Recorder {
  readonly #participants: readonly Participant[];
  /** With the order in which they were sent, for those of one millisecond. */
  readonly #messages: { readonly said: SaidMessage; readonly place: number }[] = [];
  /** By the text: what is sent again is not read again. */
  readonly #read = new Map<string, Pick<SaidMessage, 'message' | 'fault'>>();
  #sent = 0;
  readonly #addresses = new Map<string, string>();
  readonly #tapped = new Set<string>();
  /** What tapped participants have sent to ports that are nobody's: whoever gets it has that port. */
  readonly #unplaced = new Map<string, { readonly time: number; readonly place: number }>();
  /** What tapped participants have sent to each other, and that has not come yet. */
  readonly #underWay = new Set<string>();
  /** Who is known by his address alone, by its user part: his own connections may come from anywhere. */
  readonly #strangers = new Map<string, string>();
  /** Hosts that strangers have turned out to be at: where their messages came from, and what they registered. */
  readonly #hosts = new Map<string, Set<string>>();
  readonly #listeners = new Set<(said: SaidMessage) => void>();
  #rtp: IntervalTable | undefined;
  #heard: IntervalTable | undefined;
  readonly #media: MediaPacket[] = [];
  #mediaSize = 0;
  #mediaLeftOut = 0;

  constructor(participants: readonly Participant[]) {
    this.#participants = participants;
  }

  /** Says whose an address is, for taps: an address with its port, or every port of it. */
  locate(element: string, address: string, port?: number): void {
    this.#addresses.set(addressKey(address, port), element);
  }

  /**
   * Says that somebody is a device that nobody here has made: where his first request comes from is his, and what passes
   * between two such nobody sees.
   */
  introduce(element: string, user: string): void {
    this.#strangers.set(user, element);
  }

  /** What has been said until now, in the order in which it was taken down. */
  get messages(): readonly SaidMessage[] {
    return this.#messages.map(({ said }) => said);
  }

  /**
   * A tap on the transports of one participant, for `capturing` of @switchhook/node. Where both ends of a hop are tapped
   * a message is taken down once, as it was sent.
   */
  tap(element: string): MessageRecorder {
    this.#tapped.add(element);
    return { record: (message) => this.#tapRecord(element, message) };
  }

  /** Takes down the messages that a simulated network has carried, hosts being named as elements are. */
  trace(entries: Iterable<TraceEntry>): void {
    for (const { time, arrived, protocol, from, to, text } of entries) {
      this.say({ time, arrived, protocol, from: from.host, to: to.host, text });
    }
  }

  /** Takes down one message; what keeps a connection alive is none. */
  say(message: Omit<SaidMessage, 'message' | 'fault'>): void {
    this.#say(message, this.#nextPlace());
  }

  #nextPlace(): number {
    this.#sent += 1;
    return this.#sent;
  }

  #say(message: Omit<SaidMessage, 'message' | 'fault'>, place: number): void {
    if (isKeepAlive(message.text)) return;
    const read = this.#read.get(message.text) ?? readText(message.text);
    this.#read.set(message.text, read);
    const said = { ...message, ...read };
    this.#messages.push({ said, place });
    for (const listener of this.#listeners) listener(said);
  }

  /** Has somebody told whenever a message has been taken down; the answer ends that. */
  onSaid(listener: (said: SaidMessage) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** From now on, that no packet is told means that none went. */
  watchRtp(): void {
    this.#rtp ??= new IntervalTable();
  }

  /** Takes down that a packet of RTP went. */
  packet(time: number, from: string, to: string): void {
    this.watchRtp();
    this.#rtp?.add(time, time, from, to);
  }

  /** Keeps a datagram of the media path for a capture, if it is RTP or RTCP, until {@link mostMedia} octets are kept. */
  keepMedia(time: number, { kind, from, to, data }: WatchedPacket): void {
    const isMedia = data.length >= shortestMedia && (data[0] ?? 0) >> 6 === 2;
    if (!isMedia) return;
    if (this.#mediaSize + data.length > mostMedia) {
      this.#mediaLeftOut += 1;
      return;
    }
    this.#mediaSize += data.length;
    this.#media.push({ time, protocol: kind === 'RTCP' ? 'RTCP' : 'RTP', from, to, data: data.slice() });
  }

  /** From now on, that no sound is told means that none was heard. */
  listen(): void {
    this.#heard ??= new IntervalTable();
  }

  /** Takes down that somebody heard the sound of another for a while. */
  hear(start: number, end: number, at: string, source: string): void {
    this.listen();
    this.#heard?.add(start, end, source, at);
  }

  /** Whether somebody has heard the sound of another since then, of whomever without one. */
  hears(at: string, source: string | undefined, since: number): boolean {
    return this.#heard?.reaches(at, since, source) ?? false;
  }

  /** Whether a packet of RTP has gone to somebody since then. */
  isSent(to: string, since: number): boolean {
    return this.#rtp?.reaches(to, since) ?? false;
  }

  /** What was said and heard until now. */
  conversation(end: number): Conversation {
    return {
      participants: this.#participants.map((each) => ({
        ...each,
        hosts: [...new Set([...each.hosts, ...(this.#hosts.get(each.element) ?? [])])],
      })),
      strangers: [...this.#strangers.values()],
      messages: [...this.#messages]
        .sort((one, other) => one.said.time - other.said.time || one.place - other.place)
        .map(({ said }) => said),
      rtp: this.#rtp
        ?.intervals()
        .map(({ from, to, start, end: last, count }): RtpInterval => ({ from, to, start, end: last, packets: count })),
      heard: this.#heard
        ?.intervals()
        .map(({ from, to, start, end: last }): HeardInterval => ({ at: to, source: from, start, end: last })),
      media: { packets: [...this.#media], leftOut: this.#mediaLeftOut },
      end,
    };
  }

  #tapRecord(element: string, { time, from, to, protocol, text }: CapturedMessage): void {
    const [sender, receiver] = [this.#whoIs(from) ?? this.#whoseFirst(from, text), this.#whoIs(to)];
    const isOutgoing = receiver !== undefined && receiver !== element;
    const far = isOutgoing ? receiver : sender;
    if (far === element) this.#unplaced.set(text, { time, place: this.#nextPlace() });
    if (far === undefined || far === element) return;
    const sent = isOutgoing ? undefined : this.#unplaced.get(text);
    if (!isOutgoing && this.#tapped.has(far) && !this.#unplaced.delete(text)) return;
    if (isOutgoing && this.#tapped.has(far)) this.#underWay.add(text);
    else this.#underWay.delete(text);
    const [one, other] = isOutgoing ? [element, far] : [far, element];
    this.#say({ time: sent?.time ?? time, protocol, text, from: one, to: other }, sent?.place ?? this.#nextPlace());
  }

  /** Whose a port is that nobody has told of: a stranger's whose request comes from there. */
  #whoseFirst({ address, port }: SocketAddress, text: string): string | undefined {
    if (this.#strangers.size === 0 || this.#underWay.delete(text) || this.#unplaced.has(text)) return undefined;
    const message = parseMessage(text);
    if (!(message instanceof SipRequest)) return undefined;
    const element = this.#strangerBy(message);
    if (element === undefined) return undefined;
    this.locate(element, address, port);
    const registered = message.method === 'REGISTER' ? contactsIn(message) : [];
    const hosts = registered.flatMap(({ uri }) => (uri instanceof SipUri ? uri.host.toLowerCase() : []));
    this.#hosts.set(element, new Set([...(this.#hosts.get(element) ?? []), address, ...hosts]));
    return element;
  }

  /**
   * By who he says he is; who was called by another's address says that, and is known by the tag that he answered with (RFC 3261
   * 12.1.1).
   */
  #strangerBy(request: SipRequest): string | undefined {
    const sender = request.get(From);
    const user = sender instanceof NameAddr && sender.uri instanceof SipUri ? sender.uri.user : undefined;
    const element = user === undefined ? undefined : this.#strangers.get(user);
    if (element !== undefined) return element;
    const names = [...this.#strangers.values()];
    return this.#messages.find(
      ({ said: { from, message } }) =>
        names.includes(from) &&
        message?.callId === request.callId &&
        (message instanceof SipRequest ? message.fromTag : message.toTag) === request.fromTag,
    )?.said.from;
  }

  #whoIs({ address, port }: SocketAddress): string | undefined {
    return this.#addresses.get(addressKey(address, port)) ?? this.#addresses.get(addressKey(address, undefined));
  }
}

/** Line ends, or STUN (RFC 5626 3.5). */
function isKeepAlive(text: string): boolean {
  return /^[\r\n]*$/.test(text) || text.slice(4, 8) === '\x21\x12\xa4\x42';
}

function addressKey(address: string, port: number | undefined): string {
  return `${address} ${String(port)}`;
}
