import { resolve } from 'node:path';
import { PhoneError } from '@switchhook/phone';
import type { Phone } from '@switchhook/phone';
import { startPhone } from '@switchhook/phone/node';
import { exitCodes, UsageError } from '../command.ts';
import { commandOf, refuseFurther } from '../arguments.ts';
import type { CommandLine } from '../arguments.ts';
import { dataFolderOf, folderHelp } from '../data-folder.ts';
import { DialReport } from '../dial/dial-report.ts';
import { targetOfLink } from '../dial/link.ts';
import { applicationsFolder, handlerAdvice, installHandler } from '../dial/link-handler.ts';
import { accountHelp, accountOptions, findAccount, transportOf } from '../phone/account.ts';
import { phoneSettingsOf } from '../phone/phone-settings.ts';
import { typed } from '../typed-command.ts';

const options = {
  ...accountOptions,
  from: { type: 'string' },
  phone: { type: 'string' },
  here: { type: 'boolean' },
  json: { type: 'boolean' },
  'no-sound': { type: 'boolean' },
  'install-handler': { type: 'boolean' },
} as const;

/** The microphone and the loudspeaker of this machine. */
const ownSound = { play: undefined, tone: undefined, record: undefined, srtp: 'optional' } as const;

type Values = CommandLine<typeof options>['values'];

/** `switchhook dial URI` */
export const dial = commandOf(
  `Usage: switchhook dial --from ADDRESS [OPTIONS] URI
       switchhook dial --from ADDRESS [OPTIONS] --install-handler

Has your telephone call somebody, as a click on his address does (RFC 5359 2.18). URI is whom: sip:bob@example.com,
tel:+15550100, or bob alone. It asks the telephone that is registered for ADDRESS; where none is, it calls itself from a
terminal, until somebody hangs up or Ctrl-C does.

      --from ADDRESS   whose telephone: sip:alice@example.com, or alice alone with an exchange of this machine
      --phone URI      which telephone, where several are registered or it has another address
      --here           calls from this machine, whatever is registered
      --json           a line of JSON for each thing that happens
${accountHelp}
      --no-sound       no microphone and no loudspeaker, where it calls itself
      --install-handler  has sip:, sips: and tel: links dialled with these options
${folderHelp}

A URI comes from a page perhaps: header fields and a body in it are left out. Write -- before one that you do not know.

Examples:
  switchhook dial --from alice bob
  switchhook dial --from alice@example.com --password-file secret -- tel:+15550100
`,
  options,
  async ({ values, positionals }, terminal) => {
    const { from: address } = values;
    if (values['install-handler'] === true) {
      refuseFurther(positionals);
      const command = await handlerCommand(values);
      if (process.platform !== 'darwin' && process.platform !== 'win32')
        terminal.print(`${installHandler(command, applicationsFolder(process.env))} is written\n`);
      terminal.print(handlerAdvice(command, process.platform));
      return exitCodes.done;
    }
    const [link, ...more] = positionals;
    if (link === undefined) throw new UsageError(`say whom to call: ${typed('dial --from alice sip:bob@example.com')}`);
    refuseFurther(more);
    if (address === undefined) throw new UsageError('say whose telephone is to call: --from sip:alice@example.com');
    const target = targetOfLink(link);
    if (target === undefined) throw new UsageError(`${JSON.stringify(link)} is nobody who can be called`);
    const account = await findAccount(address, values, terminal);
    const report = new DialReport(terminal, values.json === true);
    const sound = { ...ownSound, silent: values['no-sound'] === true };
    const phone = await startPhone(await phoneSettingsOf(account, sound));
    try {
      return await dialFrom(phone, target, values, report);
    } catch (error) {
      if (!(error instanceof PhoneError)) throw error;
      report.complain(error.failure, error.message);
      return exitCodes.failed;
    } finally {
      await phone.stop();
    }
  },
);

/** Finds the telephone and has it call, or calls from here. */
async function dialFrom(phone: Phone, target: string, values: Values, report: DialReport): Promise<number> {
  if (values.here === true) return callFromHere(phone, target, report);
  const telephones = values.phone === undefined ? await phone.telephones() : [{ uri: values.phone }];
  const [telephone, ...others] = telephones;
  if (telephone === undefined) {
    if (process.stdin.isTTY) return callFromHere(phone, target, report);
    const none = `no telephone is registered for ${phone.addressOfRecord}`;
    report.complain({ kind: 'no-call' }, `${none}; start one, or say --here to call from this machine`);
    return exitCodes.failed;
  }
  if (others.length > 0) {
    const several = telephones.map(({ uri }) => `--phone "${uri}"`).join(' or ');
    report.complain(
      { kind: 'no-call' },
      `several telephones are registered for ${phone.addressOfRecord}: say ${several}`,
    );
    return exitCodes.failed;
  }
  const fields = { phone: telephone.uri, to: target };
  report.asking();
  report.tell('asking', `asking the telephone at ${telephone.uri} to call ${target}`, fields);
  await phone.dialWith(telephone.uri, target);
  report.tell('accepted', `it has taken it on`, fields);
  return exitCodes.done;
}

async function callFromHere(phone: Phone, target: string, report: DialReport): Promise<number> {
  const call = phone.dial(target);
  report.tell('calling', `calling ${call.remote.uri} from this machine`, { to: target });
  report.follow(call);
  const hangUp = (): void => void call.hangUp();
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, hangUp);
  try {
    const ended = new Promise<void>((done) => {
      call.onEvent((event) => {
        if (event.kind === 'ended') done();
      });
    });
    await call.answered();
    await ended;
    return exitCodes.done;
  } finally {
    for (const signal of signals) process.off(signal, hangUp);
  }
}

/** The command line that a link is put behind: this very program, with paths that are good from anywhere. */
async function handlerCommand(values: Values): Promise<string[]> {
  const { from, phone, here, proxy, ca } = values;
  if (from === undefined) throw new UsageError('say whose telephone is to call: --from sip:alice@example.com');
  const passwordFile = values['password-file'];
  const pairs: readonly (readonly [string, string | undefined])[] = [
    ['--from', from],
    ['--phone', phone],
    ['--transport', transportOf(values)],
    ['--proxy', proxy],
    ['--ca', ca === undefined ? undefined : resolve(ca)],
    ['--password-file', passwordFile === undefined ? undefined : resolve(passwordFile)],
    ['--data', await dataFolderOf(values)],
  ];
  const given = pairs.flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]));
  const flags = [...(here === true ? ['--here'] : []), ...(values['no-sound'] === true ? ['--no-sound'] : [])];
  const [program = 'switchhook'] = process.argv.slice(1);
  return [process.execPath, ...process.execArgv, resolve(program), 'dial', ...given, ...flags];
}
