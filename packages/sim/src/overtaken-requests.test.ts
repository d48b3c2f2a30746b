import type { InviteSession, OutgoingRequest } from '@switchhook/sip';
import { expect, test } from 'vitest';
import { SessionStage } from './session-stage.testing.ts';

/** What becomes of a request within a dialog. */
function send(session: InviteSession, method: string): { readonly request: OutgoingRequest; readonly heard: string[] } {
  const heard: string[] = [];
  const request = session.dialog.send(method, {
    response: ({ status }) => heard.push(String(status)),
    failed: ({ code }) => heard.push(code),
    resent: ({ cseqNumber }) => heard.push(`again ${String(cseqNumber)}`),
    ended: () => heard.push('ended'),
  });
  return { request, heard };
}

test('a request that a later one has overtaken goes once more, with the highest number (RFC 3261 12.2.2)', async () => {
  const stage = await SessionStage.set();
  const session = await stage.answered();
  const first = send(session, 'NOTIFY');
  send(session, 'INFO');
  await stage.settle();
  stage.peer.respond(stage.peer.last('NOTIFY'), 500);
  stage.peer.respond(stage.peer.last('INFO'), 200);
  await stage.settle();
  expect(first.heard).toEqual(['again 4']);
  const again = stage.peer.last('NOTIFY');
  expect(again.request.cseqNumber).toBe(4);
  expect(first.request.request.cseqNumber).toBe(4);
  stage.peer.respond(again, 200);
  await stage.settle(10_000);
  expect(first.heard).toEqual(['again 4', '200', 'ended']);
});

test('one that none has overtaken is refused', async () => {
  const stage = await SessionStage.set();
  const session = await stage.answered();
  const { heard } = send(session, 'INFO');
  await stage.settle();
  stage.peer.respond(stage.peer.last('INFO'), 500);
  await stage.settle();
  expect(heard).toEqual(['500']);
});

test('one that is refused again and again goes four times', async () => {
  const stage = await SessionStage.set();
  const session = await stage.answered();
  const { heard } = send(session, 'NOTIFY');
  for (let tries = 0; tries < 6; tries++) {
    send(session, 'INFO');
    await stage.settle();
    stage.peer.respond(stage.peer.last('NOTIFY'), 500);
    await stage.settle();
  }
  expect(stage.peer.count('NOTIFY')).toBe(4);
  expect(heard.slice(3)).toEqual(['500']);
});
