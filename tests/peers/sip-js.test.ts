import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  Inviter,
  Registerer,
  RegistererState,
  SessionState,
  type Session,
  UserAgent,
  type UserAgentOptions,
} from 'sip.js';
import { WebSocket } from 'ws';
import { ExchangeProcess, passwordOf } from './support/exchange-process.ts';
import { FixedDescription, inState } from './support/sip-js.ts';

describe('SIP.js over WebSocket', () => {
  const directory = mkdtempSync(join(tmpdir(), 'switchhook-sip-js-'));
  let exchange: ExchangeProcess;

  beforeAll(async () => {
    Object.assign(globalThis, { WebSocket });
    exchange = await ExchangeProcess.start({ directory });
  });

  afterAll(async () => {
    await exchange.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  async function phone(
    user: string,
    options: UserAgentOptions = {},
  ): Promise<{ agent: UserAgent; registerer: Registerer }> {
    const uri = UserAgent.makeURI(`sip:${user}@127.0.0.1`);
    if (uri === undefined) throw new Error('SIP.js refused the URI');
    const agent = new UserAgent({
      uri,
      transportOptions: { server: `ws://127.0.0.1:${exchange.ports.ws}` },
      authorizationUsername: user,
      authorizationPassword: passwordOf(user),
      sessionDescriptionHandlerFactory: () => new FixedDescription(9),
      logBuiltinEnabled: false,
      ...options,
    });
    await agent.start();
    const registerer = new Registerer(agent);
    await registerer.register();
    await inState(registerer, RegistererState.Registered);
    return { agent, registerer };
  }

  test('two of them register, call, answer and hang up', async () => {
    const incoming = Promise.withResolvers<Session>();
    const bob = await phone('bob', {
      delegate: {
        onInvite: (invitation) => {
          void invitation.accept().then(() => incoming.resolve(invitation), incoming.reject);
        },
      },
    });
    const alice = await phone('alice');
    const target = UserAgent.makeURI('sip:bob@127.0.0.1');
    if (target === undefined) throw new Error('SIP.js refused the URI');
    const call = new Inviter(alice.agent, target);
    await call.invite();
    await inState(call, SessionState.Established);
    const answered = await incoming.promise;
    expect(await exchange.metric('switchhook_registrations')).toBe(2);
    await call.bye();
    await inState(answered, SessionState.Terminated);
    for (const { registerer } of [alice, bob]) {
      await registerer.unregister();
      await inState(registerer, RegistererState.Unregistered);
    }
    expect(await exchange.metric('switchhook_registrations')).toBe(0);
    await Promise.all([alice.agent.stop(), bob.agent.stop()]);
  });
});
