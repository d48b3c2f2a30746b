import { describe, expect, it } from 'vitest';
import { eventsOf } from './invite-sessions.testing.ts';
import { description, directionIn, headerOf } from './scripted-peer.testing.ts';
import type { PeerRequest } from './scripted-peer.testing.ts';
import { finalOf, SessionStage, statusesOf } from './session-stage.testing.ts';
import type { SipResponse } from '@switchhook/sip';

function reliable(sequence: number): [string, string][] {
  return [
    ['Require', '100rel'],
    ['RSeq', String(sequence)],
  ];
}

function firstOf({ responses }: PeerRequest): SipResponse {
  const [response] = responses;
  if (response === undefined) throw new Error('no response');
  return response;
}

function rackOf(response: SipResponse): [string, string] {
  return ['RAck', `${headerOf(response, 'RSeq')} ${headerOf(response, 'CSeq')}`];
}

describe('RFC 3262 4: the caller', () => {
  it('acknowledges each reliable response once, in its order', async () => {
    const stage = await SessionStage.set();
    const invite = await stage.call();
    const progress: number[] = [];
    invite.listen((event) => {
      if (event.kind === 'progress') progress.push(event.response.status);
    });
    const transaction = stage.peer.last('INVITE');
    const racks = (): string[] =>
      stage.peer.requests
        .filter(({ request }) => request.method === 'PRACK')
        .map(({ request }) => headerOf(request, 'RAck'));
    stage.peer.respond(transaction, 180, { headers: reliable(17) });
    await stage.settle();
    stage.peer.respond(stage.peer.last('PRACK'), 200);
    // The same again, and one that is too early.
    stage.peer.respond(transaction, 180, { headers: reliable(17) });
    stage.peer.respond(transaction, 181, { headers: reliable(19) });
    await stage.settle();
    expect(racks()).toEqual(['17 1 INVITE']);
    stage.peer.respond(transaction, 182, { headers: reliable(18) });
    stage.peer.respond(transaction, 181, { headers: reliable(19) });
    await stage.settle();
    expect(racks()).toEqual(['17 1 INVITE', '18 1 INVITE', '19 1 INVITE']);
    expect(progress).toEqual([180, 182, 181]);
    stage.peer.respond(transaction, 486);
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('sends PRACK once more for a response that comes again after its PRACK was lost', async () => {
    const stage = await SessionStage.set();
    await stage.call();
    const transaction = stage.peer.last('INVITE');
    stage.peer.respond(transaction, 180, { headers: reliable(1) });
    await stage.settle(33_000);
    expect(stage.peer.count('PRACK')).toBe(1);
    stage.peer.respond(transaction, 180, { headers: reliable(1) });
    await stage.settle();
    expect(stage.peer.count('PRACK')).toBe(2);
    stage.peer.respond(transaction, 486);
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('5 takes the answer in a reliable response, and nothing from the 2xx', async () => {
    const stage = await SessionStage.set();
    const invite = await stage.call();
    const transaction = stage.peer.last('INVITE');
    stage.peer.respond(transaction, 183, { headers: reliable(1), body: description() });
    await stage.settle();
    const [session] = invite.sessions;
    if (session === undefined) throw new Error('no early session');
    expect(session.modifications.state).toBe('stable');
    const events = eventsOf(session);
    stage.peer.respond(stage.peer.last('PRACK'), 200);
    stage.peer.respond(transaction, 200, { body: description(['m=audio 5000 RTP/AVP 0']) });
    await stage.settle();
    expect((await invite.outcome).kind).toBe('answered');
    expect([...stage.alice.engine.standing.values()][0]?.remote.port).toBe(4_000);
    expect(events.map(({ kind }) => kind)).toEqual(['confirmed']);
    await stage.alice.agent.stop();
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('5 answers an offer in a reliable response in its PRACK', async () => {
    const stage = await SessionStage.set();
    const invite = await stage.call(true);
    const transaction = stage.peer.last('INVITE');
    stage.peer.respond(transaction, 183, {
      headers: reliable(1),
      body: description(['m=audio 4000 RTP/AVP 0', 'a=sendonly']),
    });
    await stage.settle();
    expect(directionIn(stage.peer.last('PRACK').request)).toBe('recvonly');
    stage.peer.respond(stage.peer.last('PRACK'), 200);
    stage.peer.respond(transaction, 200);
    await stage.settle();
    expect(stage.peer.acks[0]?.body).toBe('');
    expect(await invite.outcome).toMatchObject({ kind: 'answered', session: { direction: 'recvonly' } });
    await stage.alice.agent.stop();
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('5 asks for no reliable response where it asks for an offer within a call: its PRACK would have to answer it', async () => {
    const stage = await SessionStage.set();
    const session = await stage.answered();
    void session.holdElsewhere(() => Promise.resolve(undefined));
    await stage.settle();
    const { request } = stage.peer.last('INVITE');
    expect([request.body, headerOf(request, 'Supported')]).toEqual(['', expect.not.stringContaining('100rel')]);
    expect(headerOf(request, 'Supported')).toContain('timer');
    await stage.alice.agent.stop();
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('5 says no in the PRACK to an offer that cannot be', async () => {
    const stage = await SessionStage.set();
    const invite = await stage.call(true);
    const transaction = stage.peer.last('INVITE');
    stage.peer.respond(transaction, 183, { headers: reliable(1), body: description(['m=audio 4000 RTP/AVP 18']) });
    await stage.settle();
    expect(stage.peer.last('PRACK').request.body).toContain('m=audio 0 RTP/AVP 18');
    stage.peer.respond(transaction, 488);
    await stage.settle();
    expect(await invite.outcome).toMatchObject({ kind: 'refused', cause: 'not-acceptable' });
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('acknowledges also what comes after its CANCEL', async () => {
    const stage = await SessionStage.set();
    const invite = await stage.call();
    const transaction = stage.peer.last('INVITE');
    stage.peer.respond(transaction, 180, { headers: reliable(1) });
    await stage.settle();
    invite.cancel();
    stage.peer.respond(transaction, 183, { headers: reliable(2) });
    await stage.settle();
    expect(stage.peer.count('PRACK')).toBe(2);
    stage.peer.respond(transaction, 487);
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('lets a branch go that a 199 speaks of (RFC 6228)', async () => {
    const stage = await SessionStage.set();
    const invite = await stage.call();
    const transaction = stage.peer.last('INVITE');
    stage.peer.respond(transaction, 180, {}, 'one');
    stage.peer.respond(transaction, 180, {}, 'two');
    await stage.settle();
    stage.peer.respond(transaction, 199, {}, 'one');
    await stage.settle();
    expect(invite.sessions.map(({ state }) => state)).toEqual(['ended', 'early']);
    stage.peer.respond(transaction, 486, {}, 'two');
    expect(await stage.leftOvers()).toEqual([]);
  });
});

describe('RFC 3262 3: the callee', () => {
  const supported = { body: description(), headers: [['Supported', '100rel']] as const };
  const required = { body: description(), headers: [['Require', '100rel']] as const };

  it('sends reliably where that is required, and repeats it until the PRACK comes', async () => {
    const stage = await SessionStage.set();
    const { incoming, call } = await stage.called(required);
    incoming.ring();
    await stage.settle(4_000);
    // At 0, 0.5, 1.5 and 3.5 seconds.
    expect(statusesOf(call)).toEqual([180, 180, 180, 180]);
    expect(headerOf(firstOf(call), 'Require')).toBe('100rel');
    const prack = stage.peer.within(firstOf(call), 'PRACK', 2, { headers: [rackOf(firstOf(call))] });
    await stage.settle(10_000);
    expect([statusesOf(prack), statusesOf(call).length]).toEqual([[200], 4]);
    const again = stage.peer.within(firstOf(call), 'PRACK', 3, { headers: [rackOf(firstOf(call))] });
    await stage.settle();
    expect(statusesOf(again)).toEqual([481]);
    incoming.reject(486);
    expect(await stage.leftOvers()).toEqual([]);
  });

  it.each([
    ['required', 'media', true, true],
    ['supported', 'media', false, true],
    ['supported', 'required', false, false],
    ['supported', 'supported', true, true],
    ['nothing', 'supported', false, false],
  ] as const)(
    'to one who has it %s sends by the policy %s: 180 %s, 183 with media %s',
    async (far, policy, rings, media) => {
      const stage = await SessionStage.set({ reliableProvisionals: policy });
      const extras = far === 'required' ? required : far === 'supported' ? supported : { body: description() };
      const { incoming, call } = await stage.called(extras);
      incoming.ring();
      await stage.settle();
      const ringing = firstOf(call);
      expect(ringing.has('RSeq')).toBe(rings);
      if (rings) {
        stage.peer.within(ringing, 'PRACK', 2, { headers: [rackOf(ringing)] });
        await stage.settle();
      }
      incoming.progress({ media: true });
      await stage.settle();
      const progress = call.responses.find(({ status }) => status === 183);
      expect(progress?.has('RSeq')).toBe(media);
      expect(directionIn(progress)).toBe('sendrecv');
      incoming.reject(486);
      expect(await stage.leftOvers()).toEqual([]);
    },
  );

  it('sends the next one only when the last is acknowledged, numbered one higher', async () => {
    const stage = await SessionStage.set();
    const { incoming, call } = await stage.called(required);
    incoming.ring();
    incoming.progress({ status: 182 });
    await stage.settle();
    expect(statusesOf(call)).toEqual([180]);
    stage.peer.within(firstOf(call), 'PRACK', 2, { headers: [rackOf(firstOf(call))] });
    await stage.settle();
    const [first, second] = call.responses.map((response) => Number(headerOf(response, 'RSeq')));
    expect(statusesOf(call)).toEqual([180, 182]);
    expect((second ?? 0) - (first ?? 0)).toBe(1);
    incoming.reject(486);
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('keeps its 2xx back while a session description waits for its PRACK, and repeats it in no 2xx', async () => {
    const stage = await SessionStage.set();
    const { incoming, call } = await stage.called(supported);
    incoming.progress({ media: true });
    const accepted = incoming.accept();
    await stage.settle();
    expect(statusesOf(call)).toEqual([183]);
    stage.peer.within(firstOf(call), 'PRACK', 2, { headers: [rackOf(firstOf(call))] });
    await stage.settle();
    expect(statusesOf(call)).toEqual([183, 200]);
    expect(finalOf(call).body).toBe('');
    expect((await accepted).kind).toBe('answered');
    stage.peer.acknowledge(finalOf(call));
    await stage.settle();
    expect(incoming.session.direction).toBe('sendrecv');
    await stage.alice.agent.stop();
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('answers a PRACK that has crossed the final response, once', async () => {
    const stage = await SessionStage.set();
    for (const isAccepted of [true, false]) {
      const { incoming, call } = await stage.called(
        { body: description(), headers: [['Require', '100rel']] },
        `call-${String(isAccepted)}`,
      );
      incoming.ring();
      await stage.settle();
      const [ringing] = call.responses;
      if (ringing === undefined) throw new Error('it does not ring');
      if (isAccepted) void incoming.accept();
      else incoming.reject(486);
      await stage.settle();
      const prack = async (sequence: number, headers: [string, string]): Promise<number> => {
        const sent = stage.peer.within(ringing, 'PRACK', sequence, { headers: [headers] });
        await stage.settle();
        return finalOf(sent).status;
      };
      expect(await prack(2, ['RAck', '1 1 INVITE'])).toBe(481);
      expect(await prack(3, rackOf(ringing))).toBe(200);
      expect(await prack(4, rackOf(ringing))).toBe(481);
      await stage.settle(2_000);
      expect(statusesOf(call).filter((status) => status === 180)).toHaveLength(1);
    }
    await stage.alice.agent.stop();
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('refuses the INVITE with 504 when no PRACK comes in 64*T1', async () => {
    const stage = await SessionStage.set();
    const { incoming, call } = await stage.called(required);
    const ends: unknown[] = [];
    incoming.listen((event) => {
      if (event.kind === 'ended') ends.push(event.end);
    });
    incoming.ring();
    await stage.settle(33_000);
    expect(finalOf(call).status).toBe(504);
    expect(ends).toEqual([{ kind: 'unacknowledged' }]);
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('5 offers in a reliable response to an INVITE without an offer, and takes the answer in the PRACK', async () => {
    const stage = await SessionStage.set();
    const { incoming, call } = await stage.called({ headers: [['Supported', '100rel']] });
    incoming.progress({ media: true });
    await stage.settle();
    expect(directionIn(firstOf(call))).toBe('sendrecv');
    stage.peer.within(firstOf(call), 'PRACK', 2, {
      headers: [rackOf(firstOf(call))],
      body: description(['m=audio 4000 RTP/AVP 0', 'a=sendonly']),
    });
    await stage.settle();
    expect(incoming.session.direction).toBe('recvonly');
    void incoming.accept();
    await stage.settle();
    expect(finalOf(call).body).toBe('');
    stage.peer.acknowledge(finalOf(call));
    await stage.settle();
    expect(incoming.session.state).toBe('confirmed');
    await stage.alice.agent.stop();
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('5 refuses the INVITE when the answer in the PRACK is none', async () => {
    const stage = await SessionStage.set();
    const { incoming, call } = await stage.called({ headers: [['Supported', '100rel']] });
    incoming.progress({ media: true });
    await stage.settle();
    const prack = stage.peer.within(firstOf(call), 'PRACK', 2, { headers: [rackOf(firstOf(call))] });
    await stage.settle();
    expect([statusesOf(prack), finalOf(call).status]).toEqual([[200], 488]);
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('5 answers a further offer in a PRACK', async () => {
    const stage = await SessionStage.set();
    const { incoming, call } = await stage.called(supported);
    incoming.progress({ media: true });
    await stage.settle();
    const prack = stage.peer.within(firstOf(call), 'PRACK', 2, {
      headers: [rackOf(firstOf(call))],
      body: description(['m=audio 4000 RTP/AVP 0', 'a=sendonly'], 2),
    });
    await stage.settle();
    expect([statusesOf(prack), directionIn(finalOf(prack))]).toEqual([[200], 'recvonly']);
    incoming.reject(486);
    expect(await stage.leftOvers()).toEqual([]);
  });

  it('sends early media plainly to one who cannot acknowledge it, and says the same in the 2xx', async () => {
    const stage = await SessionStage.set();
    const { incoming, call } = await stage.called();
    const events = eventsOf(incoming.session);
    incoming.progress({ media: true });
    await stage.settle();
    expect(events).toMatchObject([{ kind: 'media', early: true, direction: 'sendrecv' }]);
    void incoming.accept();
    await stage.settle();
    expect(finalOf(call).body).toBe(firstOf(call).body);
    await stage.alice.agent.stop();
    expect(await stage.leftOvers()).toEqual([]);
  });
});
