import { describe, expect, test } from 'vitest';
import { inviteClient } from './invite-client.ts';
import { inviteServer } from './invite-server.ts';
import type { ClientTransaction } from './client-transaction.ts';
import type { Machine } from './machine.ts';
import { nonInviteClient } from './non-invite-client.ts';
import { nonInviteServer } from './non-invite-server.ts';
import type { ServerTransaction } from './server-transaction.ts';
import type { TransactionEvent } from './transaction.ts';
import { Bench, ownRequest, requestText, responseText } from './transaction.testing.ts';

/** What the figure of an RFC says: for a state and an event, the next state and what is done, in order. */
type Figure = Readonly<Record<string, Readonly<Record<string, readonly [next: string, ...done: string[]]>>>>;

interface Subject {
  readonly bench: Bench;
  state(): string;
  event(event: string): void;
}

/** Every cell of the figure does what it says, and every event without a cell does nothing at all. */
function follows(figure: Figure, events: readonly string[], into: (state: string) => Promise<Subject>): void {
  for (const [state, cells] of Object.entries(figure)) {
    for (const event of events) {
      const [next, ...done] = cells[event] ?? [state];
      test(`${state}, ${event}: ${done.join(', ')} -> ${next}`, async () => {
        const subject = await into(state);
        subject.bench.take();
        subject.event(event);
        expect([subject.state(), ...subject.bench.take()]).toEqual([next, ...done]);
      });
    }
  }
}

function clientEvent({ bench, transaction }: { bench: Bench; transaction: ClientTransaction }, event: string): void {
  const statuses: Readonly<Record<string, number>> = { provisional: 180, success: 200, failure: 404 };
  const status = statuses[event];
  if (status !== undefined) bench.comes(responseText(transaction, status));
  else if (event === 'cancel') transaction.cancel();
  else if (event === 'transportError') fail(bench, transaction);
  else transaction.timer(asTimer(event));
}

function serverEvent({ bench, transaction }: { bench: Bench; transaction: ServerTransaction }, event: string): void {
  const { request } = transaction;
  const statuses: Readonly<Record<string, number>> = {
    provisional: 180,
    trying: 100,
    success: 200,
    failure: 404,
    withheld: 408,
  };
  const status = statuses[event];
  if (event === 'refusal') transaction.refuse(403);
  else if (status !== undefined) transaction.respond(request.createResponse(status, { toTag: 'b' }));
  else if (event === 'retransmission') bench.comes(request.text);
  else if (event === 'ack') bench.comes(requestText('ACK', { toTag: 'b' }));
  else if (event === 'transportError') fail(bench, transaction);
  else transaction.timer(asTimer(event));
}

function fail(bench: Bench, transaction: ClientTransaction | ServerTransaction): void {
  transaction.transportFailed({ code: 'unreachable', message: '' });
  // The user hears of it as soon as the clock goes on.
  bench.clock.advance(0);
}

function asTimer(event: string): TransactionEvent {
  const timers = [
    'A',
    'B',
    'D',
    'M',
    'Cancel',
    'E',
    'F',
    'K',
    'Trying',
    'G',
    'H',
    'I',
    'L',
    'Provisional',
    'Expiry',
    'J',
  ] as const;
  const found = timers.find((name) => event === `timer${name}`);
  if (found === undefined) throw new Error(`not a timer: ${event}`);
  return `timer${found}`;
}

async function client(
  method: string,
  state: string,
  path: Readonly<Record<string, readonly number[]>>,
): Promise<Subject> {
  const bench = await Bench.started();
  const transaction = bench.layer.request(ownRequest(method), bench.flow, bench);
  for (const status of path[state] ?? []) bench.comes(responseText(transaction, status));
  if (state === 'terminated') await bench.layer.stop();
  expect(transaction.state).toBe(state);
  return {
    bench,
    state: () => transaction.state,
    event: (event) => {
      clientEvent({ bench, transaction }, event);
    },
  };
}

async function server(
  method: string,
  state: string,
  path: Readonly<Record<string, readonly string[]>>,
): Promise<Subject> {
  const bench = await Bench.started();
  bench.comes(requestText(method));
  const transaction = bench.server();
  for (const event of path[state] ?? []) serverEvent({ bench, transaction }, event);
  expect(transaction.state).toBe(state);
  return {
    bench,
    state: () => transaction.state,
    event: (event) => {
      serverEvent({ bench, transaction }, event);
    },
  };
}

function eventsOf(machine: Machine<string, string, string>): string[] {
  const events = new Set(Object.values(machine).flatMap((cells) => Object.keys(cells)));
  events.delete('request');
  return [...events];
}

describe('INVITE client transaction (RFC 6026 figure 5)', () => {
  const final = {
    success: ['accepted', 'user 200'],
    failure: ['completed', 'send ACK', 'user 404'],
  } as const;
  follows(
    {
      calling: {
        timerA: ['calling', 'send INVITE'],
        timerB: ['terminated', 'failed timeout', 'ended'],
        transportError: ['terminated', 'failed unreachable', 'ended'],
        cancel: ['calling'],
        provisional: ['proceeding', 'user 180'],
        ...final,
      },
      proceeding: {
        provisional: ['proceeding', 'user 180'],
        cancel: ['proceeding', 'send CANCEL'],
        timerCancel: ['terminated', 'failed timeout', 'ended'],
        ...final,
      },
      completed: {
        failure: ['completed', 'send ACK'],
        timerD: ['terminated', 'ended'],
        // The user has his final response already, so the failure of the ACK tells him nothing.
        transportError: ['terminated', 'ended'],
      },
      accepted: {
        success: ['accepted', 'user 200'],
        timerM: ['terminated', 'ended'],
      },
    },
    eventsOf(inviteClient),
    (state) => client('INVITE', state, { proceeding: [180], completed: [404], accepted: [200] }),
  );
});

describe('non-INVITE client transaction (RFC 3261 figure 6)', () => {
  const final = { success: ['completed', 'user 200'], failure: ['completed', 'user 404'] } as const;
  follows(
    {
      trying: {
        timerE: ['trying', 'send OPTIONS'],
        timerF: ['terminated', 'failed timeout', 'ended'],
        transportError: ['terminated', 'failed unreachable', 'ended'],
        provisional: ['proceeding', 'user 180'],
        ...final,
      },
      proceeding: {
        timerE: ['proceeding', 'send OPTIONS'],
        timerF: ['terminated', 'failed timeout', 'ended'],
        transportError: ['terminated', 'failed unreachable', 'ended'],
        provisional: ['proceeding', 'user 180'],
        ...final,
      },
      completed: { timerK: ['terminated', 'ended'] },
    },
    [...eventsOf(nonInviteClient), 'cancel'],
    (state) => client('OPTIONS', state, { proceeding: [180], completed: [200] }),
  );
});

describe('INVITE server transaction (RFC 6026 figure 7)', () => {
  follows(
    {
      proceeding: {
        timerTrying: ['proceeding', 'send 100'],
        retransmission: ['proceeding', 'send 180'],
        provisional: ['proceeding', 'send 180'],
        success: ['accepted', 'send 200'],
        failure: ['completed', 'send 404'],
        // The 180 has stopped the client from repeating the INVITE, so this refusal is a failure like any other.
        refusal: ['completed', 'send 403'],
        transportError: ['proceeding', 'user unreachable'],
      },
      completed: {
        retransmission: ['completed', 'send 404'],
        timerG: ['completed', 'send 404'],
        timerH: ['terminated', 'end no-ack'],
        ack: ['confirmed'],
        transportError: ['completed', 'user unreachable'],
      },
      confirmed: { timerI: ['terminated', 'end done'] },
      accepted: {
        ack: ['accepted', 'user ACK'],
        success: ['accepted', 'send 200'],
        timerL: ['terminated', 'end done'],
        transportError: ['accepted', 'user unreachable'],
      },
    },
    eventsOf(inviteServer),
    (state) =>
      server('INVITE', state, {
        proceeding: ['provisional'],
        completed: ['failure'],
        confirmed: ['failure', 'ack'],
        accepted: ['success'],
      }),
  );

  test('proceeding without a response yet: a retransmission is absorbed', async () => {
    const { bench, event } = await server('INVITE', 'proceeding', {});
    bench.take();
    event('retransmission');
    expect(bench.take()).toEqual([]);
  });
});

describe('non-INVITE server transaction (RFC 3261 figure 8, RFC 4320)', () => {
  const final = {
    success: ['completed', 'send 200'],
    failure: ['completed', 'send 404'],
    refusal: ['terminated', 'send 403', 'end done'],
    withheld: ['completed'],
  } as const;
  follows(
    {
      trying: {
        timerProvisional: ['proceeding', 'send 100'],
        timerExpiry: ['terminated', 'end expired'],
        ...final,
      },
      proceeding: {
        timerExpiry: ['terminated', 'end expired'],
        retransmission: ['proceeding', 'send 100'],
        trying: ['proceeding', 'send 100'],
        transportError: ['terminated', 'user unreachable', 'end transport'],
        ...final,
      },
      completed: {
        retransmission: ['completed', 'send 200'],
        timerJ: ['terminated', 'end done'],
        transportError: ['terminated', 'user unreachable', 'end transport'],
      },
    },
    // A 180 is forbidden, and over UDP a 100 before the transaction itself has said one.
    [...eventsOf(nonInviteServer), 'trying'],
    (state) => server('OPTIONS', state, { proceeding: ['timerProvisional'], completed: ['success'] }),
  );
});

test.each([
  ['INVITE client', inviteClient],
  ['non-INVITE client', nonInviteClient],
  ['INVITE server', inviteServer],
  ['non-INVITE server', nonInviteServer],
])(
  '%s: every state can be reached, and every state leads to the end',
  (_name, machine: Machine<string, string, string>) => {
    const reached = new Set(['initial']);
    for (const state of reached) {
      for (const step of Object.values(machine[state] ?? {})) if (step !== undefined) reached.add(step.to);
    }
    expect([...reached].sort()).toEqual(Object.keys(machine).sort());
    const ending = new Set(['terminated']);
    for (let round = 0; round < reached.size; round += 1) {
      for (const [state, cells] of Object.entries(machine)) {
        if (Object.values(cells).some((step) => step !== undefined && ending.has(step.to))) ending.add(state);
      }
    }
    expect(ending).toEqual(reached);
  },
);
