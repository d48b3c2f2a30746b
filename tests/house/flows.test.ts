/** What README.md and docs/flows.md say of flows is so. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { drawReport, flow, flowScripts, ladderSvg, reportSchema, simulateFlow } from '@switchhook/flows';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { run } from '../../packages/cli/src/index.ts';
import { OwnDevice } from '../../packages/flows/src/guest/own-device.testing.ts';

const repository = join(import.meta.dirname, '../..');
const main = join(repository, 'packages/cli/src/main.ts');

async function command(...parameters: string[]): Promise<{ code: number; printed: string; complained: string }> {
  let [printed, complained] = ['', ''];
  const code = await run(parameters, {
    print: (text) => void (printed += text),
    complain: (text) => void (complained += text),
    askSecret: () => Promise.resolve(undefined),
    readStandardInput: () => Promise.resolve(''),
    onEnter: () => () => undefined,
  });
  return { code, printed, complained };
}

describe('switchhook flow', () => {
  test('draws the picture of the README', async () => {
    const { code, printed } = await command('flow', '2.1', '--simulate');
    expect(code).toBe(0);
    const [script] = flowScripts;
    const ladder = script && drawReport((await simulateFlow(script)).report);
    expect(printed).toContain(ladder);
    // When it has changed for a reason, it is pasted from the command again.
    expect(readFileSync(join(repository, 'README.md'), 'utf8')).toContain(`\`\`\`\n${ladder ?? ''}\`\`\`\n`);
  });

  test('plays on real sockets where nothing else is said', async () => {
    const { code, printed } = await command('flow', '2.18', '--transport', 'udp');
    expect(printed).toContain('6 of 6 messages');
    expect(code).toBe(0);
  });

  test('knows a bad network, other transports and seeds', async () => {
    expect((await command('flow', '2.2', '--transport', 'udp', '--seed', '3')).code).toBe(0);
    const { printed } = await command('flow', '2.1', '--bad-network', '--seed', '17');
    expect(printed).toContain('It came to a right end.');
    const told = await command('flow', '2.1', '--transport', 'udp', '--misfortunes', 'alice:proxy:3:lost');
    expect(told.printed).toContain('It came to a right end.');
    expect(told.code).toBe(0);
  });

  test('lists the eighteen, with the roles as --as names them', async () => {
    const { code, printed } = await command('flow', 'list');
    expect(code).toBe(0);
    expect(printed.trimEnd().split('\n')).toHaveLength(19);
    for (const { flow: section } of flowScripts) expect(printed).toMatch(new RegExp(`^${section} `, 'm'));
    expect(printed).toMatch(/^2\.18 +Click to Dial +pc, bob, carol +6$/m);
  });

  test('plays all of them and sums up', async () => {
    const { code, printed } = await command('flow', 'all', '--simulate');
    expect(printed).toContain(`${flowScripts.length} flows: all as they should be`);
    expect(code).toBe(0);
  });

  test('plays one on many networks, and says how many came to a right end', async () => {
    const { code, printed } = await command('flow', '2.1', '--loss', '20%', '--seed', '5', '--repeat', '3');
    expect(printed).toMatch(/^2\.1 Call Hold: 3 of 3 came to a right end$/m);
    expect(code).toBe(0);
  });

  test('explains a flow, with the other ways that the RFC names for it', async () => {
    const { code, printed } = await command('flow', 'explain', '2.16');
    expect(code).toBe(0);
    expect(printed).toContain('F7  INVITE Replaces:Bob from Bill to Alice');
    expect(printed).toContain('C2.16-09: Without a GRUU an ordinary address does, with Require.');
  });

  test('blames no message where a device could not be reached, and says only that', async () => {
    const device = ['--as', 'carol=sip:carol@127.0.0.1:9', '--transport', 'tcp', '--hook', 'true'];
    const { code, printed, complained } = await command('flow', '2.4', ...device);
    expect(complained).toMatch(
      /^switchhook flow: not played to the end: carol does not answer at 127\.0\.0\.1, port 9, /,
    );
    expect(printed).not.toMatch(/F1|must|failure|not as it should be/);
    expect(code).toBe(1);
  });

  test('explains a message, with the RFC that says so, what the RFC has wrong, and the bytes that are said here', async () => {
    const { code, printed } = await command('flow', 'explain', '2.1', 'F11');
    expect(code).toBe(0);
    expect(printed).toContain('2.1 Call Hold, F11: INVITE(hold) from Proxy to Alice');
    expect(printed).toContain('The proxy passes F10 on to Alice. Bob puts the call with Alice on hold');
    expect(printed).toContain('must   sdp: role offer, direction sendonly');
    expect(printed).toContain('E2.1-01');
    expect(printed).toMatch(/^ {2}INVITE sips:alice@/m);
    expect((await command('flow', 'explain', '2.15', 'f16')).printed).toContain('E2.15-01');
  });

  test.skipIf(!existsSync('/dev/full'))('says that a report did not fit on the disk, and ends with 1', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'switchhook-report-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    symlinkSync('/dev/full', join(folder, '2.14-outgoing-call-screening.html'));
    const { code, printed, complained } = await command('flow', '2.14', '--simulate', '--report', folder);
    expect(complained).toMatch(new RegExp(`^switchhook flow: the report in ${folder} is not whole: ENOSPC: `));
    expect(printed).toContain('As it should be.');
    expect(printed).not.toContain('The report:');
    expect(code).toBe(1);
  });

  test('writes a report into a folder', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'switchhook-flow-'));
    try {
      const { code, printed } = await command('flow', '2.14', '--simulate', '--report', join(folder, 'report'));
      expect(code).toBe(0);
      expect(printed).toContain(`The report: ${join(folder, 'report', 'index.html')}`);
      expect(readFileSync(join(folder, 'report', '2.14-outgoing-call-screening.html'), 'utf8')).toContain(
        'TLS over IPv4 in the simulator, seed 1',
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("finds the RFC's own errors, exactly those that are known", async () => {
    const { code, printed } = await command('flow', 'lint-rfc');
    expect(printed).toMatch(/E2\.1-01 \(violates\): .*\n {4}Instead: A fresh branch per transaction/);
    expect(code).toBe(0);
    const { printed: json } = await command('flow', 'lint-rfc', '--json');
    expect(JSON.parse(json)).toMatchObject({ passed: true, missed: [], faults: expect.arrayContaining([]) as unknown });
  });

  test('tells machines all of a play on standard output, and nothing else', async () => {
    const { code, printed } = await command('flow', '2.14', '--simulate', '--json');
    expect(reportSchema.parse(JSON.parse(printed))).toMatchObject({ passed: true, flows: [{ section: '2.14' }] });
    expect(code).toBe(0);
  });

  test('plays without what is optional, and with two streams', async () => {
    const without = await command('flow', '2.1', '--without-optional', '--json');
    expect(without.code).toBe(0);
    const { flows } = reportSchema.parse(JSON.parse(without.printed));
    const missing = flows[0]?.messages.filter(({ verdict }) => verdict === 'left out');
    expect(missing?.map(({ number }) => number)).toEqual(['F3']);
    const { code, printed } = await command('flow', '2.1', '--streams', '2', '--json');
    expect(code).toBe(0);
    expect(printed).toContain('m=video');
  });

  test.each([
    [['flow', 'list', '--json'], '--json goes with flows that are played'],
    [['flow', 'list', '--as', 'bob'], '--as goes with flows that are played, not with list'],
    [['flow', 'explain', '2.1', 'F5', '--transport', 'udp'], '--transport goes with flows that are played'],
    [['flow', 'lint-rfc', '--report', 'x'], '--report goes with flows that are played, not with lint-rfc'],
    [['flow', '2.1', '--repeat', '2', '--json'], '--json is of one play, not of a campaign'],
    [['flow', '2.1', '--streams', '3'], '--streams is 1 or 2'],
    [['flow'], 'name one section: 2.1, 2.2, 2.3'],
    [['flow', '2.1', '2.2'], '"2.2" is too much'],
    [['flow', '2.1', '--loss', 'much'], '--loss is a percentage'],
    [['flow', '2.1', '--bad-network', '--loss', '30%'], '--bad-network has a --loss of its own'],
    [['flow', '2.1', '--bad-network', '--transport', 'tcp'], '--bad-network has a --transport of its own'],
    [['flow', '2.1', '--crash', 'carol'], 'nobody in 2.1 is called carol: there are alice, proxy, bob'],
    [['flow', '2.1', '--crash', 'carol@1200+800'], 'nobody in 2.1 is called carol'],
    [['flow', '2.1', '--misfortunes', 'alice:carol:3:lost'], 'nobody in 2.1 is called carol'],
    [['flow', 'all', '--misfortunes', 'none'], '--misfortunes is of one flow'],
    [['flow', '2.1', '--repeat', '2', '--report', 'x'], '--report is of one play'],
    [['flow', '2.1', '--crash', 'any', '--report', 'x'], '--report is of one play'],
    [['flow', '2.1', '--simulate', '--report', import.meta.filename], '--report cannot be written: EEXIST'],
    [['flow', '2.1', '--as', 'bob', '--repeat', '2'], '--repeat is of the simulator, and --as of real sockets'],
    [['flow', '2.1', '--as', 'bob', '--crash', 'any'], '--crash is of the simulator, and --as of real sockets'],
    [['flow', '2.1', '--as', 'bob', '--streams', '2'], '--streams is of the simulator, and --as of real sockets'],
    [['flow', '2.1', '--proxy', 'x', '--simulate'], '--simulate is of the simulator, and --proxy of real sockets'],
    [
      ['flow', '2.8', '--proxy', '127.0.0.1'],
      'the proxy has to know bob, alice, b2: say --account bob=USER:PASSWORD@DOMAIN for each, or --accounts FILE; ' +
        'and it has to forward calls for bob to b2 when his phone, b1, is busy (486)',
    ],
    [['flow', 'all', '--repeat', '2', '--hook', 'true'], '--hook goes with --as or --proxy'],
    [['flow', '2.1', '--repeat', '0'], '--repeat is 1 at least'],
    [['flow', 'explain', '2.1', 'F26'], 'F1 to F25'],
    [['flow', 'explain', '2.19', 'F1'], '2.1 to 2.18'],
    [['flow', '2.19'], 'name one section'],
    [['flow', '2.1', '--transport', 'pigeon'], '--transport is udp, tcp, tls, ws or wss'],
    [['flow', '2.1', '--seed', 'x'], '--seed is a number'],
  ])('%s: says what is wrong', async (parameters, message) => {
    const { code, complained } = await command(...parameters);
    expect(code).toBe(2);
    expect(complained).toContain(message);
  });
});

test.skipIf(process.platform === 'win32')('Ctrl-C tells a device that it is over, and ends the flow', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'switchhook-flow-'));
  const steps = join(folder, 'steps');
  const hook = `sh -c 'echo $SWITCHHOOK_ACTION >> ${steps}' hook`;
  const child = spawn(process.execPath, ['--conditions=source', main, 'flow', '2.1', '--as', 'bob', '--hook', hook], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const complained = text(child.stderr);
  child.stdout.resume();
  // Its device registers nowhere; as soon as it has been asked to be configured, somebody has enough.
  await vi.waitFor(() => expect(readFileSync(steps, 'utf8')).toBe('prepare\n'), { timeout: 30_000 });
  child.kill('SIGINT');
  const [code] = (await once(child, 'exit')) as [number | null];
  expect([code, readFileSync(steps, 'utf8')]).toEqual([1, 'prepare\nfinish\n']);
  expect(await complained).toContain('not played to the end: it was interrupted');
  rmSync(folder, { recursive: true });
});

test.skipIf(process.platform === 'win32')(
  'Ctrl-C ends flows in order: no key and no certificate is left behind',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'switchhook-flow-'));
    const child = spawn(process.execPath, ['--conditions=source', main, 'flow', 'all'], {
      env: { ...process.env, TMPDIR: folder },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const complained = text(child.stderr);
    await vi.waitFor(() => expect(readdirSync(folder)).not.toEqual([]), { timeout: 30_000 });
    child.kill('SIGINT');
    const [code] = (await once(child, 'exit')) as [number | null];
    expect([code, readdirSync(folder)]).toEqual([1, []]);
    expect(await complained).toBe('switchhook flow: it was interrupted\n');
    rmSync(folder, { recursive: true });
  },
);

test.skipIf(process.platform !== 'linux')(
  'at a terminal each step is asked for, and goes on with Enter, or when the device has said what is awaited',
  async () => {
    const words = [process.execPath, '--conditions=source', main, 'flow', '2.8', '--as', 'b1'];
    const command = words.map((word) => `'${word}'`).join(' ');
    const child = spawn('script', ['--quiet', '--flush', '--return', '--command', command, '/dev/null']);
    onTestFinished(() => void child.kill());
    let shown = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (shown += chunk));
    const says = async (pattern: RegExp, meanwhile?: () => void): Promise<string> =>
      vi.waitFor(
        () => {
          meanwhile?.();
          const [all, part] = pattern.exec(shown) ?? expect.fail(`no ${String(pattern)} in ${shown}`);
          return part ?? all;
        },
        { timeout: 30_000 },
      );
    const certificateAuthority = await says(/authority to trust, for TLS +(\S+)/);
    const account = {
      addressOfRecord: await says(/address +(\S+)/),
      user: await says(/user name +(\S+)/),
      password: await says(/password +(\S+)/),
      proxy: await says(/registrar and outbound proxy +(\S+)/),
      certificateAuthority,
    };
    const device = new OwnDevice(0);
    const step = { flow: '2.8', role: 'b1', account, other: undefined, target: undefined, words: '' };
    onTestFinished(() => device.direct({ ...step, action: 'finish' }, undefined));
    await device.direct({ ...step, action: 'prepare' }, undefined);
    await says(/>> b1: Set the device so that callers hear busy .* \(Enter when it is done\)/);
    expect(shown).not.toContain('INVITE F1');
    await device.direct({ ...step, action: 'refuse-busy' }, undefined);
    // An Enter before anybody can have read the question is not taken for the answer.
    await says(/INVITE F1/, () => child.stdin.write('\n'));
    const [code] = (await once(child, 'exit')) as [number | null];
    expect([code, shown]).toEqual([0, expect.stringContaining('b1: as it should be')]);
  },
  90_000,
);

test('docs/flows/call-park.svg, drawn by `npm run docs`, is the ladder of a play', async () => {
  const { played } = await flow('2.15');
  const picture = readFileSync(join(repository, 'docs/flows/call-park.svg'), 'utf8');
  expect(picture).toBe(`${ladderSvg(played.report, 'file').text}\n`);
});
