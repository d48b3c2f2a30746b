import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Terminal } from './command.ts';
import { run } from './index.ts';

let folder: string;
let printed: string;
let complained: string;
let secrets: (string | undefined)[];
let standardInput: string;
const terminal: Terminal = {
  print: (text) => void (printed += text),
  complain: (text) => void (complained += text),
  askSecret: () => Promise.resolve(secrets.shift()),
  readStandardInput: () => Promise.resolve(standardInput),
  onEnter: () => () => undefined,
};

function switchhook(...parameters: string[]): Promise<number> {
  printed = '';
  complained = '';
  return run(parameters, terminal);
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'switchhook-cli-'));
  secrets = [];
  standardInput = '';
});

describe('every command', () => {
  test.each([
    ['serve', 'not a directory'],
    ['status', 'not a directory'],
  ])('%s says what the system says of a data folder that is a file', async (command, reason) => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    expect(await switchhook(command, '--data', file)).toBe(1);
    expect(complained).toMatch(new RegExp(`^switchhook: ${file}/\\S+: ${reason}\n$`));
  });

  test('phone says which file of sound it cannot open', async () => {
    const passwordFile = join(folder, 'password');
    writeFileSync(passwordFile, 'secret\n');
    const missing = join(folder, 'missing.wav');
    const parameters = ['sip:alice@example.com', '--password-file', passwordFile, '--play', missing];
    expect(await switchhook('phone', ...parameters)).toBe(1);
    expect(complained).toBe(`switchhook phone: ${missing} cannot be opened: no such file or directory\n`);
  });

  test.each(['--ca', '--password-file'])(
    'phone says which option names the file that is not there: %s',
    async (option) => {
      const missing = join(folder, 'missing');
      expect(await switchhook('phone', 'sip:alice@example.com', '--no-register', option, missing)).toBe(2);
      expect(complained).toContain(`switchhook phone: ${option} ${missing}: no such file or directory\n`);
    },
  );

  test('phone does not take a file for authorities that has no certificate in it', async () => {
    const file = join(folder, 'notes.pem');
    writeFileSync(file, 'to do\n');
    expect(await switchhook('phone', 'sip:alice@example.com', '--no-register', '--ca', file)).toBe(2);
    expect(complained).toContain(`--ca ${file}: there is no certificate in it`);
  });

  test.each(['***', 'a b'])('phone says what a group is written like: %s', async (group) => {
    expect(await switchhook('phone', 'sip:alice@127.0.0.1', '--no-register', '--no-sound', '--group', group)).toBe(2);
    expect(complained).toContain(
      `switchhook phone: --group: not a pattern of addresses: ${group}; bob@example.com and`,
    );
  });

  test('phone says that its port is taken', async () => {
    const other = createSocket('udp4').bind(0, '127.0.0.1');
    await once(other, 'listening');
    const port = String(other.address().port);
    try {
      const parameters = ['sip:alice@127.0.0.1', '--no-register', '--no-sound', '--transport', 'udp', '--port', port];
      expect(await switchhook('phone', ...parameters)).toBe(2);
      expect(complained).toContain(`switchhook phone: --port ${port} is taken; name another one, or none\n`);
    } finally {
      other.close();
    }
  });

  test.each([
    ['--password-file', 'password', 'its first line is empty'],
    ['--proxy', 'sip:a b', '"sip:a b" is not the address of a proxy'],
  ])('phone says what is wrong with what is given with %s', async (option, value, said) => {
    const file = join(folder, 'password');
    writeFileSync(file, '\nsecret\n');
    const given = value === 'password' ? file : value;
    expect(await switchhook('phone', 'sip:alice@127.0.0.1', '--no-register', '--no-sound', option, given)).toBe(2);
    expect(complained).toContain(said);
  });

  test.each([
    [['status', 'alice'], '"alice" is too much'],
    [['users', 'list', 'alice'], '"alice" is too much'],
    [['set', 'alice', 'forward.allways'], /there is no setting "forward\.allways".*did you mean forward\.always\?/],
    [['explain', 'alice', 'bob', '--at', 'tomorrow'], '--at is a time like 2026-03-04T12:00:00Z'],
  ])('what is wrong with %j is told before anybody is asked', async (parameters, said) => {
    expect(await switchhook(...parameters, '--data', folder)).toBe(2);
    expect(complained).toMatch(said);
  });

  test.each([
    [['serve', '--config', ''], '--config is given, and empty'],
    [['status', '--data='], '--data is given, and empty'],
    [['phone', 'alice', '--group', 'bob@example.com', '--group', ''], '--group is given, and empty'],
    [['status', '-d'], '--data wants a value'],
    [['users', 'add', '--name', '--generate'], '--name wants a value; one that begins with - is written --name=-…'],
  ])('%j is told in one sentence: %s', async (parameters, said) => {
    expect(await switchhook(...parameters)).toBe(2);
    const [command = ''] = parameters;
    expect(complained).toBe(`switchhook ${command}: ${said}\nnpm run switchhook -- ${command} --help tells more\n`);
  });

  test('an unknown option is told in one sentence', async () => {
    expect(await switchhook('serve', '--confg', 'x')).toBe(2);
    const near = "switchhook serve: Unknown option '--confg'; did you mean --config?";
    expect(complained).toBe(`${near}\nnpm run switchhook -- serve --help tells more\n`);
    expect(await switchhook('serve', '--frobnicate')).toBe(2);
    expect(complained).toMatch(/^switchhook serve: Unknown option '--frobnicate'\n/);
  });

  test.each([
    [['flwo'], 'switchhook: there is no command "flwo"; did you mean flow?\nnpm run switchhook -- --help lists them\n'],
    [['frobnicate'], 'switchhook: there is no command "frobnicate"\nnpm run switchhook -- --help lists them\n'],
    [['users', 'ad'], /add, passwd, list or remove; did you mean add\?\n/],
    [['flow', 'lst'], /did you mean list\?\n/],
  ])('of a word that it does not know, %j, it says what may have been meant', async (parameters, said) => {
    expect(await switchhook(...parameters)).toBe(2);
    expect(complained).toMatch(said);
    expect(printed).toBe('');
  });

  test('without a command its usage is a complaint', async () => {
    expect(await switchhook()).toBe(2);
    expect(complained).toMatch(/^Usage: switchhook COMMAND/);
    expect(printed).toBe('');
  });

  const names = ['phone', 'dial', 'serve', 'users', 'status', 'set', 'codes', 'explain', 'ladder', 'flow', 'config'];

  test.each(names)(
    '%s tells its usage, with examples of what there is and no line wider than a page, and its version',
    async (command) => {
      expect(await switchhook(command, '--help')).toBe(0);
      expect(printed).toContain(`Usage: switchhook ${command}`);
      expect(printed).toMatch(/^ {2}-h, --help +this text$/m);
      expect(printed.split('\n').filter((line) => line.length > 125)).toEqual([]);
      const [usage = '', examples = ''] = printed.split('\nExamples:\n');
      expect(examples).toMatch(new RegExp(`^( {2}npm run switchhook -- ${command}\\b.*\n)+$`));
      for (const [option] of examples.matchAll(/--[a-z][a-z-]+/g)) expect(usage).toContain(`${option} `);
      expect(await switchhook(command, '--version')).toBe(0);
      expect(printed).toMatch(/^switchhook \d+\.\d+\.\d+\n$/);
    },
  );

  test('tells its usage after the word help, too', async () => {
    expect(await switchhook('help', 'status')).toBe(0);
    expect(printed).toMatch(/^Usage: switchhook status/);
    expect(await switchhook('help', 'statsu')).toBe(2);
    expect(complained).toContain('there is no command "statsu"; did you mean status?');
  });

  test('is listed by --help, with the exit codes', async () => {
    expect(await switchhook('--help')).toBe(0);
    for (const command of names) expect(printed).toContain(`  ${command} `);
    expect(printed).toContain('Exit codes: 0 done');
  });

  test.each([
    [['call'], 'there is no command "call"'],
    [['constructor'], 'there is no command "constructor"'],
    [['status', '--what'], "Unknown option '--what'"],
    [['users', 'invent', 'x'], 'say add, passwd, list or remove'],
    [['users', 'add'], 'name the subscriber'],
    [['ladder'], 'name one call'],
    [['config'], 'say: npm run switchhook -- config schema'],
    [['serve', '--check'], '--check needs --config FILE'],
    [['dial'], 'say whom to call'],
    [['dial', 'sip:bob@example.com'], 'say whose telephone is to call'],
    [['dial', '--from', 'alice@example.com', 'mailto:bob@example.com'], 'is nobody who can be called'],
    [['dial', '--from', 'alice@example.com', '--', '--phone=sip:mallory@example.net'], 'is nobody who can be called'],
    [['dial', '--install-handler', 'bob'], '"bob" is too much'],
    [['phone'], 'say whose phone it is'],
    [['phone', ''], 'say whose phone it is'],
    [['phone', 'sip:alice@example.com', 'bob'], '"bob" is too much'],
    [['phone', 'sip:alice@example.com', '--transport', 'pigeon'], '--transport is one of udp, tcp, tls, ws, wss'],
    [['phone', 'sip:alice@example.com', '--tone', 'loud'], '--tone is a frequency'],
  ])('%j is a wrong command line', async (parameters, complaint) => {
    expect(await switchhook(...parameters, ...(parameters[0] === 'users' ? ['--data', folder] : []))).toBe(2);
    expect(complained).toContain(complaint);
  });
});

describe('serve --check', () => {
  test('accepts a good configuration', async () => {
    const file = join(folder, 'good.yaml');
    writeFileSync(file, 'domains: [{name: example.com}]\nlisteners: [{protocol: udp, address: 127.0.0.1}]\n');
    expect(await switchhook('serve', '--check', '--config', file)).toBe(0);
    expect(printed).toBe(`${file} is fine\n`);
  });

  test('names the place of every fault', async () => {
    const file = join(folder, 'bad.yaml');
    writeFileSync(file, 'domain: []\nlisteners: []\n');
    expect(await switchhook('serve', '--check', '--config', file)).toBe(3);
    expect(complained).toContain(`${file}:1:1: domain: is not a known key; did you mean domains?`);
    expect(complained).toContain(`${file}:2:12: listeners: expected at least 1 entry`);
  });

  test('looks into the certificate files too, and makes nothing', async () => {
    const file = join(folder, 'tls.yaml');
    const text = 'domains: [{name: example.com}]\nlisteners: [{protocol: tls, address: 127.0.0.1}]\n';
    writeFileSync(file, `${text}tls: {certificate: my.pem, key: my.key}\n`);
    expect(await switchhook('serve', '--check', '--config', file)).toBe(1);
    expect(complained).toBe(
      `switchhook: ${file}:3:20: tls.certificate: ${join(folder, 'my.pem')} does not exist; correct tls.certificate\n`,
    );
    writeFileSync(file, text);
    expect(await switchhook('serve', '--check', '--config', file)).toBe(0);
    expect(existsSync(join(folder, 'data'))).toBe(false);
  });
});

describe('users', () => {
  const users = (...parameters: string[]): Promise<number> => switchhook('users', ...parameters, '--data', folder);

  test('are added, listed, given a new password and removed', async () => {
    secrets = ['geheim', 'geheim'];
    expect(await users('add', 'dave', '--name', 'Dave')).toBe(0);
    expect(printed).toBe('dave@127.0.0.1 added\n');
    expect(await users('list')).toBe(0);
    expect(printed).toBe('address         name  digest\ndave@127.0.0.1  Dave  MD5 SHA-256 SHA-512-256\n');
    standardInput = 'secret\n';
    expect(await users('passwd', '--password-stdin', 'sip:dave@127.0.0.1')).toBe(0);
    expect(await users('remove', 'dave')).toBe(0);
    expect(await users('list')).toBe(0);
    expect(printed).toBe('');
  });

  test('get a password that is printed once when nobody brings one', async () => {
    expect(await users('add', '--generate', 'dave')).toBe(0);
    expect(printed).toMatch(/^dave@127\.0\.0\.1 added\npassword: [a-z2-9]{16}\n$/);
  });

  test('cannot be added twice, removed when absent, or be of another domain', async () => {
    expect(await users('add', '--generate', 'dave')).toBe(0);
    expect(await users('add', '--generate', 'dave')).toBe(1);
    expect(complained).toContain('is there already');
    expect(await users('remove', 'eve')).toBe(1);
    expect(complained).toContain('there is no eve@127.0.0.1');
    expect(await users('add', '--generate', 'dave@example.com')).toBe(2);
    expect(complained).toContain('example.com is not a domain of this exchange');
  });

  test('are not added with a mistyped password or without anybody to ask', async () => {
    secrets = ['geheim', 'gehiem'];
    expect(await users('add', 'dave')).toBe(2);
    expect(complained).toContain('the two are not the same');
    expect(await users('add', 'dave')).toBe(2);
    expect(complained).toContain('use --password-stdin or --generate');
  });

  test('are told before they think up a password that nothing would come of it', async () => {
    expect(await users('add', '--generate', 'dave')).toBe(0);
    secrets = ['geheim', 'geheim'];
    expect(await users('add', 'dave')).toBe(1);
    expect(complained).toContain('dave@127.0.0.1 is there already');
    expect(await users('passwd', 'erin')).toBe(1);
    expect(complained).toContain('there is no erin@127.0.0.1');
    expect(secrets).toHaveLength(2);
  });

  test('keep their name when they get a new password', async () => {
    expect(await users('add', '--generate', '--name', 'Dave', 'dave')).toBe(0);
    expect(await users('passwd', '--generate', 'dave')).toBe(0);
    expect(printed).toMatch(/^dave@127\.0\.0\.1 has a new password\npassword: [a-z2-9]{16}\n$/);
    expect(await users('list')).toBe(0);
    expect(printed).toContain('dave@127.0.0.1  Dave ');
  });

  test.each([
    [['list', '--generate'], '--generate belongs to users add, not to users list'],
    [['remove', 'dave', '--name', 'x'], '--name belongs to users add, not to users remove'],
    [['passwd', 'dave', '--name', 'x'], '--name belongs to users add, not to users passwd'],
    [['add', 'dave', '--generate', '--password-stdin'], '--password-stdin and --generate are one too many'],
  ])('are asked for nothing that means nothing: %j', async (parameters, said) => {
    expect(await users(...parameters)).toBe(2);
    expect(complained).toContain(said);
  });

  test('are not added with a password of another encoding than UTF-8, which would be read as another one', async () => {
    standardInput = Buffer.from('p\u00e4ssword\n', 'latin1').toString('utf8');
    expect(await users('add', '--password-stdin', 'dave')).toBe(2);
    expect(complained).toContain('the password holds a character that is not UTF-8');
  });

  test.each([['list'], ['remove', 'dave'], ['passwd', '--generate', 'dave']])(
    '%s makes no store where there is none',
    async (...parameters) => {
      const missing = join(folder, 'elsewhere');
      expect(await switchhook('users', ...parameters, '--data', missing)).toBe(1);
      expect(complained).toContain(`there is no store in ${missing}`);
      expect(existsSync(missing)).toBe(false);
    },
  );

  test('are not said to have no store where nobody can look for one', async () => {
    const loop = join(folder, 'loop');
    symlinkSync(loop, loop);
    expect(await switchhook('users', 'list', '--data', loop)).toBe(1);
    expect(complained).toContain(`${join(loop, 'exchange.db')}: too many symbolic links`);
  });

  test.each([['a b'], ['a\tb'], ['a%20b'], ['\u00fcn\u00ef'], ['x'.repeat(129)], ['@127.0.0.1'], ['alice@'], ['']])(
    'are not called %j',
    async (address) => {
      const missing = join(folder, 'elsewhere');
      expect(await switchhook('users', 'add', '--generate', address, '--data', missing)).toBe(2);
      expect(complained).toContain('is not USER or USER@DOMAIN');
      expect(complained.length).toBeLessThan(300);
      expect(existsSync(missing)).toBe(false);
    },
  );

  test.each([['two\nlines'], ['\u001b[31mred'], ['\u202egnp.exe'], ['x'.repeat(201)]])(
    'have no name that spoils a list: %j',
    async (name) => {
      expect(await users('add', '--generate', '--name', name, 'dave')).toBe(2);
      expect(complained).toContain('a name is text of one line');
    },
  );

  test('that differ by case alone are told apart', async () => {
    expect(await users('add', '--generate', 'dave')).toBe(0);
    expect(complained).toBe('');
    expect(await users('add', '--generate', 'Dave')).toBe(0);
    expect(complained).toContain('dave@127.0.0.1 is somebody else, for case counts in users');
  });

  test.each(['alice', 'music'])('of the demonstration have no second one behind them: %s', async (user) => {
    expect(await users('add', '--generate', user)).toBe(1);
    const told = `${user}@127.0.0.1 is there by itself in an exchange without a configuration file`;
    expect(complained).toContain(told);
    const missing = join(folder, 'elsewhere');
    complained = '';
    expect(await switchhook('users', 'remove', user, '--data', missing)).toBe(1);
    expect(complained).toContain(told);
    expect(existsSync(missing)).toBe(false);
  });

  test('of the configuration file are changed there', async () => {
    const file = join(folder, 'switchhook.yaml');
    writeFileSync(
      file,
      'domains: [{name: example.com}]\nlisteners: [{protocol: udp, address: 127.0.0.1}]\nsubscribers: [{user: dave, password: x}]\n',
    );
    expect(await users('remove', 'dave', '--config', file)).toBe(1);
    expect(complained).toContain('dave@example.com is in the configuration file; change it there');
  });

  test.each(['sales', 'music'])('are not added where nobody could call them: %s is there already', async (user) => {
    const file = join(folder, 'switchhook.yaml');
    const parts = [
      'domains: [{name: example.com}]',
      'listeners: [{protocol: udp, address: 127.0.0.1}]',
      'subscribers: [{user: erin, password: x}]',
      'groups: [{user: sales, members: [erin]}]',
      'servers: {music: {}}',
    ];
    writeFileSync(file, `${parts.join('\n')}\n`);
    expect(await users('add', '--generate', 'dave', '--config', file)).toBe(0);
    expect(await users('add', '--generate', user, '--config', file)).toBe(1);
    expect(complained).toContain(`${user}@example.com is in the configuration file; change it there`);
  });
});

describe('the running exchange', () => {
  test.each([['status'], ['ladder', 'x']])('is missed by %s', async (...parameters) => {
    expect(await switchhook(...parameters, '--data', folder)).toBe(4);
    expect(complained).toContain(`no exchange has served from ${folder}; start it with`);
  });

  test('is missed when it is gone', async () => {
    writeFileSync(join(folder, 'admin.json'), '{"url":"http://127.0.0.1:1","token":"x"}');
    expect(await switchhook('status', '--data', folder)).toBe(4);
    expect(complained).toContain('does not answer at http://127.0.0.1:1');
  });
});

test('who reads no further ends it, and is told nothing of it', async () => {
  const main = join(import.meta.dirname, 'main.ts');
  const child = spawn(process.execPath, ['--conditions=source', main, 'flow', 'all', '--simulate']);
  let told = '';
  child.stderr.on('data', (text) => void (told += String(text)));
  child.stdout.once('data', () => child.stdout.destroy());
  const ended: readonly unknown[] = await once(child, 'close');
  expect(ended).toEqual([null, 'SIGTERM']);
  expect(told).toBe('');
});
