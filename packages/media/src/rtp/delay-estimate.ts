/** Milliseconds that one bin of the histogram stands for. */
const binWidth = 5;
const binCount = 80;
/** What a packet weighs half of is forgotten after some 70 packets: at 50 a second, within two seconds. */
const memory = 0.99;
const largestWeight = 1e9;
/** The part of the packets that may come too late for the delay that is aimed at. */
const tolerated = 0.02;
/** The quickest packet of the last one to two of these, in milliseconds, is what others are measured by. */
const minimumWindow = 5_000;

/**
 * How much later than the quickest ones packets come, as the sender's timestamps tell it. The quickest packet is looked
 * for in a window of time, so that clocks that run apart, or a way that changes, are followed.
 */
export class DelayEstimate {
  private readonly bins = new Float64Array(binCount);
  private total = 0;
  /** What the next packet weighs: growing weights let the ones before fade. */
  private weight = 1;
  private windowStart: number | undefined = undefined;
  private quickestBefore = Infinity;
  private quickestNow = Infinity;

  /** `transit` is arrival minus sending time, of clocks that need not agree. Milliseconds. */
  add(transit: number, now: number): void {
    if (this.windowStart === undefined || now - this.windowStart >= minimumWindow) {
      this.quickestBefore = this.windowStart === undefined ? Infinity : this.quickestNow;
      this.quickestNow = Infinity;
      this.windowStart = now;
    }
    this.quickestNow = Math.min(this.quickestNow, transit);
    const bin = Math.min(binCount - 1, Math.floor((transit - this.quickest) / binWidth));
    this.bins[bin] = (this.bins[bin] ?? 0) + this.weight;
    this.total += this.weight;
    this.weight /= memory;
    if (this.weight > largestWeight) this.rescale();
  }

  /** The transit of the quickest packet; Infinity before the first. */
  get quickest(): number {
    return Math.min(this.quickestBefore, this.quickestNow);
  }

  /** Milliseconds behind the quickest within which all but a {@link tolerated} part of the packets come. */
  get spread(): number {
    let beyond = this.total * tolerated;
    for (let index = binCount - 1; index >= 0; index -= 1) {
      beyond -= this.bins[index] ?? 0;
      if (beyond < 0) return index === 0 ? 0 : (index + 1) * binWidth;
    }
    return 0;
  }

  private rescale(): void {
    for (let index = 0; index < binCount; index += 1) this.bins[index] = (this.bins[index] ?? 0) / this.weight;
    this.total /= this.weight;
    this.weight = 1;
  }
}
