/** Pieces that are kept for those who are behind; who falls back further goes on with the newest. */
const kept = 16;

/** Reads a {@link Reel} from the newest piece on. */
export interface ReelReader<Piece> {
  next(): Piece;
}

/**
 * Pieces of something that many read at the same pace and that is made once: whoever comes to its end first makes the next
 * piece, and the others find it there. Nobody waits for anybody.
 */
export class Reel<Piece> {
  readonly #make: () => Piece;
  readonly #pieces: Piece[] = [];
  /** How many pieces were made in all. */
  #end = 0;

  constructor(make: () => Piece) {
    this.#make = make;
  }

  /**
   * One more reader. He begins with the newest piece, not behind it: else each who comes would pull the reel forward for all
   * the others.
   */
  reader(): ReelReader<Piece> {
    let place = this.#end - 1;
    return {
      next: () => {
        if (place < this.#end - this.#pieces.length) place = this.#end - 1;
        const piece = this.#pieceAt(Math.max(0, place));
        place = Math.max(0, place) + 1;
        return piece;
      },
    };
  }

  #pieceAt(place: number): Piece {
    const piece = this.#pieces[place - (this.#end - this.#pieces.length)];
    if (piece !== undefined) return piece;
    const made = this.#make();
    this.#pieces.push(made);
    if (this.#pieces.length > kept) this.#pieces.shift();
    this.#end += 1;
    return made;
  }
}
