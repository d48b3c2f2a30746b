import type { SyntaxFault } from '../message/fault.ts';

/** State as a notifier was given it. */
export interface Published<State> {
  readonly state: State;
  /** When, in milliseconds of the clock. */
  readonly at: number;
}

/** Writes the NOTIFY bodies of one subscription, in their order: versions count in it. */
export interface StateWriter<State> {
  /**
   * The body that says `published` at the time `now`: all of it where `whole`, else what is new since the last body,
   * which may be all of it again. Undefined where there is nothing new.
   */
  write(published: Published<State>, now: number, whole: boolean): string | undefined;
}

/** What a NOTIFY body says to a subscriber. */
export type Reading<State> =
  | {
      readonly kind: 'state';
      /** All that is known by now, not only what this body brought. */
      readonly state: State;
      /** False where a body before it was missed: the subscriber asks for the whole state (RFC 6665 5.3.2). */
      readonly complete: boolean;
    }
  /** It is older than what is known. */
  | { readonly kind: 'outdated' };

/** Reads the NOTIFY bodies of one subscription, in the order in which they come. */
export interface StateReader<State> {
  read(body: string): Reading<State> | SyntaxFault;
}

/** An event package (RFC 6665 5.4): what there is to know of a resource, and how it is told. */
export interface EventPackage<State> {
  /** As Event and Allow-Events name it. */
  readonly name: string;
  /** The media type of its bodies, in lower case. */
  readonly contentType: string;
  /** Seconds of a subscription that does not say how long it wants to be. */
  readonly defaultExpires: number;
  /** The shortest time between two notifications of one subscription, in milliseconds (RFC 6665 5.4.10). */
  readonly minimumInterval: number;
  /**
   * What several notifiers say together, when a SUBSCRIBE has forked. A package without it takes one only: the
   * NOTIFYs of the others get 481 (RFC 6665 5.4.9).
   */
  readonly merge?: (states: readonly State[]) => State;
  /** What one notification says instead of two that did not go out in time. Without it the later state alone. */
  readonly coalesce?: (earlier: State, later: State) => State;
  writer(): StateWriter<State>;
  reader(): StateReader<State>;
}
