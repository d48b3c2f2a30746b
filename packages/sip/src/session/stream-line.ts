import { chooseCrypto } from './crypto-attribute.ts';
import type {
  CryptoAttribute,
  MediaCapability,
  MediaDirection,
  MediaFormat,
  MediaRefusal,
  MediaStream,
  StreamAgreement,
} from './media.ts';
import { mirrored, narrowed, receives, sends } from './media-direction.ts';
import { isTelephoneEvent, isVoice, PayloadTypes } from './payload-types.ts';
import { isNowhere, isRtp, isSameEncoding, isSecureProtocol, isUnicast } from './session-description.ts';
import type { MediaDescription } from './session-description.ts';

/** One m= line of a session: its place never changes, what stands in it may (RFC 3264 8). */
export interface StreamLine {
  readonly kind: string;
  readonly protocol: string;
  readonly formatList: readonly string[];
  /** Undefined for a line that is refused or ended, whose port is 0. */
  readonly standing?: StandingStream | undefined;
}

export interface StandingStream {
  readonly stream: MediaStream;
  readonly capability: MediaCapability;
  readonly payloadTypes: PayloadTypes;
  readonly agreement?: StreamAgreement | undefined;
}

/** A line as this side has answered it. */
export interface AnsweredLine {
  readonly line: StreamLine;
  readonly description: MediaDescription;
}

/** A format that both sides have: as the far end and as this side write it. */
interface CommonFormat {
  readonly remote: MediaFormat;
  readonly own: MediaFormat;
}

/** Packets shorter or longer than this many milliseconds are wished for by mistake. */
const packetTimes = { shortest: 10, longest: 120 } as const;

export function refused(status: number, warning: number, reason: string): MediaRefusal {
  return { kind: 'refused', status, warning, reason };
}

/** The line of a description that says no to a stream (RFC 3264 6): all as it was offered, but for the port. */
export function refusedDescription({ kind, protocol, formatList }: Omit<StreamLine, 'standing'>): MediaDescription {
  const nothing = { formats: [], crypto: [], multiplexed: false, direction: 'inactive', address: '' } as const;
  return { kind, protocol, formatList, port: 0, ...nothing };
}

/** What an offer says of a stream that this side has opened. */
export function offerOf(line: StreamLine, standing: StandingStream, direction: MediaDirection): MediaDescription {
  const { stream, capability, payloadTypes, agreement } = standing;
  // What was agreed without keys stays so: a hold is no occasion to change more than was asked for.
  const crypto = agreement !== undefined && agreement.crypto === undefined ? [] : stream.crypto;
  const formats = payloadTypes.offered(capability);
  return {
    ...ownSide(standing),
    kind: line.kind,
    protocol: line.protocol,
    formatList: formats.map(({ payloadType }) => String(payloadType)),
    formats,
    direction,
    multiplexed: agreement?.multiplexed ?? true,
    crypto,
  };
}

/** Why this side has no use for an offered stream, before a port is opened for it; undefined when it has. */
export function refusalOf(
  offered: MediaDescription,
  capability: MediaCapability | undefined,
): MediaRefusal | undefined {
  if (capability === undefined) return refused(488, 304, `no ${offered.kind} here`);
  if (!isRtp(offered.protocol)) return refused(488, 302, `no ${offered.protocol} here`);
  if (!isNowhere(offered.address) && !isUnicast(offered.address)) {
    return refused(488, 301, `the address ${offered.address} is not of one host`);
  }
  if (!commonFormats(offered.formats, capability.formats).some(({ own }) => isVoice(own))) {
    return refused(488, 305, `no format of this ${offered.kind} is known here`);
  }
  const hasKey = chooseCrypto(offered.crypto, securitySuites(capability)) !== undefined;
  if (!hasKey && isSecureProtocol(offered.protocol)) return refused(488, 306, 'no key or suite of SRTP fits');
  if (!hasKey && capability.security === 'required') return refused(488, 306, 'only SRTP here');
  return undefined;
}

/** Answers an offered stream of which {@link refusalOf} has nothing to say. */
export function answerTo(offered: MediaDescription, standing: StandingStream, wanted: MediaDirection): AnsweredLine {
  const { stream, capability, payloadTypes } = standing;
  const common = commonFormats(offered.formats, capability.formats);
  const own = payloadTypes.answered(common.map(({ own: format, remote }) => withNumberOf(format, remote)));
  const theirs = chooseCrypto(offered.crypto, securitySuites(capability));
  const ours = stream.crypto.find(({ suite }) => suite === theirs?.suite);
  const direction = narrowed(wanted, mirrored(offeredDirection(offered)));
  const crypto =
    theirs === undefined || ours === undefined ? undefined : { send: { ...ours, tag: theirs.tag }, receive: theirs };
  const agreement = agreementOf(offered, {
    common,
    own,
    direction,
    crypto,
    multiplexed: offered.multiplexed,
    capability,
  });
  const { kind, protocol } = offered;
  const formatList = own.map(({ payloadType }) => String(payloadType));
  return {
    line: {
      kind,
      protocol,
      formatList,
      standing: { stream, capability, payloadTypes: payloadTypes.with(own), agreement },
    },
    description: {
      ...ownSide(standing),
      kind,
      protocol,
      formatList,
      formats: own,
      direction,
      multiplexed: offered.multiplexed,
      crypto: crypto === undefined ? [] : [crypto.send],
    },
  };
}

/** Reads what the far end has answered to one stream of this side's offer. */
export function acceptLine(
  line: StreamLine,
  standing: StandingStream,
  offered: MediaDescription,
  answer: MediaDescription,
): StreamLine | MediaRefusal {
  if (answer.kind.toLowerCase() !== line.kind.toLowerCase()) return refused(488, 304, 'the answer is to another offer');
  const { kind, formatList } = line;
  if (answer.port === 0) return { kind, protocol: line.protocol, formatList };
  const { stream, capability } = standing;
  if (!isRtp(answer.protocol)) return refused(488, 302, `the answer has ${answer.protocol}, which was not offered`);
  if (!isNowhere(answer.address) && !isUnicast(answer.address)) {
    return refused(488, 301, `the address ${answer.address} is not of one host`);
  }
  const common = commonFormats(answer.formats, offered.formats);
  const own = common.map((each) => each.own);
  if (!own.some(isVoice)) return refused(488, 305, 'the answer has no format that was offered');
  const receive = answer.crypto.find((each) =>
    offered.crypto.some(({ tag, suite }) => tag === each.tag && suite === each.suite),
  );
  const send = offered.crypto.find(({ tag }) => tag === receive?.tag);
  const crypto = receive === undefined || send === undefined ? undefined : { send, receive };
  const isSecure = isSecureProtocol(offered.protocol) || isSecureProtocol(answer.protocol);
  if (crypto === undefined && (isSecure || capability.security === 'required')) {
    return refused(488, 306, 'the answer has no key for SRTP');
  }
  const direction = narrowed(offered.direction, mirrored(offeredDirection(answer)));
  const multiplexed = offered.multiplexed && answer.multiplexed;
  const agreement = agreementOf(answer, { common, own, direction, crypto, multiplexed, capability });
  const payloadTypes = standing.payloadTypes.with(offered.formats);
  return { kind, protocol: line.protocol, formatList, standing: { stream, capability, payloadTypes, agreement } };
}

/** The direction that is meant: who names no address wants to hear nothing (RFC 3264 8.4). */
export function offeredDirection({ direction, address }: MediaDescription): MediaDirection {
  return isNowhere(address) ? narrowed(direction, 'sendonly') : direction;
}

/** Whether the far end wants to hear nothing, by its answer to a stream offered as `offered`; undefined: it cannot say. */
export function holdIn(answer: MediaDescription, offered: MediaDirection): boolean | undefined {
  return sends(offered) ? !receives(offeredDirection(answer)) : undefined;
}

/** The lines that say where this side is: the same in offers and in answers. */
function ownSide({
  stream,
  capability,
}: StandingStream): Pick<MediaDescription, 'port' | 'address' | 'controlPort' | 'packetTime'> {
  const { address, port, controlPort } = stream.local;
  return {
    port,
    address,
    controlPort: controlPort === port || controlPort === port + 1 ? undefined : controlPort,
    packetTime: capability.packetTime,
  };
}

/**
 * In the order of the far end. Silence only at a clock rate that a voice has, events too (RFC 4733 2.1); where both sides have
 * events at other rates alone, as beside Opus many have them at 8,000 Hz, digits at such a rate are better than none.
 */
function commonFormats(remote: readonly MediaFormat[], own: readonly MediaFormat[]): CommonFormat[] {
  const common: CommonFormat[] = [];
  for (const format of remote) {
    const match = own.find((each) => isSameEncoding(each, format));
    if (match !== undefined) common.push({ remote: format, own: match });
  }
  const rates = new Set(common.filter((each) => isVoice(each.own)).map((each) => each.own.clockRate));
  const isOfVoice = ({ own: { clockRate } }: CommonFormat): boolean => rates.has(clockRate);
  const isEvents = (each: CommonFormat): boolean => isTelephoneEvent(each.own);
  const hasEventsOfVoice = common.some((each) => isOfVoice(each) && isEvents(each));
  return common.filter((each) => isOfVoice(each) || (isEvents(each) && !hasEventsOfVoice));
}

function withNumberOf(format: MediaFormat, { payloadType }: MediaFormat): MediaFormat {
  return { ...format, payloadType };
}

function securitySuites({ security, cryptoSuites }: MediaCapability): readonly string[] {
  return security === 'none' ? [] : cryptoSuites;
}

interface AgreementParts {
  readonly common: readonly CommonFormat[];
  readonly own: readonly MediaFormat[];
  readonly direction: MediaDirection;
  readonly crypto: { readonly send: CryptoAttribute; readonly receive: CryptoAttribute } | undefined;
  readonly multiplexed: boolean;
  readonly capability: MediaCapability;
}

function agreementOf(remote: MediaDescription, parts: AgreementParts): StreamAgreement {
  const { common, own, direction, crypto, multiplexed, capability } = parts;
  const voice = common.find((each) => isVoice(each.own));
  if (voice === undefined) throw new Error('a stream without a format is refused before it is agreed on');
  const { payloadType, parameters } = voice.remote;
  const { encoding, clockRate, channels } = voice.own;
  const events = common.filter((each) => isTelephoneEvent(each.own));
  const chosenEvents = events.find((each) => each.own.clockRate === clockRate) ?? events[0];
  return {
    direction,
    remote: {
      address: remote.address,
      port: remote.port,
      ...controlIn(remote, multiplexed),
    },
    multiplexed,
    send: { payloadType, encoding, clockRate, channels, ...(parameters !== undefined && { parameters }) },
    receive: own,
    sendEvents: chosenEvents && {
      payloadType: chosenEvents.remote.payloadType,
      clockRate: chosenEvents.own.clockRate,
    },
    packetTime: packetTimeOf(remote, capability),
    crypto,
  };
}

/** Where RTCP goes (RFC 3605): nowhere by an address that is none. One that is of no one machine is passed over. */
function controlIn(
  { port, controlPort = Math.min(port + 1, 65_535), controlAddress }: MediaDescription,
  multiplexed: boolean,
): Pick<StreamAgreement['remote'], 'controlPort' | 'controlAddress'> {
  if (multiplexed) return { controlPort: port };
  if (controlAddress === undefined) return { controlPort };
  if (isNowhere(controlAddress)) return { controlPort: 0 };
  return isUnicast(controlAddress) ? { controlPort, controlAddress } : { controlPort };
}

function packetTimeOf({ packetTime, maximumPacketTime = Infinity }: MediaDescription, own: MediaCapability): number {
  const wished = Math.min(packetTime ?? own.packetTime, maximumPacketTime);
  return wished >= packetTimes.shortest && wished <= packetTimes.longest ? wished : own.packetTime;
}

/** A line for a stream that this side would like to have, and has opened. */
export function openedLine(capability: MediaCapability, stream: MediaStream): StreamLine {
  return { ...possibleLine(capability), standing: { stream, capability, payloadTypes: PayloadTypes.NONE } };
}

/** The line that tells of a stream which this side could have, where nobody asks for one (RFC 3264 9). */
export function possibleDescription(capability: MediaCapability): MediaDescription {
  return { ...refusedDescription(possibleLine(capability)), formats: capability.formats };
}

function possibleLine({ kind, security, formats }: MediaCapability): Omit<StreamLine, 'standing'> {
  return {
    kind,
    // The optional SRTP that telephones have in common: keys in a plain profile, to be passed over by who has none.
    protocol: security === 'required' ? 'RTP/SAVP' : 'RTP/AVP',
    formatList: formats.map(({ payloadType }) => String(payloadType)),
  };
}
