import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PhoneError } from '@switchhook/phone';
import type { Call } from '@switchhook/phone';
import { Baresip } from './baresip.ts';
import { ExchangeProcess, passwordOf } from './exchange-process.ts';
import { Linphone } from './linphone.ts';
import { OurPhone } from './our-phone.ts';
import { melody, untilHeard, writeWav } from './sound.ts';

export type ReferralDevice = 'baresip' | 'linphone';
export const referralDevices: readonly ReferralDevice[] = ['baresip', 'linphone'];

const users = ['alice', 'bob', 'carol'] as const;
type User = (typeof users)[number];
const sound = { alice: melody(1, 60), bob: melody(2, 60), carol: melody(3, 60) };

/** A phone of others at which bob is, told what to do. */
interface Handset {
  transfer(target: string): void;
  /** Puts its call on hold, calls another one, and gives the two to each other; undefined for one that has no command for it. */
  readonly consult: ((target: string, talks: () => Promise<unknown>) => Promise<void>) | undefined;
  stop(): Promise<unknown>;
}

/** An exchange, alice and carol at phones of ours, and bob at one of others. */
export class ReferralStage {
  readonly capture: string;
  readonly #directory: string;
  readonly #exchange: ExchangeProcess;
  #count = 0;

  private constructor(directory: string, capture: string, exchange: ExchangeProcess) {
    this.#directory = directory;
    this.capture = capture;
    this.#exchange = exchange;
  }

  static async start(): Promise<ReferralStage> {
    const directory = mkdtempSync(join(tmpdir(), 'switchhook-referral-'));
    for (const user of users) writeWav(join(directory, `${user}.wav`), sound[user]);
    const capture = join(directory, 'sip.pcapng');
    const exchange = await ExchangeProcess.start({ directory, arguments: ['--capture', capture] });
    return new ReferralStage(directory, capture, exchange);
  }

  /** What a try comes to with a device: a cell of the table. Throws where it comes to something that is none. */
  async play(device: ReferralDevice, { play }: ReferralTry): Promise<string> {
    const [alice, carol] = [await this.#ours('alice'), (await this.#ours('carol')).answers()];
    const bob = await (device === 'baresip' ? this.#baresip() : this.#linphone());
    try {
      return await play({ alice, bob, carol, uriOf: (user) => `sip:${user}@${this.#address}` });
    } finally {
      await Promise.all([bob.stop(), alice.stop(), carol.stop()]);
    }
  }

  async stop(): Promise<void> {
    await this.#exchange.stop();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /** With the port: these phones go where a URI says, and the domain is an address. */
  get #address(): string {
    return `127.0.0.1:${String(this.#exchange.ports.udp)}`;
  }

  #ours(user: User): Promise<OurPhone> {
    return OurPhone.start(this.#exchange, user, join(this.#directory, `${user}.wav`));
  }

  #place(): { readonly name: string; readonly directory: string; readonly plays: string } {
    this.#count += 1;
    const name = `bob-${String(this.#count)}`;
    return { name, directory: join(this.#directory, name), plays: join(this.#directory, 'bob.wav') };
  }

  async #baresip(): Promise<Handset> {
    const { name, directory, plays } = this.#place();
    const at = `sip:bob@${this.#address};transport=udp`;
    const account = `<${at}>;auth_user=bob;auth_pass=${passwordOf('bob')};regint=600;outbound="sip:${this.#address};transport=udp"`;
    const baresip = await Baresip.start(name, { directory, account, plays, answers: 'auto' });
    await baresip.registered();
    return {
      transfer: (target) => {
        baresip.command('transfer', target);
      },
      consult: undefined,
      stop: () => baresip.stop(),
    };
  }

  async #linphone(): Promise<Handset> {
    const { name, directory, plays } = this.#place();
    const linphone = await Linphone.start(name, {
      directory,
      identity: 'sip:bob@127.0.0.1',
      registrar: `<sip:${this.#address};transport=udp>`,
      username: 'bob',
      password: passwordOf('bob'),
      realm: '127.0.0.1',
      plays,
      answers: true,
    });
    await linphone.registered();
    const { process } = linphone;
    return {
      transfer: (target) => {
        process.write(`transfer ${target}`);
      },
      consult: async (target, talks) => {
        await process.waitFor(/Media streams established/);
        process.write('pause');
        await process.waitFor(/is now paused/);
        process.write(`call ${target}`);
        await talks();
        await process.waitFor(/Media streams established with .* for call 2/);
        process.write('transfer 1 --to-call 2');
      },
      stop: () => linphone.stop(),
    };
  }
}

interface ReferralPeople {
  readonly alice: OurPhone;
  readonly bob: Handset;
  /** Takes every call. */
  readonly carol: OurPhone;
  uriOf(user: string): string;
}

/** Something that a phone can do with REFER, or cannot. */
export interface ReferralTry {
  readonly name: string;
  play(people: ReferralPeople): Promise<string>;
}

const hears = (phone: OurPhone, user: User): Promise<void> => untilHeard(sound[user], () => phone.hearsFor(3));

/** What becomes of a transfer: yes, or why not. */
async function outcomeOf(transfer: Promise<void>): Promise<string> {
  try {
    await transfer;
    return 'yes';
  } catch (error) {
    if (error instanceof PhoneError) return String(error.failure.status ?? error.failure.kind);
    throw error;
  }
}

/** Alice hands somebody on to whom she has asked first (RFC 5359 2.5): by Replaces, or by what else the two can. */
async function consulted({ alice, carol }: ReferralPeople, first: User, second: User): Promise<string> {
  const call = await alice.phone.call(first);
  const consultation = await alice.phone.call(second);
  await call.transferTo(consultation);
  await carol.callWith('bob');
  // Whoever was replaced is hung up on; whoever was not, hangs up.
  const { end } = consultation;
  await hears(carol, 'bob');
  if (end?.kind === 'hung-up' && end.by === 'remote') return 'yes';
  const refusals = alice.events.flatMap((event) =>
    event.kind === 'transfer' && event.progress.kind === 'failed' ? [String(event.progress.failure.status)] : [],
  );
  return `no (${refusals.join(', ')}): it is called without`;
}

async function untilAlone(phone: OurPhone): Promise<void> {
  await phone.until(() => (phone.phone.calls.length === 1 ? true : undefined));
}

/** Rows of the table. */
export const referralTries: readonly ReferralTry[] = [
  {
    name: 'is handed on (2.4), and says how it goes',
    async play({ alice, carol, uriOf }) {
      const call = await alice.phone.call('bob');
      const outcome = await outcomeOf(call.transfer(uriOf('carol'), { stay: true }));
      await hears(carol, 'bob');
      return alice.phone.calls.length === 0 ? outcome : `${outcome}, and the call stands`;
    },
  },
  {
    name: 'is handed on, and hung up on at once',
    async play({ alice, carol, uriOf }) {
      const call = await alice.phone.call('bob');
      await hears(alice, 'bob');
      // Nobody waits for what it reports then: baresip may say 500 and call all the same, linphone says nothing more.
      void call.transfer(uriOf('carol')).catch(() => undefined);
      await carol.callWith('bob');
      await alice.until(() => (alice.phone.calls.length === 0 ? true : undefined));
      await hears(carol, 'bob');
      return 'yes';
    },
  },
  {
    name: 'goes on with the call where nobody is there',
    async play({ alice, uriOf }) {
      const call = await alice.phone.call('bob');
      const outcome = await outcomeOf(call.transfer(uriOf('nobody'), { stay: true }));
      return call.state === 'connected' ? `yes (${outcome})` : `no (${outcome})`;
    },
  },
  {
    name: 'is handed on once more in the same call then',
    async play({ alice, uriOf }) {
      const call: Call = await alice.phone.call('bob');
      await outcomeOf(call.transfer(uriOf('nobody'), { stay: true }));
      const outcome = await outcomeOf(call.transfer(uriOf('carol'), { stay: true }));
      if (outcome === 'yes') return outcome;
      // One that ends the call does so at once.
      const isOver = await alice.until(() => (call.state === 'ended' ? true : undefined), 2_000).catch(() => false);
      return isOver ? `no (${outcome}), and it ends the call` : `no (${outcome})`;
    },
  },
  {
    name: 'hands on (2.4)',
    async play({ alice, bob, uriOf }) {
      await alice.phone.call('bob');
      bob.transfer(uriOf('carol'));
      await alice.callWith('carol');
      await untilAlone(alice);
      await hears(alice, 'carol');
      const states = alice.events.flatMap((event) => (event.kind === 'referral' ? [event.state] : []));
      return states.join() === 'followed,succeeded' ? 'yes' : states.join(', ');
    },
  },
  {
    name: 'consults, and hands on (2.5)',
    async play({ alice, bob, carol, uriOf }) {
      if (bob.consult === undefined) return 'no: it has no command for it';
      await alice.phone.call('bob');
      await bob.consult(uriOf('carol'), () => carol.callWith('bob'));
      await alice.callWith('carol');
      await untilAlone(alice);
      await untilAlone(carol);
      await hears(alice, 'carol');
      await hears(carol, 'alice');
      return 'yes';
    },
  },
  { name: 'is handed on with Replaces (2.5)', play: (people) => consulted(people, 'bob', 'carol') },
  {
    name: 'is whom somebody is handed on to with Replaces (2.5)',
    play: (people) => consulted(people, 'carol', 'bob'),
  },
];

const page = join(import.meta.dirname, '../../../docs/referrals.md');
const marker = '<!-- npm run referrals -->';

/** The page with a table in the place of the one that is there. */
export function pageWith(cells: ReadonlyMap<string, readonly string[]>): {
  readonly file: string;
  readonly text: string;
} {
  const [before = '', after = ''] = readFileSync(page, 'utf8').split(marker);
  const rows = [...cells].map(([name, each]) => `| ${[name, ...each].join(' | ')} |`);
  const table = [`| | baresip 1.0 | linphone 5.1 |`, '| --- | --- | --- |', ...rows].join('\n');
  return { file: page, text: `${before}${marker}\n\n${table}\n\n${after.slice(after.indexOf('<!-- end -->'))}` };
}

/** What the table says of a try with a device; undefined where it says nothing. */
export function cellOf(name: string, device: ReferralDevice): string | undefined {
  const line = readFileSync(page, 'utf8')
    .split('\n')
    .find((each) => each.startsWith(`| ${name} |`));
  return line?.split(' | ')[1 + referralDevices.indexOf(device)]?.replace(/ \|$/, '');
}
