import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { Baresip } from './support/baresip.ts';
import { ExchangeProcess, passwordOf } from './support/exchange-process.ts';
import { Linphone } from './support/linphone.ts';
import { OurPhone } from './support/our-phone.ts';
import { describeWithPeers } from './support/presence.ts';
import { untilHeard, melody, writeWav } from './support/sound.ts';
import { tshark } from './support/tshark.ts';

const directory = mkdtempSync(join(tmpdir(), 'switchhook-transfer-'));
const capture = join(directory, 'sip.pcapng');
const users = ['alice', 'bob', 'carol'] as const;
type User = (typeof users)[number];
const sound = { alice: melody(1, 60), bob: melody(2, 60), carol: melody(3, 60) };
const fileOf = (user: User): string => join(directory, `${user}.wav`);
let exchange: ExchangeProcess;
let alice: OurPhone;
let carol: OurPhone;
let count = 0;

beforeAll(async () => {
  for (const user of users) writeWav(fileOf(user), sound[user]);
  exchange = await ExchangeProcess.start({ directory, arguments: ['--capture', capture] });
});

afterAll(async () => {
  await exchange.stop();
  rmSync(directory, { recursive: true, force: true });
});

beforeEach(async () => {
  count += 1;
  alice = await OurPhone.start(exchange, 'alice', fileOf('alice'));
  carol = (await OurPhone.start(exchange, 'carol', fileOf('carol'))).answers();
});

afterEach(async () => {
  await alice.stop();
  await carol.stop();
});

/** With the port: these phones go where a URI says, and the domain of the test is an address. */
const exchangeAddress = (): string => `127.0.0.1:${String(exchange.ports.udp)}`;
const carolsUri = (): string => `sip:carol@${exchangeAddress()}`;

async function baresip(user: User): Promise<Baresip> {
  const peer = await Baresip.start(`${user}-${String(count)}`, {
    directory: join(directory, `${user}-${String(count)}`),
    account: `<sip:${user}@127.0.0.1:${String(exchange.ports.udp)};transport=udp>;auth_user=${user};auth_pass=${passwordOf(user)};regint=600;outbound="sip:${exchangeAddress()};transport=udp"`,
    plays: fileOf(user),
    answers: 'auto',
  });
  await peer.registered();
  return peer;
}

async function linphone(user: User): Promise<Linphone> {
  const peer = await Linphone.start(`${user}-${String(count)}`, {
    directory: join(directory, `${user}-${String(count)}`),
    identity: `sip:${user}@127.0.0.1`,
    registrar: `<sip:127.0.0.1:${String(exchange.ports.udp)};transport=udp>`,
    username: user,
    password: passwordOf(user),
    realm: '127.0.0.1',
    plays: fileOf(user),
    answers: true,
  });
  await peer.registered();
  return peer;
}

/** Whether one of ours hears a melody: in a call with a phone that cannot be asked. */
function hears(phone: OurPhone, user: User): Promise<void> {
  return untilHeard(sound[user], () => phone.hearsFor(3));
}

/** Alice hands somebody on to whom she has asked first (RFC 5359 2.5); Carol is one of the two, and hears the other. */
async function consulted(first: User, second: User): Promise<void> {
  const call = await alice.phone.call(first);
  const consultation = await alice.phone.call(second);
  await call.transferTo(consultation);
  expect(alice.phone.calls).toEqual([]);
  await carol.callWith('bob');
  await hears(carol, 'bob');
}

const peers = [
  { name: 'baresip', program: 'baresip', start: baresip },
  { name: 'linphone', program: 'linphonec', start: linphone },
] as const;

for (const { name, program, start } of peers) {
  describeWithPeers(`a ${name} that is handed on`, [program], () => {
    test('calls whom it is referred to, and says so (RFC 5359 2.4)', async () => {
      const bob = await start('bob');
      try {
        const call = await alice.phone.call('bob');
        await hears(alice, 'bob');
        // Nobody waits for what they report: when who has referred them hangs up, baresip 1.0 says 500 and goes on calling, and
        // linphone says nothing more.
        void call.transfer(carolsUri()).catch(() => undefined);
        await carol.callWith('bob');
        await alice.until(() => (alice.phone.calls.length === 0 ? true : undefined));
        await hears(carol, 'bob');
      } finally {
        await bob.stop();
      }
    });

    test('says so to who has stayed, and is let go then', async () => {
      const bob = await start('bob');
      try {
        const call = await alice.phone.call('bob');
        await call.transfer(carolsUri(), { stay: true });
        expect(alice.phone.calls).toEqual([]);
        await hears(carol, 'bob');
      } finally {
        await bob.stop();
      }
    });

    test('comes back when nobody is there', async () => {
      const bob = await start('bob');
      try {
        const call = await alice.phone.call('bob');
        await expect(call.transfer(`sip:nobody@${exchangeAddress()}`, { stay: true })).rejects.toMatchObject({
          failure: { status: 404 },
        });
        expect(call.state).toBe('connected');
      } finally {
        await bob.stop();
      }
    });

    test('takes the place of our phone in a consultation (RFC 5359 2.5)', async () => {
      const bob = await start('bob');
      try {
        await consulted('bob', 'carol');
      } finally {
        await bob.stop();
      }
    });
  });

  describeWithPeers(`a ${name} that hands on`, [program], () => {
    test('our phone calls, and the call with it ends', async () => {
      const bob = await start('bob');
      try {
        await alice.phone.call('bob');
        if (bob instanceof Baresip) bob.command('transfer', carolsUri());
        else bob.process.write(`transfer ${carolsUri()}`);
        await alice.callWith('carol');
        await alice.until(() => (alice.phone.calls.length === 1 ? true : undefined));
        await hears(alice, 'carol');
        expect(alice.events.filter(({ kind }) => kind === 'referral')).toMatchObject([
          { state: 'followed' },
          { state: 'succeeded' },
        ]);
      } finally {
        await bob.stop();
      }
    });
  });
}

describeWithPeers('a linphone between two of ours (RFC 5359 2.5)', ['linphonec'], () => {
  test('consults, and hands the first one on to the second', async () => {
    const bob = await linphone('bob');
    try {
      await alice.phone.call('bob');
      await bob.process.waitFor(/Media streams established/);
      bob.process.write('pause');
      await bob.process.waitFor(/is now paused/);
      bob.process.write(`call ${carolsUri()}`);
      await carol.callWith('bob');
      await bob.process.waitFor(/Media streams established with .* for call 2/);
      bob.process.write('transfer 1 --to-call 2');
      await alice.callWith('carol');
      await alice.until(() => (alice.phone.calls.length === 1 ? true : undefined));
      await carol.until(() => (carol.phone.calls.length === 1 ? true : undefined));
      await hears(alice, 'carol');
      await hears(carol, 'alice');
    } finally {
      await bob.stop();
    }
  });

  test('is whom somebody is handed on to', async () => {
    const bob = await linphone('bob');
    try {
      await consulted('carol', 'bob');
    } finally {
      await bob.stop();
    }
  });
});

describeWithPeers('Wireshark reads what was said in all of it', ['tshark', 'baresip', 'linphonec'], () => {
  test('without a malformed field', async () => {
    for (const filter of ['sip.Method == "REFER"', 'sip.Replaces', 'sip.Referred-by', 'sipfrag']) {
      expect(await tshark(capture, filter, ['frame.number']), filter).not.toEqual([]);
    }
    expect(await tshark(capture, '_ws.malformed || !sip', ['frame.number'])).toEqual([]);
  });
});
