import { isIP } from 'node:net';
import type { SocketAddress, TransportProtocol } from '@switchhook/sip';

/**
 * Blocks of a pcapng file (draft-ietf-opsawg-pcapng). Each SIP message and each packet of media is a Wireshark "exported PDU":
 * it names its dissector itself and carries addresses and ports beside it. So a message that travelled in TLS or in a WebSocket,
 * on whatever port, reads as what it is, and none needs invented packet headers.
 */

/** What carried a message, or what a packet of media is. */
export type CapturedProtocol = TransportProtocol | 'RTP' | 'RTCP';

/** The interfaces of the file, one for each of these: `frame.interface_name` tells them apart in Wireshark. */
export const captureInterfaces: readonly CapturedProtocol[] = ['UDP', 'TCP', 'TLS', 'WS', 'WSS', 'RTP', 'RTCP'];

const blockTypes = { sectionHeader: 0x0a0d0d0a, interface: 1, statistics: 5, enhancedPacket: 6 };
const byteOrderMagic = 0x1a2b3c4d;
const linkTypeUpperPdu = 252;
const options = { comment: 1, userApplication: 4, interfaceName: 2, received: 4, dropped: 5 };

/** Tags of an exported PDU; these are big-endian, the blocks around them are not. */
const tags = {
  dissector: 12,
  source: { 4: 20, 6: 22 },
  destination: { 4: 21, 6: 23 },
  portType: 24,
  sourcePort: 25,
  destinationPort: 26,
};
const portTypes = { TCP: 2, UDP: 3 };

interface Captured {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly from: SocketAddress;
  readonly to: SocketAddress;
  /** What Wireshark shows above it; its protocol without it. */
  readonly comment?: string;
}

/** One message, as it went over the wire or would have without encryption. */
export interface CapturedMessage extends Captured {
  readonly protocol: TransportProtocol;
  /** A character a byte. */
  readonly text: string;
}

/** One packet of media over UDP, as it went over the wire: SRTP and SRTCP too. */
export interface CapturedMedia extends Captured {
  readonly protocol: 'RTP' | 'RTCP';
  readonly data: Uint8Array;
}

function padding(length: number): Buffer {
  return Buffer.alloc((4 - (length % 4)) % 4);
}

function uint32(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => bytes.writeUInt32LE(value, index * 4));
  return bytes;
}

function uint64(value: number): Buffer {
  return uint32(value % 0x1_0000_0000, Math.floor(value / 0x1_0000_0000));
}

function block(type: number, ...parts: Buffer[]): Buffer {
  const length = 12 + parts.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([uint32(type, length), ...parts, uint32(length)]);
}

function option(code: number, value: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16LE(code, 0);
  head.writeUInt16LE(value.length, 2);
  return Buffer.concat([head, value, padding(value.length)]);
}

const endOfOptions = Buffer.alloc(4);

/** Microseconds, the high half first. */
function timestamp(milliseconds: number): Buffer {
  const microseconds = Math.round(milliseconds * 1000);
  return uint32(Math.floor(microseconds / 0x1_0000_0000), microseconds % 0x1_0000_0000);
}

/** What every file begins with. */
export function captureHeader(): Buffer {
  const version = Buffer.from([1, 0, 0, 0]);
  const unknownLength = Buffer.alloc(8, 0xff);
  const application = option(options.userApplication, Buffer.from('switchhook'));
  return Buffer.concat([
    block(blockTypes.sectionHeader, uint32(byteOrderMagic), version, unknownLength, application, endOfOptions),
    ...captureInterfaces.map((name) => {
      const noSnapLength = uint32(linkTypeUpperPdu, 0);
      return block(blockTypes.interface, noSnapLength, option(options.interfaceName, Buffer.from(name)), endOfOptions);
    }),
  ]);
}

/** How many messages of one transport were recorded, and how many were lost on the way to the file. */
export function captureStatistics(protocol: CapturedProtocol, time: number, received: number, dropped: number): Buffer {
  return block(
    blockTypes.statistics,
    uint32(captureInterfaces.indexOf(protocol)),
    timestamp(time),
    option(options.received, uint64(received)),
    option(options.dropped, uint64(dropped)),
    endOfOptions,
  );
}

function tag(code: number, value: Buffer): Buffer {
  const filled = Buffer.concat([value, padding(value.length)]);
  const head = Buffer.alloc(4);
  head.writeUInt16BE(code, 0);
  head.writeUInt16BE(filled.length, 2);
  return Buffer.concat([head, filled]);
}

function numberTag(code: number, value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return tag(code, bytes);
}

const mappedPrefix = '::ffff:';

/** The four or sixteen bytes of an address; what is no address (a connection that does not stand yet) is 0.0.0.0. */
export function addressBytes(address: string): Buffer {
  if (address.startsWith(mappedPrefix) && isIP(address.slice(mappedPrefix.length)) === 4) {
    return addressBytes(address.slice(mappedPrefix.length));
  }
  const version = isIP(address);
  if (version === 4) return Buffer.from(address.split('.').map(Number));
  if (version === 0) return Buffer.alloc(4);
  const [head = '', tail] = (address.split('%')[0] ?? '').split('::');
  const first = groupBytes(head);
  const last = groupBytes(tail ?? '');
  return Buffer.concat([first, Buffer.alloc(16 - first.length - last.length), last]);
}

/** `2001:db8` or `0:192.0.2.1`, in bytes. */
function groupBytes(text: string): Buffer {
  if (text === '') return Buffer.alloc(0);
  return Buffer.concat(
    text.split(':').map((group) => {
      if (group.includes('.')) return addressBytes(group);
      const bytes = Buffer.alloc(2);
      bytes.writeUInt16BE(Number.parseInt(group, 16));
      return bytes;
    }),
  );
}

function addressTag(codes: Readonly<Record<4 | 6, number>>, address: string): Buffer {
  const bytes = addressBytes(address);
  return tag(bytes.length === 4 ? codes[4] : codes[6], bytes);
}

/** What Wireshark reads a packet with, whether it came by UDP, and its octets. */
function contentOf(captured: CapturedMessage | CapturedMedia): readonly [string, boolean, Uint8Array] {
  return 'text' in captured
    ? ['sip', captured.protocol === 'UDP', Buffer.from(captured.text, 'latin1')]
    : [captured.protocol.toLowerCase(), true, captured.data];
}

/** A message or a packet of media as a record of the file. */
export function captureRecord(captured: CapturedMessage | CapturedMedia): Buffer {
  const { time, from, to, protocol, comment = protocol } = captured;
  const [dissector, isDatagram, content] = contentOf(captured);
  const packet = Buffer.concat([
    tag(tags.dissector, Buffer.from(dissector)),
    addressTag(tags.source, from.address),
    addressTag(tags.destination, to.address),
    numberTag(tags.portType, isDatagram ? portTypes.UDP : portTypes.TCP),
    numberTag(tags.sourcePort, from.port),
    numberTag(tags.destinationPort, to.port),
    Buffer.alloc(4),
    content,
  ]);
  return block(
    blockTypes.enhancedPacket,
    uint32(captureInterfaces.indexOf(protocol)),
    timestamp(time),
    uint32(packet.length, packet.length),
    packet,
    padding(packet.length),
    option(options.comment, Buffer.from(comment)),
    endOfOptions,
  );
}
