import { isIpv6Address } from '../transport/ip-address.ts';
import { printCrypto } from './crypto-attribute.ts';
import type { MediaDescription, SessionDescription } from './session-description.ts';

/** The text of a session description (RFC 8866). The address of the first stream stands for all that share it. */
export function printSessionDescription({ origin, timing, media }: SessionDescription): string {
  const address = media.find(({ port }) => port > 0)?.address ?? origin.address;
  const { username, sessionId, version } = origin;
  const { start, stop } = timing ?? { start: 0, stop: 0 };
  let text = `v=0\r\no=${username} ${sessionId} ${version} ${printAddress(origin.address)}\r\ns=-\r\n`;
  text += `c=${printAddress(address)}\r\nt=${start} ${stop}\r\n`;
  for (const each of media) text += printMedia(each, address);
  return text;
}

function printAddress(address: string): string {
  return `IN IP${isIpv6Address(address) ? 6 : 4} ${address}`;
}

/** An m= section; of a stream that is refused only what it is. */
function printMedia(media: MediaDescription, sessionAddress: string): string {
  const { kind, port, protocol, formatList, formats, address, controlPort, controlAddress } = media;
  let text = `m=${kind} ${port} ${protocol} ${formatList.join(' ')}\r\n`;
  if (port > 0 && address !== sessionAddress) text += `c=${printAddress(address)}\r\n`;
  for (const { payloadType, encoding, clockRate, channels } of formats) {
    text += `a=rtpmap:${payloadType} ${encoding}/${clockRate}${channels > 1 ? `/${channels}` : ''}\r\n`;
  }
  for (const { payloadType, parameters } of formats) {
    if (parameters !== undefined) text += `a=fmtp:${payloadType} ${parameters}\r\n`;
  }
  if (port === 0) return text;
  if (controlPort !== undefined) {
    text += `a=rtcp:${controlPort}${controlAddress === undefined ? '' : ` ${printAddress(controlAddress)}`}\r\n`;
  }
  for (const key of media.crypto) text += `a=crypto:${printCrypto(key)}\r\n`;
  if (media.packetTime !== undefined) text += `a=ptime:${media.packetTime}\r\n`;
  if (media.maximumPacketTime !== undefined) text += `a=maxptime:${media.maximumPacketTime}\r\n`;
  text += `a=${media.direction}\r\n`;
  return media.multiplexed ? `${text}a=rtcp-mux\r\n` : text;
}
