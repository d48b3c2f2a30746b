import { resolve } from 'node:path';
import {
  demonstrationConfiguration,
  hasDatabase,
  hashPassword,
  loadConfiguration,
  makePassword,
  nameSyntax,
  SubscriberStore,
  subscriberKey,
  userSyntax,
  withDatabase,
} from '@switchhook/exchange';
import { exitCodes, UsageError } from '../command.ts';
import type { Terminal } from '../command.ts';
import { folderHelp, folderOptions } from '../data-folder.ts';
import { table } from '../table.ts';
import { commandOf, refuseFurther, refuseOptions } from '../arguments.ts';
import { typed } from '../typed-command.ts';

const options = {
  ...folderOptions,
  name: { type: 'string' },
  'password-stdin': { type: 'boolean' },
  generate: { type: 'boolean' },
} as const;

/** `switchhook users add|passwd|list|remove` */
export const users = commandOf(
  `Usage: switchhook users add [--name NAME] [--generate | --password-stdin] USER[@DOMAIN]
       switchhook users passwd [--generate | --password-stdin] USER[@DOMAIN]
       switchhook users list
       switchhook users remove USER[@DOMAIN]

Keeps the subscribers in the store of the data folder. A running exchange notices within a second.
The password is asked for; it is never taken from the command line, where others could read it.
Only hashes of it are kept, and they hold the domain, so a subscriber cannot change domains.

      --name NAME      for people
      --generate       make a password and print it
      --password-stdin  read the password from standard input
${folderHelp}

Examples:
  switchhook users add --generate dora
  switchhook users list --config switchhook.yaml
`,
  options,
  async ({ values, positionals }, terminal) => {
    const [verb, address, ...more] = positionals;
    refuseFurther(more);
    if (verb === undefined || !verbs.includes(verb)) {
      const mistaken = verb === undefined ? undefined : { word: verb, known: verbs };
      throw new UsageError('say add, passwd, list or remove', mistaken);
    }
    if (values.name !== undefined && !nameSyntax.test(values.name)) {
      throw new UsageError('a name is text of one line, 200 characters at most');
    }
    if (verb === 'list' && address !== undefined) throw new UsageError(`"${address}" is too much: list shows all`);
    if (verb === 'list' || verb === 'remove') {
      refuseOptions(values, ['name', 'generate', 'password-stdin'], `belongs to users add, not to users ${verb}`);
    }
    if (verb === 'passwd') refuseOptions(values, ['name'], 'belongs to users add, not to users passwd');
    if (values.generate === true) refuseOptions(values, ['password-stdin'], 'and --generate are one too many');
    const place = placeOf(values);
    if (verb !== 'list' && address === undefined)
      throw new UsageError(`name the subscriber: ${typed(`users ${verb} USER[@DOMAIN]`)}`);
    const who = address === undefined ? undefined : whoIs(address, place);
    const why = whyNot(verb, who, place);
    if (why !== undefined) {
      terminal.complain(`switchhook: ${why}\n`);
      return exitCodes.failed;
    }
    if (who === undefined) return opened(place, terminal, (book) => book.list());
    if (verb === 'remove') return opened(place, terminal, (book) => book.remove(who));
    const password = await readPassword(values, terminal);
    if (password.text === '') throw new UsageError('the password is empty');
    // What stands there in another encoding was read as that character: the password would be another one.
    if (password.text.includes('\u{FFFD}')) throw new UsageError('the password holds a character that is not UTF-8');
    return opened(place, terminal, (book) => book.put(who, values.name, password));
  },
);

const verbs = ['add', 'passwd', 'list', 'remove'];

/** Why this cannot be done; nobody is asked for a password that nothing would come of. */
function whyNot(verb: string, who: Who | undefined, place: Place): string | undefined {
  const { dataFolder, configured, whyConfigured } = place;
  const hasStore = hasDatabase(dataFolder);
  const noStore = `there is no store in ${dataFolder}; \`${typed('serve')}\` and \`${typed('users add')}\` make one`;
  if (who === undefined) return hasStore ? undefined : noStore;
  const key = subscriberKey(who.user, who.domain);
  const isStored =
    hasStore && withDatabase(dataFolder, (database) => new SubscriberStore(database).get(who.domain, who.user));
  if (isStored && verb !== 'add') return undefined;
  if (configured.has(key)) return `${key} ${whyConfigured}`;
  if (isStored) return `${key} is there already; \`${typed(`users passwd ${key}`)}\` gives a new password`;
  if (verb === 'add') return undefined;
  return hasStore ? `there is no ${key}; \`${typed('users list')}\` shows who is` : noStore;
}

function opened(place: Place, terminal: Terminal, action: (book: Book) => number): number {
  return withDatabase(place.dataFolder, (database) => action(new Book(new SubscriberStore(database), place, terminal)));
}

interface Place {
  readonly dataFolder: string;
  readonly domains: readonly string[];
  /** Addresses that the configuration has, be they of subscribers, groups or servers. */
  readonly configured: ReadonlySet<string>;
  /** Why these are not for this command to change. */
  readonly whyConfigured: string;
}

function placeOf(values: { config?: string | undefined; data?: string | undefined }): Place {
  const { config } = values;
  const configuration =
    config === undefined
      ? demonstrationConfiguration({}, { dataFolder: resolve(values.data ?? 'data') })
      : loadConfiguration(config, { dataFolder: values.data && resolve(values.data) });
  const { subscribers, groups, servers } = configuration;
  const domains = configuration.domains.map((domain) => domain.name);
  const serving = [servers.announcement, servers.music, servers.park, servers.features].filter(
    (server) => server !== undefined,
  );
  const accounts = [
    ...subscribers,
    ...groups,
    ...serving.flatMap(({ user }) => domains.map((domain) => ({ user, domain }))),
  ];
  return {
    dataFolder: configuration.dataFolder,
    domains,
    configured: new Set(accounts.map(({ user, domain }) => subscriberKey(user, domain))),
    whyConfigured:
      config === undefined
        ? 'is there by itself in an exchange without a configuration file, which prints its passwords when it starts'
        : 'is in the configuration file; change it there',
  };
}

interface Password {
  readonly text: string;
  readonly generated: boolean;
}

async function readPassword(
  values: { readonly generate?: boolean | undefined; readonly 'password-stdin'?: boolean | undefined },
  terminal: Terminal,
): Promise<Password> {
  if (values.generate === true) return { text: makePassword(), generated: true };
  if (values['password-stdin'] === true) {
    return { text: (await terminal.readStandardInput()).replace(/\r?\n$/, ''), generated: false };
  }
  const text = await terminal.askSecret('Password: ');
  if (text === undefined) {
    throw new UsageError('nobody has said the password: use --password-stdin or --generate');
  }
  if (text === '') throw new UsageError('no password was said; --generate makes one');
  if ((await terminal.askSecret('Once more: ')) !== text) throw new UsageError('the two are not the same');
  return { text, generated: false };
}

interface Who {
  readonly user: string;
  readonly domain: string;
}

function whoIs(address: string, { domains }: Place): Who {
  const match = /^(?:sips?:)?([^@]+)(?:@(.+))?$/.exec(address);
  const user = match?.[1];
  if (user === undefined || !userSyntax.test(user)) {
    const shown = address.length > 64 ? `${address.slice(0, 64)}…` : address;
    throw new UsageError(
      `${JSON.stringify(shown)} is not USER or USER@DOMAIN; a user is 128 letters, digits and -_.!~*'()&=+$,;?/ at most`,
    );
  }
  const domain = match?.[2]?.toLowerCase() ?? domains[0] ?? '';
  if (!domains.includes(domain)) {
    throw new UsageError(`${domain} is not a domain of this exchange: ${domains.join(', ')}`);
  }
  return { user, domain };
}

class Book {
  readonly #store: SubscriberStore;
  readonly #place: Place;
  readonly #terminal: Terminal;

  constructor(store: SubscriberStore, place: Place, terminal: Terminal) {
    this.#store = store;
    this.#place = place;
    this.#terminal = terminal;
  }

  list(): number {
    const rows = this.#store
      .list()
      .map(({ user, domain, name, credentials }) => [
        subscriberKey(user, domain),
        name ?? '',
        Object.keys(credentials).join(' '),
      ]);
    if (rows.length > 0) this.#terminal.print(table(['address', 'name', 'digest'], rows));
    else this.#terminal.complain(`no subscribers in the store of ${this.#place.dataFolder}\n`);
    return exitCodes.done;
  }

  /** Adds a subscriber, or gives one that is there another password. */
  put({ user, domain }: Who, name: string | undefined, password: Password): number {
    const key = subscriberKey(user, domain);
    const subscriber = this.#store.get(domain, user);
    const named = name === undefined ? {} : { name };
    this.#store.put({ user, domain, ...named, ...subscriber, credentials: hashPassword(user, domain, password.text) });
    if (subscriber === undefined) this.#warnOfCase(key);
    this.#terminal.print(`${key} ${subscriber === undefined ? 'added' : 'has a new password'}\n`);
    if (password.generated) this.#terminal.print(`password: ${password.text}\n`);
    return exitCodes.done;
  }

  /** RFC 3261 19.1.4: users differ by their case, and people overlook that. */
  #warnOfCase(key: string): void {
    const others = [
      ...this.#store.list().map(({ user, domain }) => subscriberKey(user, domain)),
      ...this.#place.configured,
    ];
    const other = others.find((each) => each !== key && each.toLowerCase() === key.toLowerCase());
    if (other !== undefined)
      this.#terminal.complain(`switchhook: ${other} is somebody else, for case counts in users\n`);
  }

  remove({ user, domain }: Who): number {
    this.#store.remove(domain, user);
    this.#terminal.print(`${subscriberKey(user, domain)} removed\n`);
    return exitCodes.done;
  }
}
