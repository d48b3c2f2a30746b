import type { IncomingInvite, InviteSession, OutgoingInvite, SessionOptions, SipResponse } from '@switchhook/sip';
import { nothingHeld, TestPhone } from './invite-sessions.testing.ts';
import { SimulatedNetwork } from './network.ts';
import { description, ScriptedPeer } from './scripted-peer.testing.ts';
import type { PeerRequest } from './scripted-peer.testing.ts';
import { SeededRandom } from './seeded-random.ts';
import { VirtualClock } from './virtual-clock.ts';

/** One phone, and a far end that plays by a script. */
export class SessionStage {
  readonly clock = new VirtualClock();
  readonly network = new SimulatedNetwork(this.clock, new SeededRandom(1));
  readonly peer = new ScriptedPeer(this.network, this.clock);
  readonly alice: TestPhone;

  private constructor(options: Partial<SessionOptions>) {
    this.alice = new TestPhone(this.network, this.clock, 'alice', '192.0.2.1', options);
  }

  static async set(options: Partial<SessionOptions> = {}): Promise<SessionStage> {
    const stage = new SessionStage(options);
    await stage.peer.transactions.start(stage.peer);
    await stage.alice.agent.start();
    return stage;
  }

  /** Lets messages arrive, and what follows from them. */
  async settle(milliseconds = 50): Promise<void> {
    await this.clock.play(milliseconds);
  }

  /** Alice calls the peer, who has the INVITE then. */
  async call(lateOffer = false): Promise<OutgoingInvite> {
    const invite = this.alice.sessions.invite({ target: `sip:peer@${this.peer.address}`, lateOffer });
    await this.settle();
    return invite;
  }

  /** Alice calls, and the peer answers; the session stands. */
  async answered(headers: Parameters<ScriptedPeer['respond']>[2] = {}): Promise<InviteSession> {
    const invite = await this.call();
    this.peer.respond(this.peer.last('INVITE'), 200, { body: description(), ...headers });
    await this.settle();
    const outcome = await invite.outcome;
    if (outcome.kind !== 'answered') throw new Error(outcome.kind);
    return outcome.session;
  }

  /** The peer calls Alice, whose phone has the INVITE then. */
  async called(
    extras: Parameters<ScriptedPeer['invite']>[1] = { body: description() },
    callId?: string,
  ): Promise<{
    readonly incoming: IncomingInvite;
    readonly call: PeerRequest;
  }> {
    const call = this.peer.invite('sip:alice@192.0.2.1', extras, callId);
    await this.settle();
    return { incoming: this.alice.ringing, call };
  }

  /** The peer calls, and Alice's phone rings. */
  async rung(): Promise<{
    readonly incoming: IncomingInvite;
    readonly call: PeerRequest;
    readonly ringing: SipResponse;
  }> {
    const { incoming, call } = await this.called();
    incoming.ring();
    await this.settle();
    const [ringing] = call.responses;
    if (ringing === undefined) throw new Error('it does not ring');
    return { incoming, call, ringing };
  }

  /** The peer calls, Alice accepts, and the peer acknowledges. */
  async accepted(extras: Parameters<ScriptedPeer['invite']>[1] = { body: description() }): Promise<{
    readonly session: InviteSession;
    readonly response: SipResponse;
  }> {
    const { incoming, call } = await this.called(extras);
    void incoming.accept();
    await this.settle();
    const response = finalOf(call);
    this.peer.acknowledge(response, extras.body === undefined ? description() : undefined);
    await this.settle();
    return { session: incoming.session, response };
  }

  /** Waits until nothing more can come, stops, and says what is left over. */
  async leftOvers(): Promise<unknown[]> {
    await this.settle(200_000);
    const held = this.alice.held();
    await this.alice.agent.stop();
    await this.peer.transactions.stop();
    const isEmpty = JSON.stringify(held) === JSON.stringify(nothingHeld);
    return [...(isEmpty ? [] : [held]), ...(this.clock.pending > 0 ? [this.clock.pending] : [])];
  }
}

/** The final response to a request of the peer's. */
export function finalOf({ responses }: PeerRequest): SipResponse {
  const response = responses.find(({ status }) => status >= 200);
  if (response === undefined) throw new Error('no final response');
  return response;
}

export function statusesOf({ responses }: PeerRequest): number[] {
  return responses.map(({ status }) => status);
}
