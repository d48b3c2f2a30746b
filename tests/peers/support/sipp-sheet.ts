/** Where something stands in a message: in a header field or anywhere, as an extended regular expression of POSIX with a group. */
export type Search = readonly [header: string | undefined, pattern: string];

/** Variables of SIPp's, each with where its text is found. */
export type Searches = Readonly<Record<string, Search>>;

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** What SIPp reads: the elements of a scenario, one after the other. */
export class SippSheet {
  readonly #elements: string[] = [];
  readonly #variables = new Set<string>();
  readonly #shared = new Set<string>();
  #labels = 0;

  add(element: string): void {
    this.#elements.push(element);
  }

  /** The name of a place to go to. */
  label(): string {
    this.#labels += 1;
    return `label${this.#labels}`;
  }

  /** Actions that remember what stands in a message: all that matches under `NAMEAll`, its first group under `NAME`. */
  actions(searches: Searches): string {
    const actions = Object.entries(searches).map(([name, [header, pattern]]) => {
      this.#variables.add(`${name}All`).add(name);
      const where = header === undefined ? 'search_in="msg"' : `search_in="hdr" header="${header}:"`;
      return `<ereg regexp="${escaped(pattern)}" ${where} assign_to="${name}All,${name}"/>`;
    });
    return actions.length === 0 ? '' : `\n    <action>\n      ${actions.join('\n      ')}\n    </action>\n  `;
  }

  /** A variable that all calls have together. */
  share(name: string): void {
    this.#shared.add(name);
  }

  get text(): string {
    const shared = this.#shared.size === 0 ? '' : `  <Global variables="${[...this.#shared].join(',')}"/>\n`;
    // SIPp wants every variable used.
    const used = [...this.#variables, ...this.#shared].join(',');
    return [
      '<?xml version="1.0" encoding="ISO-8859-1" ?>',
      `<scenario name="device">`,
      `${shared}${this.#elements.map((element) => `  ${element}`).join('\n')}`,
      `  <Reference variables="${used}"/>`,
      '</scenario>',
      '',
    ].join('\n');
  }
}
