import { lowerCase } from './characters.ts';
import { SyntaxFault } from './fault.ts';
import type { FeatureFilter } from './feature-filter.ts';
import { areCompatible, parseFilters, printFilters } from './feature-filter.ts';
import { Parameters } from './parameters.ts';

/** The base tags of RFC 3840 9 that stand in a Contact without their `sip.`. */
const sipBaseTags: ReadonlySet<string> = new Set([
  ...['audio', 'automata', 'class', 'duplex', 'data', 'control', 'mobility', 'description', 'events', 'priority'],
  ...['methods', 'schemes', 'application', 'video', 'isfocus', 'actor', 'text', 'extensions'],
]);

/** The feature tag that a parameter of a Contact stands for, or undefined when it is no feature parameter. */
export function featureTagOf(parameterName: string): string | undefined {
  const name = lowerCase(parameterName);
  if (sipBaseTags.has(name)) return `sip.${name}`;
  if (name === 'language' || name === 'type') return name;
  return name.length > 1 && name.startsWith('+') ? name.slice(1).replaceAll("'", '/').replaceAll('!', ':') : undefined;
}

/** The name of the parameter that carries a feature tag in a Contact. */
export function featureParameterOf(tag: string): string {
  const name = lowerCase(tag);
  if (name === 'language' || name === 'type') return name;
  if (name.startsWith('sip.') && sipBaseTags.has(name.slice(4))) return name.slice(4);
  return `+${name.replaceAll('/', "'").replaceAll(':', '!')}`;
}

/** The capabilities of a user agent as its Contact tells them, or the preferences of a caller (RFC 3840, RFC 3841). */
export class FeatureSet {
  readonly #filters: ReadonlyMap<string, readonly FeatureFilter[]>;

  private constructor(filters: ReadonlyMap<string, readonly FeatureFilter[]>) {
    this.#filters = filters;
  }

  /** Makes a set from tags in full, like `sip.audio`. Of several filters on one tag, any may hold. */
  static of(filters: Readonly<Record<string, readonly FeatureFilter[]>>): FeatureSet {
    return new FeatureSet(new Map(Object.entries(filters).map(([tag, each]) => [lowerCase(tag), each])));
  }

  /** Reads the feature parameters among the parameters of a Contact. */
  static parse(parameters: Parameters): FeatureSet | SyntaxFault {
    const all = new Map<string, readonly FeatureFilter[]>();
    for (const [name, value] of parameters) {
      const tag = featureTagOf(name);
      if (tag === undefined) continue;
      const filters = parseFilters(value);
      if (filters instanceof SyntaxFault) return new SyntaxFault(`${name}: ${filters.reason}`, filters.offset);
      if (all.has(tag)) return new SyntaxFault(`the feature tag ${tag} comes twice`);
      all.set(tag, filters);
    }
    return new FeatureSet(all);
  }

  /** What is said about a tag such as `sip.audio`. */
  get(tag: string): readonly FeatureFilter[] | undefined {
    return this.#filters.get(lowerCase(tag));
  }

  /** Whether a boolean tag is said to be true, as `sip.isfocus` by a conference server. */
  isTrue(tag: string): boolean {
    return (
      this.get(tag)?.some((filter) => filter.kind === 'token' && filter.value === 'TRUE' && !filter.negated) === true
    );
  }

  /** The text of a string tag, as `sip.instance` has one. */
  text(tag: string): string | undefined {
    const filter = this.get(tag)?.[0];
    return filter?.kind === 'string' ? filter.value : undefined;
  }

  /** Whether no tag that both sets speak of keeps them apart (RFC 3841 7.2.4). */
  matches(other: FeatureSet): boolean {
    for (const [tag, filters] of this.#filters) {
      const others = other.#filters.get(tag);
      if (others !== undefined && !areCompatible(filters, others)) return false;
    }
    return true;
  }

  /** Which part of the tags of these preferences `capabilities` speaks of, 0 to 1 (RFC 3841 7.2.4). */
  score(capabilities: FeatureSet): number {
    if (this.#filters.size === 0) return 1;
    let common = 0;
    for (const tag of this.#filters.keys()) if (capabilities.#filters.has(tag)) common++;
    return common / this.#filters.size;
  }

  /** The parameters of a Contact that say the same. */
  toParameters(): Parameters {
    const parameters: [name: string, value: string][] = [];
    for (const [tag, filters] of this.#filters) parameters.push([featureParameterOf(tag), printFilters(filters)]);
    return Parameters.of(parameters);
  }
}
