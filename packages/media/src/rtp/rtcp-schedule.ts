import type { Clock, RandomSource, Timer } from '@switchhook/sip';

/** Octets a second of all RTCP of a session: 5 % of what PCMU takes with its headers (RFC 3550 6.2). */
const controlBandwidth = 500;
/** Milliseconds between two reports at least, on average (RFC 3550 6.2). */
const minimumInterval = 5_000;
/** What timer reconsideration makes too short is made up for by e - 3/2 (RFC 3550 6.3.1). */
const compensation = Math.E - 1.5;
const senderShare = 0.25;
/** UDP and IPv4 before each packet. */
const lowerHeaders = 28;
/** Members that are counted; a session of a telephone has two. */
export const maximumMembers = 64;
/** A member that has not been heard for so many intervals has left (RFC 3550 6.3.5). */
const memberTimeout = 5;
const senderTimeout = 2;

interface Member {
  lastHeard: number;
  /** When RTP came last. */
  lastSent: number;
}

/** When to send reports (RFC 3550 6.2, 6.3, A.7). All times are milliseconds. */
export class RtcpSchedule {
  private readonly clock: Clock;
  private readonly random: RandomSource;
  private readonly weSent: () => boolean;
  /** Sends a report and says how many octets it had. */
  private readonly report: () => number;
  private readonly members = new Map<number, Member>();
  private timer: Timer | undefined = undefined;
  private previousMembers = 1;
  private initial = true;
  private averageSize: number;
  private lastReport = 0;
  private nextReport = 0;

  /** `firstSize` is the octets that the first report is likely to have. */
  constructor(clock: Clock, random: RandomSource, firstSize: number, weSent: () => boolean, report: () => number) {
    this.clock = clock;
    this.random = random;
    this.weSent = weSent;
    this.report = report;
    this.averageSize = firstSize + lowerHeaders;
  }

  start(): void {
    this.lastReport = this.clock.now();
    this.arm(this.lastReport + this.interval());
  }

  stop(): void {
    this.timer?.cancel();
    this.timer = undefined;
    this.members.clear();
  }

  /** An RTP packet of that source came. */
  heardMedia(ssrc: number): void {
    const now = this.clock.now();
    const member = this.member(ssrc, now);
    if (member !== undefined) member.lastSent = now;
  }

  /** A compound packet of that source came, which is no BYE. */
  heardReport(ssrc: number, octets: number): void {
    this.member(ssrc, this.clock.now());
    this.count(octets);
  }

  /** A source left: the others may report more often (RFC 3550 6.3.4). */
  heardGoodbye(ssrc: number, octets: number): void {
    this.count(octets);
    if (!this.members.delete(ssrc) || this.timer === undefined) return;
    const now = this.clock.now();
    const share = this.memberCount / this.previousMembers;
    if (share >= 1) return;
    this.lastReport = now - share * (now - this.lastReport);
    this.previousMembers = this.memberCount;
    this.arm(now + share * (this.nextReport - now));
  }

  /** Members, ourselves included. */
  get memberCount(): number {
    return this.members.size + 1;
  }

  private member(ssrc: number, now: number): Member | undefined {
    let member = this.members.get(ssrc);
    if (member === undefined) {
      if (this.members.size >= maximumMembers) return undefined;
      member = { lastHeard: now, lastSent: -Infinity };
      this.members.set(ssrc, member);
    }
    member.lastHeard = now;
    return member;
  }

  private count(octets: number): void {
    this.averageSize += (octets + lowerHeaders - this.averageSize) / 16;
  }

  /** Milliseconds by the rule, not yet made random. */
  private deterministicInterval(minimum: number): number {
    const now = this.clock.now();
    let senders = this.weSent() ? 1 : 0;
    for (const { lastSent } of this.members.values())
      if (now - lastSent <= senderTimeout * minimumInterval) senders += 1;
    let bandwidth = controlBandwidth;
    let sharing = this.memberCount;
    if (senders <= sharing * senderShare) {
      bandwidth *= this.weSent() ? senderShare : 1 - senderShare;
      sharing = this.weSent() ? senders : sharing - senders;
    }
    return Math.max(minimum, (this.averageSize * sharing * 1_000) / bandwidth);
  }

  private interval(): number {
    const minimum = this.initial ? minimumInterval / 2 : minimumInterval;
    return (this.deterministicInterval(minimum) * (0.5 + this.random.fraction())) / compensation;
  }

  private arm(time: number): void {
    this.timer?.cancel();
    this.nextReport = time;
    this.timer = this.clock.after(Math.max(0, time - this.clock.now()), this.expire);
  }

  /** Timer reconsideration (RFC 3550 6.3.6): with members that came meanwhile it may be too early. */
  private readonly expire = (): void => {
    const now = this.clock.now();
    this.forgetSilent(now);
    const due = this.lastReport + this.interval();
    if (due > now) {
      this.arm(due);
    } else {
      this.count(this.report());
      this.lastReport = now;
      this.initial = false;
      this.arm(now + this.interval());
    }
    this.previousMembers = this.memberCount;
  };

  private forgetSilent(now: number): void {
    const timeout = memberTimeout * this.deterministicInterval(minimumInterval);
    for (const [ssrc, { lastHeard }] of this.members) if (now - lastHeard > timeout) this.members.delete(ssrc);
  }
}
