import type { Clock, RandomSource } from '@switchhook/sip';
import { parseRtcp, type RtcpFault } from '../rtp/rtcp-parser.ts';
import type { ReportBlock, RtcpPacket, SenderReport } from '../rtp/rtcp-packet.ts';
import { RtcpSchedule } from '../rtp/rtcp-schedule.ts';
import { writeRtcp } from '../rtp/rtcp-writer.ts';
import type { SourceStatistics } from '../rtp/source-statistics.ts';
import { longestTrailer } from '../srtp/srtp-sender.ts';

/** What reports are about. */
export interface ReportedStream {
  readonly ssrc: number;
  /** RTP packets and octets of the present source. */
  readonly packets: number;
  readonly octets: number;
  /** RTP packets of all sources so far. */
  readonly totalPackets: number;
  /** The timestamp that belongs to that moment. */
  timestampAt(now: number): number;
  readonly remote: SourceStatistics | undefined;
  /** Sends the first `length` bytes, which may be changed; there is room behind them for protection. */
  sendControl(packet: Uint8Array, length: number): void;
}

/** What the far end says of what it hears. */
export interface RemoteReport {
  /** Of the last interval, 0 to 1. */
  readonly fractionLost: number;
  /** In units of the clock rate. */
  readonly jitter: number;
}

/** Seconds from 1900 to 1970. */
const ntpEpoch = 2_208_988_800;
/** Reports of two sources, a name and a goodbye take less. */
const longestReport = 256;
/** A round trip of more milliseconds is a lie, or of no use. */
const longestRoundTrip = 10_000;

/** Sends and reads reports for one stream (RFC 3550 6). */
export class RtcpSession {
  /** Milliseconds; undefined until a report has told. */
  roundTrip: number | undefined = undefined;
  remoteReport: RemoteReport | undefined = undefined;
  /** True when the source that is heard said goodbye, until it is heard again. */
  remoteLeft = false;
  sent = 0;
  received = 0;
  private readonly clock: Clock;
  private readonly canonicalName: string;
  private readonly stream: ReportedStream;
  private readonly schedule: RtcpSchedule;
  private readonly buffer = new Uint8Array(longestReport + longestTrailer);
  /** The date at the clock's zero: a date that is set anew does not change it. */
  private readonly dateAtZero: number;
  private lastSenderReport: { ssrc: number; middle: number; arrived: number } | undefined = undefined;
  /** RTP packets that had been sent at the last report and at the one before. */
  private sentBefore: readonly [last: number, lastButOne: number] = [0, 0];

  constructor(clock: Clock, random: RandomSource, canonicalName: string, stream: ReportedStream) {
    this.clock = clock;
    this.canonicalName = canonicalName;
    this.stream = stream;
    this.dateAtZero = clock.date() - clock.now();
    this.schedule = new RtcpSchedule(
      clock,
      random,
      emptyReportSize(canonicalName),
      () => this.weSent,
      () => this.report(),
    );
  }

  start(): void {
    this.schedule.start();
  }

  /** Says goodbye, where anybody can have heard of this source (RFC 3550 6.3.7), and sends no more. */
  stop(): void {
    if (this.sent > 0 || this.stream.totalPackets > 0) this.goodbye();
    this.schedule.stop();
  }

  /** Our source ends, be it that another one takes its place (RFC 3550 8.2). */
  goodbye(): void {
    const length = this.write([{ kind: 'goodbye', ssrcs: [this.stream.ssrc] }]);
    this.sent += 1;
    this.stream.sendControl(this.buffer, length);
  }

  heardMedia(ssrc: number): void {
    this.remoteLeft = false;
    this.schedule.heardMedia(ssrc);
  }

  /** Reads a compound packet of the far end. */
  receive(data: Uint8Array): 'used' | 'looped' | RtcpFault {
    const packets = parseRtcp(data);
    if (typeof packets === 'string') return packets;
    const [first] = packets;
    if (first === undefined || !('ssrc' in first)) return 'bad-content';
    if (first.ssrc === this.stream.ssrc) return 'looped';
    this.received += 1;
    const left = new Set(packets.flatMap((packet) => (packet.kind === 'goodbye' ? packet.ssrcs : [])));
    if (!left.has(first.ssrc)) this.schedule.heardReport(first.ssrc, data.length);
    for (const ssrc of left) this.schedule.heardGoodbye(ssrc, data.length);
    for (const packet of packets) this.read(packet);
    return 'used';
  }

  private get weSent(): boolean {
    return this.stream.totalPackets > this.sentBefore[1];
  }

  private read(packet: RtcpPacket): void {
    const now = this.clock.now();
    switch (packet.kind) {
      case 'sender-report':
        if (packet.ssrc === this.stream.remote?.ssrc) {
          const { seconds, fraction } = packet.ntp;
          const middle = ((seconds << 16) | (fraction >>> 16)) >>> 0;
          this.lastSenderReport = { ssrc: packet.ssrc, middle, arrived: now };
        }
        this.readBlocks(packet.blocks, now);
        break;
      case 'receiver-report':
        this.readBlocks(packet.blocks, now);
        break;
      case 'goodbye':
        if (packet.ssrcs.includes(this.stream.remote?.ssrc ?? -1)) this.remoteLeft = true;
        break;
      case 'source-description':
        break;
    }
  }

  private readBlocks(blocks: readonly ReportBlock[], now: number): void {
    const own = blocks.find(({ ssrc }) => ssrc === this.stream.ssrc);
    if (own === undefined) return;
    this.remoteReport = { fractionLost: own.fractionLost / 256, jitter: own.jitter };
    if (own.lastSenderReport === 0) return;
    const { seconds, fraction } = this.ntp(now);
    const middle = (seconds << 16) | (fraction >>> 16);
    const units = (middle - own.lastSenderReport - own.delaySinceLastSenderReport) | 0;
    const milliseconds = (units * 1_000) / 0x1_0000;
    // Rounding may make a short one negative.
    if (milliseconds > -1 && milliseconds <= longestRoundTrip) this.roundTrip = Math.max(0, milliseconds);
  }

  private report(): number {
    const length = this.write([]);
    this.sent += 1;
    this.sentBefore = [this.stream.totalPackets, this.sentBefore[0]];
    this.stream.sendControl(this.buffer, length);
    return length;
  }

  /** A report, our name, and what else there is to say (RFC 3550 6.1). */
  private write(more: readonly RtcpPacket[]): number {
    const { ssrc } = this.stream;
    const chunks = [{ ssrc, canonicalName: this.canonicalName }];
    return writeRtcp(this.buffer, [this.reportPacket(), { kind: 'source-description', chunks }, ...more]);
  }

  private reportPacket(): RtcpPacket {
    const now = this.clock.now();
    const blocks = this.blocks(now);
    return this.weSent ? this.senderReport(now, blocks) : { kind: 'receiver-report', ssrc: this.stream.ssrc, blocks };
  }

  private senderReport(now: number, blocks: readonly ReportBlock[]): SenderReport {
    const { ssrc, packets, octets } = this.stream;
    const rtpTimestamp = this.stream.timestampAt(now);
    return { kind: 'sender-report', ssrc, ntp: this.ntp(now), rtpTimestamp, packets, octets, blocks };
  }

  private blocks(now: number): ReportBlock[] {
    const { remote } = this.stream;
    if (remote === undefined || remote.received === 0) return [];
    const heard = this.lastSenderReport?.ssrc === remote.ssrc ? this.lastSenderReport : undefined;
    const delay = heard === undefined ? 0 : Math.round(((now - heard.arrived) * 0x1_0000) / 1_000);
    return [
      {
        ssrc: remote.ssrc,
        ...remote.report(),
        lastSenderReport: heard?.middle ?? 0,
        delaySinceLastSenderReport: Math.min(delay, 0xffff_ffff),
      },
    ];
  }

  private ntp(now: number): SenderReport['ntp'] {
    const date = this.dateAtZero + now;
    const seconds = Math.floor(date / 1_000);
    const fraction = Math.floor(((date - seconds * 1_000) / 1_000) * 0x1_0000_0000);
    return { seconds: (seconds + ntpEpoch) % 0x1_0000_0000, fraction };
  }
}

/** Octets of a receiver report without blocks, and of our name behind it, which ends with a zero at least (RFC 3550 6.5). */
function emptyReportSize(canonicalName: string): number {
  return 8 + 4 + 4 * (Math.floor((4 + 2 + canonicalName.length) / 4) + 1);
}
