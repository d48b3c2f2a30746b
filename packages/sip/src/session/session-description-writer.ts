import { write } from 'sdp-transform';
import type { MediaDescription as WrittenMedia, SessionDescription as WrittenDescription } from 'sdp-transform';
import { isIpv6Address } from '../transport/ip-address.ts';
import { printCrypto } from './crypto-attribute.ts';
import type { MediaDescription, SessionDescription } from './session-description.ts';

declare module 'sdp-transform' {
  /** Its own types leave the second parameter out, which its documentation has. */
  export function write(
    description: WrittenDescription,
    order: { outerOrder: readonly string[]; innerOrder: readonly string[] },
  ): string;
}

/** The types of lines that are written, in their order: no others are looked for. */
const order = { outerOrder: ['v', 'o', 's', 'c', 't'], innerOrder: ['c', 'a'] };

/** The text of a session description (RFC 8866). The address of the first stream stands for all that share it. */
export function printSessionDescription({ origin, timing, media }: SessionDescription): string {
  const address = media.find(({ port }) => port > 0)?.address ?? origin.address;
  const description = {
    version: 0,
    origin: {
      username: origin.username,
      sessionId: origin.sessionId,
      sessionVersion: origin.version,
      netType: 'IN',
      ipVer: familyOf(origin.address),
      address: origin.address,
    },
    name: '-',
    connection: { version: familyOf(address), ip: address },
    timing: timing ?? { start: 0, stop: 0 },
    media: media.map((each) => writtenMedia(each, address)),
  };
  return write(description, order);
}

function familyOf(address: string): 4 | 6 {
  return isIpv6Address(address) ? 6 : 4;
}

function writtenMedia(media: MediaDescription, sessionAddress: string): WrittenMedia {
  const { kind: type, port, protocol, formatList, formats, address } = media;
  const line = {
    type,
    port,
    protocol,
    payloads: formatList.join(' '),
    rtp: formats.map(({ payloadType: payload, encoding: codec, clockRate: rate, channels }) => ({
      payload,
      codec,
      rate,
      ...(channels > 1 && { encoding: channels }),
    })),
    fmtp: formats.flatMap(({ payloadType: payload, parameters: config }) =>
      config === undefined ? [] : [{ payload, config }],
    ),
  };
  if (port === 0) return line;
  const { controlPort, controlAddress, packetTime, maximumPacketTime } = media;
  return {
    ...line,
    ...(address !== sessionAddress && { connection: { version: familyOf(address), ip: address } }),
    ...(controlPort !== undefined && { rtcp: writtenControl(controlPort, controlAddress) }),
    ...(media.multiplexed && { rtcpMux: 'rtcp-mux' as const }),
    ...(packetTime !== undefined && { ptime: packetTime }),
    ...(maximumPacketTime !== undefined && { maxptime: maximumPacketTime }),
    ...(media.crypto.length > 0 && { crypto: media.crypto.map(printCrypto) }),
    direction: media.direction,
  };
}

function writtenControl(port: number, address: string | undefined): NonNullable<WrittenMedia['rtcp']> {
  return address === undefined ? { port } : { port, netType: 'IN', ipVer: familyOf(address), address };
}
