import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPhone } from '@switchhook/phone/node';
import type { Phone } from '@switchhook/phone';
import { Inviter, Registerer, RegistererState, SessionState, UserAgent } from 'sip.js';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { InviteSession } from '@switchhook/sip';
import { ExchangeProcess, passwordOf } from './support/exchange-process.ts';
import { subscriberSettings } from './support/our-phone.ts';
import { describeWithPeers } from './support/presence.ts';
import { LibraryPhone } from './support/library-phone.ts';
import { FixedDescription, inState } from './support/sip-js.ts';
import { Sipp } from './support/sipp.ts';
import { sessionDescription, SippScript } from './support/sipp-script.ts';

const plain = { body: sessionDescription(1) };

describeWithPeers('INVITE with Replaces and Join from SIPp', ['sipp'], () => {
  const directory = mkdtempSync(join(tmpdir(), 'switchhook-replaces-'));
  let phone: LibraryPhone;
  let isTrusted: boolean;
  let count = 0;

  beforeEach(async () => {
    isTrusted = true;
    phone = await LibraryPhone.start({}, { mayReplace: () => isTrusted, mayJoin: () => isTrusted });
  });

  afterEach(async () => {
    await phone.stop();
    expect(phone.sessions.stats()).toEqual({ sessions: 0, outgoing: 0, incoming: 0 });
  });

  afterAll(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  function calling(steps: (script: SippScript) => SippScript): Promise<Sipp> {
    count += 1;
    return Sipp.start({
      directory,
      scenario: steps(new SippScript(`claim-${String(count)}`, 'caller')).write(directory),
      remote: `127.0.0.1:${String(phone.port)}`,
      arguments: ['-s', 'library', '-m', '1', '-timeout', '30s'],
    });
  }

  /** A call of SIPp's that the phone has answered, and that ends by the phone's BYE. */
  async function answered(): Promise<{ sipp: Sipp; session: InviteSession }> {
    const sipp = await calling((script) =>
      script
        .request('INVITE', plain)
        .expect(100, { optional: true })
        .expect(200)
        .request('ACK')
        .receive('BYE')
        .respond(200),
    );
    const invite = await phone.called();
    await invite.accept();
    return { sipp, session: invite.session };
  }

  async function succeeds(sipp: Sipp): Promise<void> {
    expect(await sipp.finished()).toMatchObject({ successful: 1, failed: 0 });
  }

  function nameOf({ dialog }: InviteSession): string {
    return `${dialog.callId};to-tag=${dialog.localTag};from-tag=${dialog.remoteTag}`;
  }

  /** An INVITE that is refused. */
  async function refused(status: number, headers: readonly string[]): Promise<void> {
    const sipp = await calling((script) =>
      script
        .request('INVITE', { ...plain, headers })
        .expect(100, { optional: true })
        .expect(status)
        .acknowledgeFailure(),
    );
    await succeeds(sipp);
  }

  /** Calls with these header fields, is answered, and is hung up in the end. */
  function letIn(headers: readonly string[]): ReturnType<typeof calling> {
    return calling((script) =>
      script
        .request('INVITE', { ...plain, headers })
        .expect(100, { optional: true })
        .expect(200)
        .request('ACK')
        .receive('BYE')
        .respond(200),
    );
  }

  test('a call is handed over: the new caller has it, and the old one is hung up', async () => {
    const { sipp, session } = await answered();
    const successor = await letIn([`Replaces: ${nameOf(session)}`, 'Require: replaces']);
    const invite = await phone.called();
    expect(invite.replaces).toBe(session);
    await invite.accept();
    await succeeds(sipp);
    expect(session.end).toEqual({ kind: 'replaced', by: invite.session });
    await invite.session.hangUp();
    await succeeds(successor);
  });

  test('a call is joined, and both go on', async () => {
    const { sipp, session } = await answered();
    const joiner = await letIn([`Join: ${nameOf(session)}`, 'Require: join']);
    const invite = await phone.called();
    expect(invite.joins).toBe(session);
    await invite.accept();
    expect(session.end).toBeUndefined();
    await Promise.all([session.hangUp(), invite.session.hangUp()]);
    await Promise.all([sipp, joiner].map(succeeds));
  });

  test('every bad kind gets the status that its RFC names, and the call is as it was', async () => {
    const { sipp, session } = await answered();
    const name = nameOf(session);
    const unknown = 'nobody@nowhere;to-tag=1;from-tag=2';
    await refused(400, [`Replaces: ${name}`, `Join: ${name}`]);
    await refused(400, [`Replaces: ${name}`, `Replaces: ${unknown}`]);
    await refused(400, [`Join: ${name}`, `Join: ${name}`]);
    await refused(400, ['Replaces: no-tags@all']);
    await refused(400, [`Join: ${name};to-tag=again`]);
    await refused(481, [`Replaces: ${unknown}`]);
    await refused(481, [`Join: ${unknown}`]);
    await refused(486, [`Replaces: ${name};early-only`]);
    isTrusted = false;
    for (const header of ['Replaces', 'Join']) {
      await refused(403, [`${header}: ${name}`]);
      await refused(403, [`${header}: ${unknown}`]);
    }
    isTrusted = true;
    expect(session.isLeaving).toBe(false);
    await session.hangUp();
    await succeeds(sipp);
    await refused(603, [`Replaces: ${name}`]);
    await refused(603, [`Join: ${name}`]);
  });
});

describe('SIP.js over WebSocket, through the exchange', () => {
  const directory = mkdtempSync(join(tmpdir(), 'switchhook-replaces-sip-js-'));
  let exchange: ExchangeProcess;

  beforeAll(async () => {
    Object.assign(globalThis, { WebSocket });
    exchange = await ExchangeProcess.start({ directory });
  });

  afterAll(async () => {
    await exchange.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  async function ours(user: string): Promise<Phone> {
    const phone = await startPhone({
      ...subscriberSettings(exchange, user),
    });
    phone.onIncomingCall((call) => void call.answer());
    await phone.register();
    return phone;
  }

  async function sipJs(user: string): Promise<UserAgent> {
    const uri = UserAgent.makeURI(`sip:${user}@127.0.0.1`);
    if (uri === undefined) throw new Error('SIP.js refused the URI');
    const agent = new UserAgent({
      uri,
      transportOptions: { server: `ws://127.0.0.1:${String(exchange.ports.ws)}` },
      authorizationUsername: user,
      authorizationPassword: passwordOf(user),
      sessionDescriptionHandlerFactory: () => new FixedDescription(9),
      logBuiltinEnabled: false,
    });
    await agent.start();
    const registerer = new Registerer(agent);
    await registerer.register();
    await inState(registerer, RegistererState.Registered);
    return agent;
  }

  async function called(agent: UserAgent, user: string): Promise<Inviter> {
    const target = UserAgent.makeURI(`sip:${user}@127.0.0.1`);
    if (target === undefined) throw new Error('SIP.js refused the URI');
    const call = new Inviter(agent, target);
    await call.invite();
    await inState(call, SessionState.Established);
    return call;
  }

  test('hands a call on: the third one stands in its place, and SIP.js is out of it (RFC 5359 2.5)', async () => {
    const [bob, carol, alice] = [await ours('bob'), await ours('carol'), await sipJs('alice')];
    const [toBob, toCarol] = [await called(alice, 'bob'), await called(alice, 'carol')];
    const [bobs] = bob.calls;
    if (bobs === undefined) throw new Error('bob has no call');
    const replaced = Promise.withResolvers<string>();
    bobs.onEvent((event) => {
      if (event.kind === 'replaced') replaced.resolve(event.before.uri);
    });
    await toCarol.refer(toBob);
    expect(await replaced.promise).toBe('sip:alice@127.0.0.1');
    expect(bobs.remote.uri).toBe('sip:carol@127.0.0.1');
    await inState(toBob, SessionState.Terminated);
    await Promise.all([bob.stop(), carol.stop(), alice.stop()]);
  });
});
