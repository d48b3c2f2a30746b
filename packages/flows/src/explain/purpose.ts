import type { FlowDescription, FlowDialog, FlowMessage } from '../oracle/flow-schema.ts';
import { messageOf, nameOfElement } from '../oracle/oracle.ts';

/** What a message of a flow is for, in a sentence: what whoever sends it wants, or says, and to what. */
export function purposeOf(flow: FlowDescription, message: FlowMessage): string {
  return asSentence(new Purposes(flow).of(message));
}

/** Its purpose, and what the flow says of it besides, in sentences. */
export function meaningOf(flow: FlowDescription, message: FlowMessage): readonly string[] {
  const said = [message.comment ?? undefined, message.note].filter((text) => text !== undefined);
  return [purposeOf(flow, message), ...said.map((text) => `${asSentence(text)}.`)];
}

class Purposes {
  readonly #flow: FlowDescription;

  constructor(flow: FlowDescription) {
    this.#flow = flow;
  }

  of(message: FlowMessage): string {
    const original = this.#original(message);
    const { kind, acks } = original;
    const what =
      kind === 'response'
        ? this.#response(original)
        : acks === undefined
          ? this.#request(original)
          : this.#ack(original, acks);
    if (original === message) return what;
    return `${this.#name(message.from)} passes ${original.f} on to ${this.#name(message.to)}. ${asSentence(what)}`;
  }

  /** What a proxy passes on, as it was said first. */
  #original(message: FlowMessage): FlowMessage {
    const { forwards } = message;
    return forwards === undefined ? message : this.#original(this.#message(forwards));
  }

  #request(message: FlowMessage): string {
    const { method, to, cancels } = message;
    switch (method) {
      case 'INVITE':
        return message.inDialog ? this.#change(message) : this.#call(message);
      case 'BYE':
        return this.#end(message);
      case 'CANCEL':
        return `It takes ${cancels ?? 'the INVITE'} back: ${this.#name(to)} is not to ring any more.`;
      case 'REFER':
        return `It asks ${this.#name(to)} to call ${this.#reference(message)}.`;
      case 'MESSAGE':
        return `It gives ${this.#name(to)} a link that calls ${this.#reference(message)}.`;
      case 'SUBSCRIBE':
        return this.#subscription(message);
      case 'NOTIFY':
        return this.#news(message);
      default:
        return `It is a ${method} for ${this.#name(to)}.`;
    }
  }

  #call({ expect: { replaces, join, tags, requestUri, proxyAuthorization } }: FlowMessage): string {
    const caller = this.#name(tags.from);
    const called = requestUri?.aor ?? requestUri?.contact ?? requestUri?.service;
    if (requestUri?.errorInfo !== undefined || requestUri?.announcement !== undefined) {
      return `${caller} calls the address that the refusal named, to hear why.`;
    }
    const callee = called === undefined ? 'somebody' : this.#name(called);
    if (replaces !== undefined) {
      const dialog = this.#dialog(replaces.dialog);
      return `${caller} asks ${callee} for a call that takes the place of ${dialog === undefined ? 'another' : this.#callOf(dialog)}.`;
    }
    if (join !== undefined) {
      const dialog = this.#dialog(join.dialog);
      return `${caller} asks ${callee} to be let into ${dialog === undefined ? 'a call' : this.#callOf(dialog)}, as the third.`;
    }
    const proof = proxyAuthorization === undefined ? '' : ', and proves who asks';
    return `${caller} asks for a call with ${callee}${proof}.`;
  }

  /** What an INVITE within a call changes. */
  #change({ n, dialog: id, expect: { sdp, tags, contact } }: FlowMessage): string {
    const [sender, far] = [this.#name(tags.from), this.#name(tags.to ?? '')];
    if (contact?.mixer === true) return `${sender} tells ${far} that the call goes on in a conference, at the mixer.`;
    const before = this.#flow.messages.findLast(
      (each) =>
        each.n < n &&
        each.kind === 'request' &&
        each.method === 'INVITE' &&
        each.dialog === id &&
        each.forwards === undefined,
    );
    if (sdp?.direction === 'sendonly' || sdp?.direction === 'inactive') {
      return `${sender} puts the call with ${far} on hold: nothing is to be sent back.`;
    }
    const isHeld = before?.expect.sdp?.direction !== 'sendrecv' && before !== undefined;
    return isHeld ? `${sender} takes the call with ${far} off hold.` : `${sender} changes the session with ${far}.`;
  }

  #end({ from, expect: { closes, endsUsage, tags } }: FlowMessage): string {
    const dialog = this.#dialog(closes ?? endsUsage?.dialog);
    const sender = tags.from || from;
    const call = dialog === undefined ? 'the call' : this.#callOf(dialog, sender);
    const heir = this.#dialog(dialog?.replacedBy);
    const why = heir === undefined ? '' : `, whose place ${this.#callOf(heir)} has taken`;
    return `${this.#name(sender)} ends ${call}${why}.`;
  }

  #subscription({ to, expect: { expires, event } }: FlowMessage): string {
    const about = event?.package === 'dialog' ? `the calls of ${this.#name(to)}` : 'what becomes of it';
    const isPoll = this.#isPoll(to);
    if (expires === 0 && !isPoll) return `It ends the subscription: no more is to be told of ${about}.`;
    return `It asks to be told of ${about}${expires === 0 ? ', once' : ', and of every change of them'}.`;
  }

  /** Whether nobody subscribes there for longer than a moment. */
  #isPoll(to: string): boolean {
    return this.#flow.messages
      .filter((each) => each.method === 'SUBSCRIBE' && each.kind === 'request' && each.to === to)
      .every(({ expect }) => expect.expires === 0);
  }

  #news({ from, to, expect: { sipfrag, dialogInfo, subscriptionState } }: FlowMessage): string {
    const isLast = subscriptionState?.state === 'terminated' ? ' It is the last.' : '';
    if (sipfrag !== undefined) {
      const news = sipfrag.class === 1 ? 'is being made' : 'has been answered';
      return `It tells ${this.#name(to)} that the call that was asked for ${news}.${isLast}`;
    }
    const [call] = dialogInfo?.dialogs ?? [];
    const states: Readonly<Record<string, string>> = { early: 'rings', confirmed: 'stands', terminated: 'is over' };
    const state = states[call?.state ?? ''];
    if (state === undefined) return `It tells ${this.#name(to)} that there is nothing to tell yet.${isLast}`;
    return `It tells ${this.#name(to)} that a call of ${this.#name(from)} ${state}.${isLast}`;
  }

  #ack({ ackKind, to }: FlowMessage, acks: string): string {
    const acknowledged = this.#message(acks);
    const { status, from } = acknowledged;
    const now = this.#asked(acknowledged)?.inDialog === true ? 'the change holds' : 'the call stands';
    return ackKind === '2xx'
      ? `It tells ${this.#name(this.#original(acknowledged).from)} that the answer has come (${acks}), which would be repeated without it; now ${now}.`
      : `It tells ${this.#name(from === to ? from : to)} that the ${status ?? ''} has come (${acks}), and goes no further than one hop.`;
  }

  #response(message: FlowMessage): string {
    const { status, from, expect } = message;
    const asked = this.#asked(message);
    const [who, answered] = [this.#name(from), asked?.f ?? 'the request'];
    switch (status) {
      case 100:
        return `${who} has ${answered}, which need not be sent again, and looks after it.`;
      case 180:
        return `It rings at ${this.#name(expect.tags.to ?? from)}.`;
      case 181:
        return `${who} calls another in the place of whom ${answered} was for; that takes a little longer.`;
      case 305:
        return `${who} takes ${answered} only by way of a proxy, and names it.`;
      case 401:
      case 407:
        return `${who} asks who it is: ${answered} has to be sent again, with proof.`;
      case 403:
        return `${who} forbids ${answered}${expect.errorInfo === undefined ? '' : ', and says where it can be heard why'}.`;
      case 480:
        return `Nobody is there at ${who}.`;
      case 486:
        return `${who} is busy.`;
      case 487:
        return `${who} ends ${answered}, as it was taken back.`;
      default:
        return asked === undefined ? `${who} has taken the request.` : this.#success(asked, who);
    }
  }

  #success(asked: FlowMessage, who: string): string {
    const { f, method, inDialog, expect } = asked;
    if (method === 'INVITE' && !inDialog) return `${who} answers the call (${f}).`;
    if (method === 'INVITE') {
      const isHold = expect.sdp?.direction === 'sendonly' || expect.sdp?.direction === 'inactive';
      return `${who} agrees to the ${isHold ? 'hold' : 'change'} (${f})${isHold ? ', and sends nothing any more' : ''}.`;
    }
    if (method === 'BYE') return `${who} knows that the call is over (${f}).`;
    if (method === 'REFER') {
      const report =
        expect.referSub === false ? 'nothing is told afterwards, as was wished' : 'how it goes is told afterwards';
      return `${who} is going to do what was asked for (${f}); ${report}.`;
    }
    if (method === 'SUBSCRIBE')
      return `${who} ${inDialog ? 'lets the subscription end' : 'grants the subscription'} (${f}).`;
    return `${who} has it (${f}).`;
  }

  /** The request that a response answers, on the hop where it was said first. */
  #asked({ answers, txn }: FlowMessage): FlowMessage | undefined {
    return this.#message(answers ?? txn);
  }

  /** Whom somebody is asked to call, and in the place of what. */
  #reference({ expect: { referTo, bodyUri } }: FlowMessage): string {
    const reference = referTo ?? bodyUri;
    const target = reference?.target.aor ?? reference?.target.contact ?? reference?.target.service;
    const replaced = this.#dialog(reference?.headers.replaces?.dialog);
    const place = replaced === undefined ? '' : `, in the place of ${this.#callOf(replaced)}`;
    return `${target === undefined ? 'somebody' : this.#name(target)}${place}`;
  }

  /** As `by` calls it, where he has a part in it. */
  #callOf({ between: [one, other] }: FlowDialog, by?: string): string {
    if (by === one) return `the call with ${this.#name(other)}`;
    if (by === other) return `the call with ${this.#name(one)}`;
    return `the call of ${this.#name(one)} with ${this.#name(other)}`;
  }

  #dialog(id: string | undefined): FlowDialog | undefined {
    return this.#flow.dialogs.find((dialog) => dialog.id === id);
  }

  #message(f: string): FlowMessage {
    return messageOf(this.#flow, f);
  }

  #name(element: string): string {
    return withArticle(nameOfElement(this.#flow, element));
  }
}

/** With a capital at its beginning. */
function asSentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** People have names; a proxy or a server is one of its kind. */
function withArticle(name: string): string {
  return /^(Proxy|Gateway|.* Server)$/.test(name) ? `the ${name.toLowerCase()}` : name;
}
