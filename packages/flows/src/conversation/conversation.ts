import { MalformedMessage, parseMessage } from '@switchhook/sip';
import type { SipRequest, SipResponse, SocketAddress, SyntaxFault, TransportProtocol } from '@switchhook/sip';

/** Somebody who takes part, as others see him: a phone, a proxy, a server. */
export interface Participant {
  /** The name of the part that he plays in the flow, such as `alice` or `proxy`. */
  readonly element: string;
  /** His address of record, where he has one. */
  readonly addressOfRecord?: string;
  /** Others that mean him, too: the one that he has at a server. */
  readonly otherAddresses?: readonly string[];
  /** Names and addresses (lower case, no port) that mean him in a Via, a Route or a Contact. */
  readonly hosts: readonly string[];
}

/** One SIP message on one hop. */
export interface SaidMessage {
  /** When it was sent, in milliseconds on any scale that all of a conversation share. */
  readonly time: number;
  /** When it came, where that is known: later than `time`, or never for one that was lost. */
  readonly arrived?: number | undefined;
  readonly from: string;
  readonly to: string;
  readonly protocol: TransportProtocol;
  /** As it went over the wire, a character a byte. */
  readonly text: string;
  /** As much of it as could be read; undefined when it is no message at all. */
  readonly message: SipRequest | SipResponse | undefined;
  /** Why it is no proper message. */
  readonly fault?: SyntaxFault | undefined;
}

/** A time in which RTP packets went from one to another. */
export interface RtpInterval {
  readonly from: string;
  readonly to: string;
  readonly start: number;
  readonly end: number;
  readonly packets: number;
}

/** A packet of RTP or RTCP, as it went over the wire; of SRTP and SRTCP, too. */
export interface MediaPacket {
  /** On the scale of the messages. */
  readonly time: number;
  readonly protocol: 'RTP' | 'RTCP';
  readonly from: SocketAddress;
  readonly to: SocketAddress;
  readonly data: Uint8Array;
}

/** What went on the media path, as far as it is kept. */
export interface KeptMedia {
  /** In the order of sending. */
  readonly packets: readonly MediaPacket[];
  /** How many more there were. */
  readonly leftOut: number;
}

/** A time in which the sound of one was heard by another, by whatever way it came. */
export interface HeardInterval {
  readonly at: string;
  /** Whose sound it was. */
  readonly source: string;
  readonly start: number;
  readonly end: number;
}

/** What was said and heard, from the beginning to the end of the recording. No product's insides are in it. */
export interface Conversation {
  readonly participants: readonly Participant[];
  /**
   * Those of them who are devices that nobody here has made: what they hear nobody knows, nor what passes between two of
   * them. None without it.
   */
  readonly strangers?: readonly string[] | undefined;
  /** In the order of sending. */
  readonly messages: readonly SaidMessage[];
  /** Undefined when nobody watched for RTP: then nothing is said about media. */
  readonly rtp: readonly RtpInterval[] | undefined;
  /** Undefined when nobody listened to what was heard. */
  readonly heard: readonly HeardInterval[] | undefined;
  /** For a capture; nothing without it, where nobody kept any. */
  readonly media?: KeptMedia | undefined;
  readonly end: number;
}

/** Reads what went over a hop. */
export function saidMessage(parts: Omit<SaidMessage, 'message' | 'fault'>): SaidMessage {
  return { ...parts, ...readText(parts.text) };
}

/** What a text says, be it sent once or again and again. */
export function readText(text: string): Pick<SaidMessage, 'message' | 'fault'> {
  const parsed = parseMessage(text);
  return parsed instanceof MalformedMessage ? { message: parsed.message, fault: parsed.fault } : { message: parsed };
}
