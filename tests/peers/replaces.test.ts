import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import type { InviteSession } from '@switchhook/sip';
import { describeWithPeers } from './support/presence.ts';
import { LibraryPhone } from './support/library-phone.ts';
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

  test('a call is handed over: the new caller has it, and the old one is hung up', async () => {
    const { sipp, session } = await answered();
    const successor = await calling((script) =>
      script
        .request('INVITE', { ...plain, headers: [`Replaces: ${nameOf(session)}`, 'Require: replaces'] })
        .expect(100, { optional: true })
        .expect(200)
        .request('ACK')
        .receive('BYE')
        .respond(200),
    );
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
    const joiner = await calling((script) =>
      script
        .request('INVITE', { ...plain, headers: [`Join: ${nameOf(session)}`, 'Require: join'] })
        .expect(100, { optional: true })
        .expect(200)
        .request('ACK')
        .receive('BYE')
        .respond(200),
    );
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
