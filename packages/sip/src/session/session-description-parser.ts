import { parse } from 'sdp-transform';
import type { MediaDescription as ParsedMedia, SharedDescriptionFields } from 'sdp-transform';
import { scanNumber } from '../message/characters.ts';
import { SyntaxFault } from '../message/fault.ts';
import { parseCrypto } from './crypto-attribute.ts';
import type { MediaDirection, MediaFormat } from './media.ts';
import { isRtp, sessionDescriptionLimits as limits, staticFormat } from './session-description.ts';
import type { MediaDescription, SessionDescription, SessionOrigin, SessionTiming } from './session-description.ts';

interface MediaLine {
  readonly kind: string;
  readonly port: number;
  readonly protocol: string;
  readonly formatList: readonly string[];
}

/** What both levels may say, the session for all media. */
interface Shared {
  readonly address: string | undefined;
  readonly direction: MediaDirection | undefined;
}

const maximumPort = 65_535;
const versionPattern = /^\d{1,19}$/;
const timingPattern = /^t=(\d{1,15}) (\d{1,15}) *$/;
const originPattern = /^(\S+) (\d{1,64}) (\d{1,64}) IN IP[46] (\S{1,255})$/;
const mediaPattern = /^m=([\w!#$%&'*+.^`{|}~-]{1,32}) (\d{1,5})(?:\/\d{1,5})? ([\w/.+-]{1,32})((?: [^\s]{1,64})+)$/;
const addressPattern = /^[\w.:-]{1,255}$/;
const encodingPattern = /^[\w!#$%&'*+.^`{|}~-]{1,64}$/;

/**
 * Reads a session description (RFC 8866). Lines and attributes that a telephone has no use for are passed over; a text that is
 * no session description, or one that says what cannot be, is a fault with the status that answers it.
 */
export function parseSessionDescription(text: string): SessionDescription | SyntaxFault {
  if (text.length > limits.characters) return new SyntaxFault('the session description is too long', 0, 413);
  const lines = text.split(/\r\n|\r|\n/).filter((line) => line !== '');
  if (lines.length > limits.lines) return new SyntaxFault('the session description has too many lines', 0, 413);
  const lineFault = faultOfLines(lines);
  if (lineFault !== undefined) return lineFault;
  const origin = originOf(lines);
  if (origin instanceof SyntaxFault) return origin;

  const sections = sectionsOf(lines);
  if (sections.length > limits.media) return new SyntaxFault('the session description has too many streams', 0, 488);
  const firstMedia = lines.findIndex(isMediaLine);
  const parsed = attributesOf(firstMedia < 0 ? lines : lines.slice(0, firstMedia));
  const session: Shared = { address: addressOf(parsed), direction: parsed.direction };
  const media: MediaDescription[] = [];
  for (const section of sections) {
    const description = describe(section, attributesOf(section), session);
    if (description instanceof SyntaxFault) return description;
    media.push(description);
  }
  return { origin, timing: timingOf(lines), media };
}

/** The first of them: telephones have no use for a session that is held again and again. */
function timingOf(lines: readonly string[]): SessionTiming | undefined {
  const [, start, stop] = timingPattern.exec(lines.find((each) => each.startsWith('t=')) ?? '') ?? [];
  return start === undefined || stop === undefined ? undefined : { start: Number(start), stop: Number(stop) };
}

function isMediaLine(line: string): boolean {
  return line.startsWith('m=');
}

/** The lines of each stream, its m= first. */
function sectionsOf(lines: readonly string[]): string[][] {
  const sections: string[][] = [];
  for (const line of lines) {
    if (isMediaLine(line)) sections.push([line]);
    else sections.at(-1)?.push(line);
  }
  return sections;
}

/** The lines of a level that sdp-transform reads: an address, and the attributes that a telephone has a use for. */
const readLine = /^(?:c=|a=(?:rtpmap:|fmtp:|rtcp:|rtcp-mux|ptime:|maxptime:|sendrecv|sendonly|recvonly|inactive))/;

/** What levels said, by those lines: telephones say the same in call after call. */
const known = new Map<string, ParsedMedia>();
const mostKnown = 100;
/** Characters of what is worth to be known. */
const longestKnown = 1_000;

function attributesOf(lines: readonly string[]): ParsedMedia {
  let text = '';
  for (const line of lines) if (readLine.test(line)) text += `${line}\n`;
  const before = known.get(text);
  if (before !== undefined) return before;
  const [level = { type: '', port: 0, protocol: '', rtp: [], fmtp: [] }] = parse(`m=audio 0 RTP/AVP 0\n${text}`).media;
  if (text.length > longestKnown) return level;
  if (known.size >= mostKnown) known.clear();
  known.set(text, level);
  return level;
}

function faultOfLines(lines: readonly string[]): SyntaxFault | undefined {
  if (lines[0] !== 'v=0') return new SyntaxFault('the session description does not begin with v=0');
  const strange = lines.find((line) => !/^[a-zA-Z]=/.test(line));
  if (strange !== undefined) return new SyntaxFault('a line of the session description has no type');
  return undefined;
}

function originOf(lines: readonly string[]): SessionOrigin | SyntaxFault {
  const line = lines.find((each) => each.startsWith('o='));
  const [, username, sessionId, version, address] = originPattern.exec(line?.slice(2).trimEnd() ?? '') ?? [];
  if (username === undefined || sessionId === undefined || version === undefined || address === undefined) {
    return new SyntaxFault('the session description has no valid o=');
  }
  return { username, sessionId, version: versionPattern.test(version) ? Number(version) : 0, address };
}

function parseMediaLine(value: string): MediaLine | SyntaxFault {
  const [, kind, portText, protocol, rest] = mediaPattern.exec(value.trimEnd()) ?? [];
  if (kind === undefined || portText === undefined || protocol === undefined || rest === undefined) {
    return new SyntaxFault('an m= line does not read');
  }
  const port = Number(portText);
  if (port > maximumPort) return new SyntaxFault('a port is over 65535');
  const formatList = rest.slice(1).split(' ');
  if (formatList.length > limits.formats) return new SyntaxFault('an m= line has too many formats', 0, 488);
  return { kind, port, protocol, formatList };
}

function describe(
  section: readonly string[],
  attributes: ParsedMedia,
  session: Shared,
): MediaDescription | SyntaxFault {
  const line = parseMediaLine(section[0] ?? '');
  if (line instanceof SyntaxFault) return line;
  const address = addressOf(attributes) ?? session.address;
  if (line.port > 0 && (address === undefined || !addressPattern.test(address))) {
    return new SyntaxFault('a stream has no address');
  }
  const formats = isRtp(line.protocol) ? formatsOf(line.formatList, attributes) : [];
  if (formats instanceof SyntaxFault) return formats;
  return {
    ...line,
    formats,
    address: address ?? '',
    direction: attributes.direction ?? session.direction ?? 'sendrecv',
    ...controlOf(attributes),
    multiplexed: attributes.rtcpMux !== undefined,
    packetTime: numberOf(attributes.ptime, 1_000),
    maximumPacketTime: numberOf(attributes.maxptime, 1_000),
    crypto: section.map(parseCrypto).filter((each) => each !== undefined),
  };
}

/** RFC 3605 2.1; an address that does not read is as none. */
function controlOf({ rtcp }: ParsedMedia): Pick<MediaDescription, 'controlPort' | 'controlAddress'> {
  const controlPort = numberOf(rtcp?.port, maximumPort);
  const address = textOf(rtcp?.address ?? '');
  if (controlPort === undefined || !addressPattern.test(address)) return { controlPort };
  return { controlPort, controlAddress: address };
}

/** Without the time to live and the number of groups that a multicast address carries. */
function addressOf({ connection }: SharedDescriptionFields): string | undefined {
  return connection === undefined ? undefined : textOf(connection.ip).split('/')[0];
}

/** sdp-transform makes a number of what looks like one, and a text of anything else, whatever its types say. */
function textOf(value: unknown): string {
  return String(value);
}

function numberOf(value: unknown, maximum: number): number | undefined {
  const text = textOf(value);
  const number = scanNumber(text, 0, text.length, maximum);
  return number > 0 ? number : undefined;
}

/** RFC 3264 5.1: each format of the list, explained by a=rtpmap or by being static. What is not explained is left out. */
function formatsOf(formatList: readonly string[], { rtp, fmtp }: ParsedMedia): MediaFormat[] | SyntaxFault {
  const formats: MediaFormat[] = [];
  for (const each of formatList) {
    const payloadType = scanNumber(each, 0, each.length, 127);
    if (payloadType < 0) return new SyntaxFault('a payload type is no number from 0 to 127');
    if (formats.some((known) => known.payloadType === payloadType)) continue;
    const map = rtp.find(({ payload }) => payload === payloadType);
    const format = map === undefined ? staticFormat(payloadType) : mappedFormat(payloadType, map);
    if (format === undefined) continue;
    const parameters = fmtp.find(({ payload }) => payload === payloadType)?.config;
    formats.push(parameters === undefined ? format : { ...format, parameters: textOf(parameters) });
  }
  return formats;
}

function mappedFormat(payloadType: number, map: ParsedMedia['rtp'][number]): MediaFormat | undefined {
  const encoding = textOf(map.codec);
  const clockRate = numberOf(map.rate, 1_000_000);
  const channels = map.encoding === undefined ? 1 : numberOf(map.encoding, 255);
  if (!encodingPattern.test(encoding) || clockRate === undefined || channels === undefined) return undefined;
  return { payloadType, encoding, clockRate, channels };
}
