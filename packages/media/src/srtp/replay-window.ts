/** Packets behind the newest that may still come; RFC 3711 3.3.2 asks for 64 at least. */
export const replayWindowSize = 128;

/** Remembers which packets came, by index, so that none is taken twice (RFC 3711 3.3.2). */
export class ReplayWindow {
  private highest = -1;
  /** One flag for each index of the window, at its place modulo the size. */
  private readonly seen = new Uint8Array(replayWindowSize);

  /** True for a packet that neither came already nor is too old to tell. */
  isNew(index: number): boolean {
    if (index > this.highest) return true;
    return index > this.highest - replayWindowSize && this.seen[index % replayWindowSize] === 0;
  }

  /** To be called once the packet is known to be authentic, and never before. */
  add(index: number): void {
    if (index - this.highest >= replayWindowSize) this.seen.fill(0);
    else for (let gap = this.highest + 1; gap < index; gap += 1) this.seen[gap % replayWindowSize] = 0;
    this.seen[index % replayWindowSize] = 1;
    this.highest = Math.max(this.highest, index);
  }
}
