import { readCertificatePair } from '@switchhook/exchange/folder';
import type { CertificatePair } from '@switchhook/exchange/folder';
import type { Phone } from '@switchhook/phone';
import { startPhone } from '@switchhook/phone/node';
import type { MachinePhoneOptions } from '@switchhook/phone/node';
import { SwitchhookError } from '@switchhook/sip';
import { exitCodes, UsageError } from '../command.ts';
import { commandOf, oneOf, refuseFurther } from '../arguments.ts';
import { showsUnicode } from '../locale.ts';
import { folderHelp } from '../data-folder.ts';
import { accountHelp, accountOptions, findAccount } from '../phone/account.ts';
import type { Account } from '../phone/account.ts';
import { phoneSettingsOf } from '../phone/phone-settings.ts';
import type { SoundOptions } from '../phone/sound.ts';
import { typed } from '../typed-command.ts';

const options = {
  ...accountOptions,
  json: { type: 'boolean' },
  srtp: { type: 'string' },
  name: { type: 'string' },
  group: { type: 'string', multiple: true },
  port: { type: 'string' },
  certificate: { type: 'string' },
  key: { type: 'string' },
  'no-register': { type: 'boolean' },
  play: { type: 'string' },
  record: { type: 'string' },
  tone: { type: 'string' },
  'no-sound': { type: 'boolean' },
} as const;

const securities = ['none', 'optional', 'required'] as const;

/** `switchhook phone ADDRESS` */
export const phone = commandOf(
  `Usage: switchhook phone [OPTIONS] ADDRESS

A telephone in the terminal. ADDRESS is whose: sip:alice@example.com, or alice alone with an exchange that
runs on this machine (npm start); then nothing more has to be said. Type call bob, or ? for help.

      --json           a line of JSON a command in, a line an event out; for programs
${accountHelp}
      --name NAME      what others see of you beside the address
      --group WHO      who may pick up, take over and join your calls: bob@example.com, *@sales.example.com,
                       example.com; may be said several times (default: nobody)
      --port PORT      where it waits for calls over udp and tcp, for phones that call it directly (default: any);
                       one higher over tls
      --certificate FILE  its certificate, PEM: with it, it is called directly over tls, too, by whoever shows one
      --key FILE       the key of the certificate, PEM
      --no-register    registers nowhere, and needs no password: it is called directly
      --srtp WHEN      none, optional (default) or required: whether sound is encrypted
      --play FILE      a WAV file in the place of the microphone
      --tone HERTZ     a tone in the place of the microphone
      --record FILE    a WAV file in the place of the loudspeaker
      --no-sound       no microphone and no loudspeaker
${folderHelp}

Examples:
  switchhook phone alice
  switchhook phone --password-file secret --proxy sip.example.com alice@example.com
`,
  options,
  async ({ values, positionals }, terminal) => {
    const [address, ...more] = positionals;
    if (address === undefined || address === '')
      throw new UsageError(`say whose phone it is: ${typed('phone sip:alice@example.com')}`);
    refuseFurther(more);
    const sound: SoundOptions = {
      play: values.play,
      tone: frequencyOf(values.tone),
      record: values.record,
      silent: values['no-sound'] === true,
      srtp: oneOf('--srtp', securities, values.srtp) ?? 'optional',
    };
    if (sound.play !== undefined && sound.tone !== undefined)
      throw new UsageError('--play and --tone are one too many');
    const registers = values['no-register'] !== true;
    const credentials = credentialsOf(values);
    const account = await findAccount(address, values, terminal, registers);
    const identity: Identity = {
      name: nameOf(values.name),
      group: values.group ?? [],
      port: portOf(values.port),
      credentials,
      registers,
    };
    await runPhone(account, identity, sound, values.json === true);
    return exitCodes.done;
  },
);

/** Who the person is to others, where he is found, and whom he trusts. */
interface Identity {
  /** Of this machine, over UDP and TCP, and one more over TLS; any that is free without it. */
  readonly port: number | undefined;
  readonly credentials: CertificatePair | undefined;
  readonly registers: boolean;
  /** As a display name stands before an address, quotes and all. */
  readonly name: string | undefined;
  readonly group: readonly string[];
}

function nameOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  if (/[\p{Cc}]/u.test(text) || text.trim() === '')
    throw new UsageError('--name is a name, without control characters');
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

function portOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= 65_534) return port;
  throw new UsageError('--port is a number from 1 to 65534');
}

function credentialsOf(values: {
  readonly certificate?: string | undefined;
  readonly key?: string | undefined;
}): CertificatePair | undefined {
  const { certificate, key } = values;
  if (certificate === undefined && key === undefined) return undefined;
  if (certificate === undefined || key === undefined) throw new UsageError('--certificate and --key belong together');
  return readCertificatePair(
    { certificate, key },
    { certificate: { name: '--certificate' }, key: { name: '--key' } },
    Date.now(),
  );
}

function frequencyOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const frequency = Number(text);
  if (frequency >= 20 && frequency <= 7_000) return frequency;
  throw new UsageError('--tone is a frequency from 20 to 7000 hertz');
}

/** Runs a phone on this process's terminal, or on its standard input and output, until it is told to end. */
async function runPhone(account: Account, identity: Identity, sound: SoundOptions, json: boolean): Promise<void> {
  const ending = new AbortController();
  const end = (): void => ending.abort();
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, end);
  try {
    const running = await startedWith(await phoneOptions(account, identity, sound));
    try {
      const face = await faceOf(account, json);
      // What comes of it is told by the phone's events; a failure that may pass is tried again.
      if (identity.registers) running.register().catch(() => undefined);
      await face(running, process.stdin, write, ending.signal);
    } finally {
      await running.stop();
    }
  } finally {
    for (const signal of signals) process.off(signal, end);
    process.stdin.destroy();
  }
}

/** Starts the phone; where it cannot start with what the person has said, that is told as his mistake. */
async function startedWith(options: MachinePhoneOptions): Promise<Phone> {
  try {
    return await startPhone(options);
  } catch (error) {
    if (error instanceof SwitchhookError && error.code === 'invalid-pattern')
      throw new UsageError(`--group: ${error.message}; bob@example.com and *@sales.example.com are some`);
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (options.port !== undefined && code === 'EADDRINUSE')
      throw new UsageError(`--port ${String(options.port)} is taken; name another one, or none`);
    if (options.port !== undefined && code === 'EACCES')
      throw new UsageError(`--port ${String(options.port)} may not be used by this user; name one above 1023`);
    throw error;
  }
}

async function phoneOptions(
  account: Account,
  { name, group, port, credentials }: Identity,
  sound: SoundOptions,
): Promise<MachinePhoneOptions> {
  const settings = await phoneSettingsOf(account, sound);
  const { addressOfRecord } = settings;
  return {
    ...settings,
    addressOfRecord: name === undefined ? addressOfRecord : `${name} <${addressOfRecord}>`,
    permissions: { group },
    port,
    credentials,
  };
}

type Face = (
  phone: Phone,
  input: NodeJS.ReadStream,
  write: (text: string) => void,
  signal: AbortSignal,
) => Promise<void>;

/** Lines of JSON, or the whole screen where there is one, else lines. */
async function faceOf({ known }: Account, json: boolean): Promise<Face> {
  const { stdin, stdout, env } = process;
  if (json) return (await import('../phone/json-phone.ts')).runJsonPhone;
  if (!stdin.isTTY || !stdout.isTTY || env['TERM'] === 'dumb')
    return (await import('../phone/plain-phone.ts')).runPlainPhone;
  const { TerminalPhone } = await import('../phone/terminal-phone.ts');
  const { Suspension } = await import('../phone/suspension.ts');
  const { leaveScreen } = await import('../phone/paint.ts');
  return async (phone, input, _write, signal) => {
    // Whatever happens, the terminal is left as it was.
    const restore = (): void => void stdout.write(leaveScreen);
    process.once('exit', restore);
    const suspension = new Suspension((stop) => terminal.suspend(stop), process);
    const terminal = new TerminalPhone(phone, {
      input,
      output: stdout,
      colours: stdout.hasColors(),
      unicode: showsUnicode(env, process.platform),
      known,
      now: () => Date.now(),
      stop: () => suspension.stop(),
    });
    suspension.start();
    try {
      await terminal.run(signal);
    } finally {
      suspension.end();
    }
    process.off('exit', restore);
  };
}

function write(text: string): void {
  process.stdout.write(text);
}
