import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import type { InviteSession } from '@switchhook/sip';
import { describeWithPeers } from './support/presence.ts';
import { LibraryPhone } from './support/library-phone.ts';
import { Sipp } from './support/sipp.ts';
import { sessionDescription, SippScript } from './support/sipp-script.ts';

const plain = { body: sessionDescription(1) };

describeWithPeers('sessions with a SIPp that does what no phone does', ['sipp'], () => {
  const directory = mkdtempSync(join(tmpdir(), 'switchhook-sessions-'));
  let phone: LibraryPhone;
  let count = 0;

  beforeEach(async () => {
    phone = await LibraryPhone.start();
  });

  afterEach(async () => {
    await phone.stop();
    expect(phone.sessions.stats()).toEqual({ sessions: 0, outgoing: 0, incoming: 0 });
    expect(phone.agent.stats()).toMatchObject({ dialogs: 0, dialogSets: 0, requests: 0 });
  });

  afterAll(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  function script(role: 'caller' | 'callee'): SippScript {
    count += 1;
    return new SippScript(`script-${String(count)}`, role);
  }

  /** A call of SIPp's that the phone has answered. */
  function establishedCall(): SippScript {
    return script('caller')
      .request('INVITE', plain)
      .expect(100, { optional: true })
      .expect(180, { optional: true })
      .expect(200)
      .request('ACK');
  }

  /** SIPp begins the script with a call to the phone. */
  function calling(steps: SippScript): Promise<Sipp> {
    return Sipp.start({
      directory,
      scenario: steps.write(directory),
      remote: `127.0.0.1:${String(phone.port)}`,
      arguments: ['-s', 'library', '-m', '1', '-timeout', '30s'],
    });
  }

  /** SIPp waits for the phone's call; its URI. */
  async function waiting(steps: SippScript): Promise<{ sipp: Sipp; uri: string }> {
    const sipp = await Sipp.start({
      directory,
      scenario: steps.write(directory),
      arguments: ['-m', '1', '-timeout', '30s'],
    });
    return { sipp, uri: `sip:sipp@127.0.0.1:${String(sipp.port)}` };
  }

  async function succeeds(sipp: Sipp): Promise<void> {
    const { successful, failed } = await sipp.finished();
    const errors = readdirSync(directory).filter((name) => name.endsWith('.errors'));
    const text = errors.map((name) => readFileSync(join(directory, name), 'latin1')).join('\n');
    expect({ successful, failed }, text).toEqual({ successful: 1, failed: 0 });
  }

  async function answered(): Promise<InviteSession> {
    const invite = await phone.called();
    invite.ring();
    const outcome = await invite.accept();
    if (outcome.kind !== 'answered') throw new Error(`the call was not answered: ${outcome.kind}`);
    return outcome.session;
  }

  async function calls(uri: string): Promise<InviteSession> {
    const outcome = await phone.sessions.invite({ target: uri }).outcome;
    if (outcome.kind !== 'answered') throw new Error(`nobody answered: ${outcome.kind}`);
    return outcome.session;
  }

  test('a late offer: the 200 offers, the ACK answers', async () => {
    const sipp = await calling(
      script('caller')
        .request('INVITE')
        .expect(100, { optional: true })
        .expect(180, { optional: true })
        .expect(200, { body: 'm=audio 9 RTP/AVP 0' })
        .request('ACK', plain)
        .pause(200)
        .request('BYE')
        .expect(200),
    );
    await answered();
    await succeeds(sipp);
    expect(phone.agreed).toMatchObject([{ direction: 'sendrecv', remote: { port: 6_000 } }]);
  });

  test('early media for a caller who requires 100rel: the 183 is acknowledged before the 200 (RFC 3262)', async () => {
    const sipp = await calling(
      script('caller')
        .request('INVITE', { ...plain, headers: ['Require: 100rel'] })
        .expect(100, { optional: true })
        .expect(183, { headers: { Require: '100rel' }, remember: { rseq: 'RSeq' }, body: 'm=audio 9' })
        .request('PRACK', { headers: ['RAck: [$rseq] 1 INVITE'] })
        .expect(200, { headers: { CSeq: 'PRACK' } })
        .expect(200, { headers: { CSeq: 'INVITE' } })
        .request('ACK')
        .request('BYE')
        .expect(200),
    );
    const invite = await phone.called();
    invite.progress({ status: 183, media: true });
    expect((await invite.accept()).kind).toBe('answered');
    await succeeds(sipp);
  });

  test('a hold while it rings goes by UPDATE (RFC 3311 5.1)', async () => {
    const reliable = ['Require: 100rel', 'RSeq: 1', 'Allow: INVITE, ACK, BYE, CANCEL, PRACK, UPDATE'];
    const { sipp, uri } = await waiting(
      script('callee')
        .receive('INVITE', { headers: { Supported: '100rel' } })
        .respond(183, { ...plain, tag: 'A', headers: reliable })
        .receive('PRACK')
        .respond(200)
        .receive('UPDATE', { body: 'a=inactive' })
        .respond(200, { body: sessionDescription(2, 'a=inactive') })
        .respondToFirst(200, { tag: 'A' })
        .receive('ACK')
        .receive('INVITE', { body: 'a=sendrecv' })
        .respond(200, { body: sessionDescription(3) })
        .receive('ACK')
        .receive('BYE')
        .respond(200),
    );
    const invite = phone.sessions.invite({ target: uri });
    const held = new Promise((resolve) => {
      invite.listen((event) => {
        if (event.kind === 'progress' && event.session !== undefined) resolve(event.session.hold('inactive'));
      });
    });
    expect(await held).toEqual({ kind: 'done' });
    const outcome = await invite.outcome;
    if (outcome.kind !== 'answered') throw new Error(outcome.kind);
    expect(outcome.session.localHold).toBe('inactive');
    expect(await outcome.session.resume()).toEqual({ kind: 'done' });
    await outcome.session.hangUp();
    await succeeds(sipp);
  });

  test('hold and resume by UPDATE (RFC 3311)', async () => {
    const sipp = await calling(
      script('caller')
        .request('INVITE', plain)
        .expect(100, { optional: true })
        .expect(180, { optional: true })
        .expect(200, { headers: { Allow: 'UPDATE' } })
        .request('ACK')
        .request('UPDATE', { body: sessionDescription(2, 'a=sendonly') })
        .expect(200, { body: 'a=recvonly' })
        .request('UPDATE', { body: sessionDescription(3, 'a=sendrecv') })
        .expect(200, { body: 'm=audio 9' })
        .request('BYE')
        .expect(200),
    );
    await answered();
    await succeeds(sipp);
    expect(phone.agreed.map(({ direction }) => direction)).toEqual(['sendrecv', 'recvonly', 'sendrecv']);
  });

  test('the old hold with an address of zeros (RFC 3264 8.4)', async () => {
    const zeros = sessionDescription(2).replace('c=IN IP4 [media_ip]', 'c=IN IP4 0.0.0.0');
    const sipp = await calling(
      establishedCall()
        .request('INVITE', { body: zeros })
        .expect(100, { optional: true })
        .expect(200, { body: 'c=IN IP4 127.0.0.1' })
        .request('ACK')
        .pause(100)
        .request('BYE')
        .expect(200),
    );
    const session = await answered();
    const held: boolean[] = [];
    session.listen((event) => {
      if (event.kind === 'media') held.push(event.remoteHold);
    });
    await succeeds(sipp);
    expect(held).toEqual([true]);
    expect(phone.agreed.at(-1)?.direction).toBe('recvonly');
  });

  test.each([
    ['is none', 400, 'this is no session description'],
    [
      'names no codec in common',
      488,
      sessionDescription(1).replace('RTP/AVP 0', 'RTP/AVP 18').replace('0 PCMU', '18 G729'),
    ],
    ['lies about its port', 400, sessionDescription(1).replace('6000', '66000')],
  ])('a session description that %s: %i', async (_what, status, body) => {
    const sipp = await calling(
      script('caller').request('INVITE', { body }).expect(100, { optional: true }).expect(status).acknowledgeFailure(),
    );
    await succeeds(sipp);
  });

  test('a session interval that is too small: 422 with Min-SE (RFC 4028 6)', async () => {
    const sipp = await calling(
      script('caller')
        .request('INVITE', { ...plain, headers: ['Supported: timer', 'Session-Expires: 60'] })
        .expect(100, { optional: true })
        .expect(422, { headers: { 'Min-SE': '90' } })
        .acknowledgeFailure()
        .request('INVITE', {
          ...plain,
          outside: true,
          headers: ['Supported: timer', 'Session-Expires: 90', 'Min-SE: 90'],
        })
        .expect(100, { optional: true })
        .expect(180, { optional: true })
        .expect(200, { headers: { 'Session-Expires': '90;refresher=ua[cs]' } })
        .request('ACK')
        .request('BYE')
        .expect(200),
    );
    await answered();
    await succeeds(sipp);
  });

  test('two re-INVITEs that cross: 491, and another try (RFC 3261 14.1)', async () => {
    const sipp = await calling(
      establishedCall()
        .receive('INVITE', { body: 'a=sendonly' })
        .respond(491)
        .receive('ACK')
        .receive('INVITE', { body: 'a=sendonly' })
        .respond(200, { body: sessionDescription(2, 'a=recvonly') })
        .receive('ACK')
        .request('BYE')
        .expect(200),
    );
    const session = await answered();
    expect(await session.hold()).toEqual({ kind: 'done' });
    await succeeds(sipp);
  });

  test('a method that nobody installed: 405 or 501 with Allow, and the call goes on', async () => {
    const sipp = await calling(
      establishedCall()
        .request('PUBLISH')
        .expect(405, { headers: { Allow: 'INVITE' } })
        .request('BYE')
        .expect(200),
    );
    await answered();
    await succeeds(sipp);
  });

  test('a fork: two early dialogs, a third one answers, and a second 200 is acknowledged and hung up', async () => {
    const { sipp, uri } = await waiting(
      script('callee')
        .receive('INVITE')
        .respond(180, { tag: 'B' })
        .respond(183, { tag: 'C', ...plain })
        .respond(200, { tag: 'A', ...plain })
        .receive('ACK')
        .respondToFirst(200, { tag: 'B', ...plain })
        .receive('ACK')
        .receive('BYE')
        .respond(200)
        .request('BYE')
        .expect(200),
    );
    await calls(uri);
    await succeeds(sipp);
  });

  test('an answer in a reliable 183, acknowledged by PRACK; the 200 brings no other', async () => {
    const { sipp, uri } = await waiting(
      script('callee')
        .receive('INVITE', { headers: { Supported: '100rel' } })
        .respond(183, { tag: 'A', ...plain, headers: ['Require: 100rel', 'RSeq: 77'] })
        .receive('PRACK', { headers: { RAck: '77 1 INVITE' } })
        .respond(200)
        .respondToFirst(200, { tag: 'A' })
        .receive('ACK')
        .receive('BYE')
        .respond(200),
    );
    const session = await calls(uri);
    expect(session.direction).toBe('sendrecv');
    await session.hangUp();
    await succeeds(sipp);
  });

  test('a 422 is answered by the interval that it asks for (RFC 4028 7.3)', async () => {
    const { sipp, uri } = await waiting(
      script('callee')
        .receive('INVITE', { headers: { 'Session-Expires': '1800' } })
        .respond(422, { tag: 'A', headers: ['Min-SE: 1900'] })
        .receive('ACK')
        .receive('INVITE', { headers: { 'Session-Expires': '1900', 'Min-SE': '1900' } })
        .respond(200, { tag: 'B', ...plain, headers: ['Session-Expires: 1900;refresher=uac', 'Require: timer'] })
        .receive('ACK')
        .receive('BYE')
        .respond(200),
    );
    await (await calls(uri)).hangUp();
    await succeeds(sipp);
  });

  test('a CANCEL that crosses the 200: acknowledged, then hung up (RFC 3261 15)', async () => {
    const { sipp, uri } = await waiting(
      script('callee')
        .receive('INVITE')
        .respond(180, { tag: 'A' })
        .receive('CANCEL')
        .respond(200)
        .respondToFirst(200, { tag: 'A', ...plain })
        .receive('ACK')
        .receive('BYE')
        .respond(200),
    );
    const abort = new AbortController();
    const invite = phone.sessions.invite({ target: uri, signal: abort.signal });
    invite.listen(({ kind }) => {
      if (kind === 'progress') abort.abort();
    });
    expect(await invite.outcome).toEqual({ kind: 'cancelled' });
    await succeeds(sipp);
  });
});
