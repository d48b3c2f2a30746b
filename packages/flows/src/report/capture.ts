import { isIP } from 'node:net';
import { CaptureFile } from '@switchhook/node';
import type { CapturedMedia, CapturedMessage } from '@switchhook/node';
import { defaultPort } from '@switchhook/sip';
import type { SocketAddress, TransportProtocol } from '@switchhook/sip';
import type { KeptMedia } from '../conversation/conversation.ts';
import type { PlayedFlow } from '../stage/played.ts';

const nothing: KeptMedia = { packets: [], leftOut: 0 };

/**
 * Writes the messages and the media of a play for Wireshark, repetitions and all; messages of the flow have their numbers as
 * comments. Encrypted RTCP is left out: nobody can read it there, and Wireshark, which does not know every cipher of SRTP, takes
 * some of it for what it is not. Hosts without an address get one of RFC 5737; ports of messages are those of the transport, for a ladder has none.
 */
export async function writeCapture(path: string, { conversation, report }: PlayedFlow, made: Date): Promise<void> {
  const numbers = new Map([...report.matched].map(([f, { message }]) => [message, f]));
  const { participants, messages, media: { packets, leftOut } = nothing } = conversation;
  const begin = messages[0]?.time ?? 0;
  // A simulation's clock begins anywhere; a machine's tells the date.
  const epoch = begin > Date.UTC(2000, 0) ? 0 : made.getTime() - begin;
  let failure: Error | undefined;
  const file = await CaptureFile.open(path, { onError: (error) => (failure = error), maximumPending: Infinity });
  const said = messages.map(({ time, from, to, protocol, text, message }): CapturedMessage => {
    const f = message === undefined ? undefined : numbers.get(message);
    return {
      ...{ time: time + epoch, protocol, text },
      from: addressOf(from, protocol),
      to: addressOf(to, protocol),
      ...(f !== undefined && { comment: `RFC 5359 ${report.flow.id} ${f}` }),
    };
  });
  const readable = packets.filter(({ protocol, data }) => protocol === 'RTP' || isInTheClear(data));
  const sent = readable.map((packet, place): CapturedMedia => {
    const isCut = leftOut > 0 && place === readable.length - 1;
    return {
      ...packet,
      time: packet.time + epoch,
      ...(isCut && { comment: `the last that is kept; ${leftOut} more packets of media are left out` }),
    };
  });
  // Of one millisecond, what is said comes before the sound that it brings about.
  for (const captured of [...said, ...sent].sort((one, other) => one.time - other.time)) file.record(captured);
  await file.close();
  if (failure !== undefined) throw failure;

  function addressOf(element: string, protocol: TransportProtocol): SocketAddress {
    const place = participants.findIndex((each) => each.element === element);
    const address = participants[place]?.hosts.find((host) => isIP(host) !== 0);
    return { address: address ?? `192.0.2.${(place + 1) % 256}`, port: defaultPort(protocol) };
  }
}

/** Whether the packets of a compound of RTCP fill it (RFC 3550 6.1), as those of SRTCP do not: there only the first header is clear. */
function isInTheClear(compound: Uint8Array): boolean {
  const view = new DataView(compound.buffer, compound.byteOffset, compound.byteLength);
  let offset = 0;
  while (offset + 4 <= compound.length && (compound[offset] ?? 0) >> 6 === 2) {
    offset += 4 * (view.getUint16(offset + 2) + 1);
  }
  return offset === compound.length;
}
