import { featureNames, features } from '../settings/features.ts';
import type { FeatureName, Turn } from '../settings/features.ts';

/** The codes of an exchange by feature; false for one that cannot be dialled. */
export type FeatureCodeTable = Readonly<Record<FeatureName, Readonly<Record<Turn, string>> | false>>;

/** What somebody wants who has dialled a code. */
export interface Dialled {
  readonly feature: FeatureName;
  readonly turn: Turn;
  /** What was dialled behind the code; empty where that is nothing. */
  readonly target: string;
}

/** One code, for people. */
export interface ListedCode {
  readonly code: string;
  /** Whether a number is dialled behind it. */
  readonly takesTarget: boolean;
  readonly does: string;
}

/** One code, and where it stands in the table. */
export interface FeatureCode extends ListedCode, Omit<Dialled, 'target'> {}

/** Every code of a table. */
export function codesIn(table: FeatureCodeTable): FeatureCode[] {
  return featureNames.flatMap((feature) => {
    const codes = table[feature];
    if (codes === false) return [];
    const { does, takesTarget } = features[feature];
    return (['on', 'off'] as const).map((turn) => ({
      feature,
      turn,
      code: codes[turn],
      takesTarget: takesTarget && turn === 'on',
      does: does[turn],
    }));
  });
}

/** Codes as they are dialled: none is the beginning of another one. */
export class FeatureCodes {
  readonly #codes: readonly FeatureCode[];

  constructor(table: FeatureCodeTable) {
    this.#codes = codesIn(table);
  }

  get list(): readonly ListedCode[] {
    return this.#codes.map(({ code, takesTarget, does }) => ({ code, takesTarget, does }));
  }

  /** What a user part means; undefined for what is no code. Some telephones end what is dialled with `#`. */
  read(dialled: string): Dialled | undefined {
    const written = dialled.endsWith('#') ? dialled.slice(0, -1) : dialled;
    const found = this.#codes.find(({ code }) => written.startsWith(code));
    if (found === undefined) return undefined;
    const target = written.slice(found.code.length);
    return found.takesTarget || target === '' ? { feature: found.feature, turn: found.turn, target } : undefined;
  }
}
