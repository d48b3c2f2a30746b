/** One thing wrong with a configuration file, with the place where a person mends it. */
export interface ConfigurationFault {
  readonly line: number;
  readonly column: number;
  /** Like `subscribers[2].user`; empty for the file as a whole. */
  readonly path: string;
  readonly message: string;
}

/** A configuration that cannot be used: everything that is wrong with it at once. */
export class ConfigurationError extends Error {
  readonly code = 'configuration';
  readonly file: string;
  readonly faults: readonly ConfigurationFault[];

  constructor(file: string, faults: readonly ConfigurationFault[]) {
    super(faults.map((fault) => describe(file, fault)).join('\n'));
    this.name = 'ConfigurationError';
    this.file = file;
    this.faults = faults;
  }
}

function describe(file: string, fault: ConfigurationFault): string {
  const place = fault.line === 0 ? file : `${file}:${String(fault.line)}:${String(fault.column)}`;
  return fault.path === '' ? `${place}: ${fault.message}` : `${place}: ${fault.path}: ${fault.message}`;
}

/** `['subscribers', 2, 'user']` as `subscribers[2].user`. */
export function printPath(path: readonly PropertyKey[]): string {
  let text = '';
  for (const key of path) {
    if (typeof key === 'number') text += `[${String(key)}]`;
    else text += text === '' ? String(key) : `.${String(key)}`;
  }
  return text;
}

/** What stands before a fault of a part that only shows when it is used; nothing where no file says it. */
export function placed(
  placeOf: ((path: readonly PropertyKey[]) => string) | undefined,
  path: readonly PropertyKey[],
): string {
  return placeOf === undefined ? '' : `${placeOf(path)}: ${printPath(path)}: `;
}
