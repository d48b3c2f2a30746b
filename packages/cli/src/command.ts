/** What a command reads and writes; the process in use, strings in tests. */
export interface Terminal {
  /** How wide it is; undefined where it is none, or as wide as one likes. */
  readonly columns?: number | undefined;
  print(text: string): void;
  complain(text: string): void;
  /** Asks without showing what is typed; undefined when nobody is there to ask, '' when nothing is said. */
  askSecret(question: string): Promise<string | undefined>;
  readStandardInput(): Promise<string>;
  /** Tells whenever Enter is pressed, until the answer is called; undefined where nobody is there. */
  onEnter(listener: () => void): (() => void) | undefined;
}

/** One word of `switchhook <word>`. */
export interface Command {
  /** The whole of `--help`. */
  readonly help: string;
  /** Runs with what follows the word; answers with the exit code. */
  run(parameters: readonly string[], terminal: Terminal): Promise<number> | number;
}

/** The exit codes of every command; `switchhook --help` lists them. */
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  configuration: 3,
  notRunning: 4,
} as const;

/** A word that is not known, and those that could have been meant. */
export interface Mistaken {
  readonly word: string;
  readonly known: readonly string[];
}

/** The command line itself is wrong; the message says how. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly mistaken: Mistaken | undefined;

  constructor(message: string, mistaken?: Mistaken) {
    super(message);
    this.mistaken = mistaken;
  }
}
