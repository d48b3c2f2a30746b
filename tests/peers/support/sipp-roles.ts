import { other, ownContact, registrar, target } from './sipp-call.ts';
import type { Direction, SippCall, SippContent, SippDialog, SippTarget } from './sipp-call.ts';
import { SippScenario } from './sipp-scenario.ts';
import type { Searches } from './sipp-sheet.ts';

const sound = { sound: 'sendrecv' } as const;
const focus = { contact: `${ownContact};isfocus` } as const;

// What a person does at a phone, and what it does by itself.

/** It rings, and is answered. */
function takes(call: SippCall): SippDialog {
  call.respondToFirst(180).respondToFirst(200, sound).receive('ACK');
  return call.caller();
}

/** Somebody is called, and answers. */
function calls(call: SippCall, to: SippTarget = other, content: SippContent = {}): SippDialog {
  const dialog = call.begin('INVITE', to, { ...sound, ...content });
  call.established(dialog).within(dialog, 'ACK');
  return dialog;
}

/** The same by way of a proxy that wants to know who it is. */
function callsByProxy(call: SippCall): SippDialog {
  const dialog = call.begin('INVITE', other, sound);
  call.challenged(dialog, 'INVITE', sound).established(dialog).within(dialog, 'ACK');
  return dialog;
}

/** A call is put on hold, or taken off it, or made a part of something. */
function offers(call: SippCall, dialog: SippDialog, direction: Direction, content: SippContent = {}): void {
  call
    .within(dialog, 'INVITE', { ...content, sound: direction })
    .expect(200)
    .within(dialog, 'ACK');
}

/** The far end does that. */
function isOffered(call: SippCall, dialog: SippDialog, direction: Direction): void {
  call.receive('INVITE').respond(200, { sound: direction }, dialog).receive('ACK');
}

function hangsUp(call: SippCall, dialog: SippDialog): void {
  call.within(dialog, 'BYE').expect(200);
}

/** A call takes the place of another one, which is told. */
function isReplaced(call: SippCall, direction: Direction = 'sendrecv'): void {
  call.respondToFirst(200, { sound: direction }).receive('ACK').tell('replaced');
}

const replaces = (id: string, to: string, from: string, more = ''): readonly string[] => [
  `Replaces: ${id};to-tag=${to};from-tag=${from}${more}`,
  'Require: replaces',
];

/** A link by which somebody takes the place of SIPp in a dialog. */
const takeover = ({ there, id, farTag, ownTag }: SippDialog, more = ''): string =>
  `${there}?Replaces=${id}%3Bto-tag%3D${farTag}%3Bfrom-tag%3D${ownTag}${more}`;

// Subscriptions.

const notice = (state: string, type: string, text: string): SippContent => ({
  headers: [`Event: ${type === 'message/sipfrag' ? 'refer' : 'dialog'}`, `Subscription-State: ${state}`],
  body: { type, text },
});

/** What became of a referral, to whom has asked for it. */
const progress = (state: string, line: string): SippContent => notice(state, 'message/sipfrag', line);

/** The dialogs of the device's. */
const dialogs = (state: string, version: number, kind: 'full' | 'partial', dialog: string): SippContent =>
  notice(
    state,
    'application/dialog-info+xml',
    [
      '<?xml version="1.0"?>',
      `<dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" version="${version}" state="${kind}" entity="[$self]">`,
      dialog,
      '</dialog-info>',
    ].join('\n'),
  );

/** Somebody asks once for the dialogs, and is told of the one that another call of the device has; no more than that. */
function tellsDialogs(state: string): (call: SippCall) => void {
  return (call) => {
    const remembered: Searches = {
      theId: ['Id', ' *(.+)'],
      local: ['Local', ' *(.+)'],
      remote: ['Remote', ' *(.+)'],
      callerUri: ['Caller', ' *(.+)'],
      place: ['Place', ' *(.+)'],
    };
    const dialog = [
      '<dialog id="1" call-id="[$theId]" local-tag="[$local]" remote-tag="[$remote]" direction="recipient">',
      `<state>${state}</state>`,
      '<remote><identity>[$callerUri]</identity><target uri="[$place]"/></remote>',
      '</dialog>',
    ].join('\n');
    call.respondToFirst(200, { headers: ['Expires: 0'] }).wait(state, remembered);
    call.within(call.caller(), 'NOTIFY', dialogs('terminated;reason=timeout', 0, 'full', dialog)).expect(200);
  };
}

/** Says so to whoever asks for the dialogs. */
function isIn(call: SippCall, state: string): void {
  const { id, ownTag, farTag, there } = call.caller();
  call.tell(state, [`Id: ${id}`, `Local: ${ownTag}`, `Remote: ${farTag}`, 'Caller: [$sender]', `Place: ${there}`]);
}

/** Asks somebody once for his dialogs. */
const fetch = { headers: ['Event: dialog', 'Accept: application/dialog-info+xml', 'Expires: 0'] };
const watch = { headers: ['Event: dialog', 'Accept: application/dialog-info+xml', 'Expires: 3600'] };

/** What stands in the answer. */
const ofDialogs: Searches = {
  theId: [undefined, 'call-id="([^"]+)'],
  local: [undefined, 'local-tag="([^"]+)'],
  remote: [undefined, 'remote-tag="([^"]+)'],
  callerUri: [undefined, '<remote>.*<target uri="([^"]+)'],
  callerHost: [undefined, '<remote>.*<target uri="sip:[^@]+@([0-9.]+)'],
};
const callerThere: SippTarget = { uri: '[$callerUri]', host: '[$callerHost]' };

const ofReferral: Searches = {
  refer: ['Refer-To', '<([^?>]+)'],
  referHost: ['Refer-To', '@([0-9.]+)'],
  by: ['Referred-By', ' *(.+)'],
  theId: ['Refer-To', 'Replaces=([^%]+)%3B'],
  remote: ['Refer-To', 'to-tag%3D([^%&>]+)'],
  local: ['Refer-To', 'from-tag%3D([^%&>]+)'],
};
const referred: SippTarget = { uri: '[$refer]', host: '[$referHost]' };
const accepts = 'Expires: 60';

/** Asks a server, which wants to know who it is, to call the far end of a dialog in its place. */
function refersServer(call: SippCall, alice: SippDialog): void {
  const content = { headers: [`Refer-To: <${takeover(alice)}&Require=replaces>`, 'Referred-By: <[own]>'] };
  const referral = call.begin('REFER', target, content);
  call.challenged(referral, 'REFER', content).established(referral).answer('NOTIFY');
}

/** Registers where it was said. */
function registers(call: SippCall): void {
  const content = { headers: ['Expires: 600'] };
  const registration = call.begin('REGISTER', registrar, content);
  call.challenged(registration, 'REGISTER', content, 401).expect(200);
}

// Whole parts, which several flows have.

/** Answers, and is hung up on. */
function callee(call: SippCall): void {
  takes(call);
  call.answer('BYE');
}

/** Answers, holds and resumes, and is hung up on. */
function holder(call: SippCall): void {
  const alice = takes(call);
  call.wait('hold');
  offers(call, alice, 'inactive');
  call.wait('resume');
  offers(call, alice, 'sendrecv');
  call.answer('BYE');
}

/** Calls, is held and resumed, and hangs up. */
function held(call: SippCall): void {
  const bob = callsByProxy(call);
  isOffered(call, bob, 'inactive');
  isOffered(call, bob, 'sendrecv');
  call.wait('hang-up');
  hangsUp(call, bob);
}

/** Calls somebody by a proxy, and hangs up. */
function caller(call: SippCall): void {
  const bob = callsByProxy(call);
  call.wait('hang-up');
  hangsUp(call, bob);
}

/** Calls, and hangs up when another call has taken the place of that. */
function replacedCaller(call: SippCall): void {
  const bob = calls(call);
  call.wait('replaced');
  hangsUp(call, bob);
}

/** Calls, and is made a part of a conference. */
function conferee(call: SippCall): void {
  isOffered(call, calls(call), 'sendrecv');
  call.answer('BYE');
}

/** Rings until the caller gives up. */
function missed(call: SippCall): void {
  call.respondToFirst(180).cancelled();
}

function refuses(status: number): (call: SippCall) => void {
  return (call) => call.respondToFirst(status).receive('ACK');
}

/** Listens to a server that has taken the place of a call, until somebody takes its place. */
function listener(call: SippCall): void {
  call.remember('listens');
  isReplaced(call, 'recvonly');
  call.wait('replaced').within(call.caller(), 'BYE').expect(200);
}

function newcomer(call: SippCall): void {
  isReplaced(call);
  call.answer('BYE');
}

const phone = (): SippScenario => new SippScenario();
/** Registers with the proxy by which everything goes. */
const subscriber = (): SippScenario => new SippScenario(true).on('prepare', registers);
const calledBySubscriber = (): SippScenario => subscriber().on('INVITE', callee);
const callingSubscriber = (): SippScenario => subscriber().on('call', caller);

/** What SIPp says and hears, by flow and role. */
export const roles: Readonly<Record<string, SippScenario>> = {
  '2.1 alice': subscriber().on('call', held),
  '2.1 bob': subscriber().on('INVITE', holder),
  '2.2 alice': subscriber().on('call', held),
  '2.2 bob': subscriber().on('INVITE', holder).on('call', caller),
  '2.2 carol': calledBySubscriber(),
  '2.3 alice': phone()
    .on('call', (call) => {
      const bob = calls(call);
      isOffered(call, bob, 'inactive');
      call.wait('replaced');
      hangsUp(call, bob);
    })
    .on('INVITE', listener, { isRouted: true })
    .on('INVITE', newcomer, { after: 'listens' }),
  '2.3 bob': phone().on('INVITE', (call) => {
    const alice = takes(call);
    call.wait('hold');
    offers(call, alice, 'inactive');
    call.wait('play-music');
    refersServer(call, alice);
    const ofSipfrag: Searches = {
      theId: [undefined, 'Call-ID: .*Call-ID: ([^[:cntrl:]]+)'],
      local: [undefined, 'From: .*From: [^[:cntrl:]]*tag=([^;[:cntrl:]]+)'],
      remote: [undefined, 'To: .*To: [^[:cntrl:]]*tag=([^;[:cntrl:]]+)'],
    };
    call.inAnyOrder({ NOTIFY: ofSipfrag, BYE: {} }).wait('resume');
    calls(call, { uri: alice.there, host: alice.host }, { headers: replaces('[$theId]', '[$remote]', '[$local]') });
    call.answer('BYE');
  }),
  '2.4 alice': phone().on('INVITE', (call) => {
    const bob = takes(call);
    call.wait('transfer');
    call
      .within(bob, 'REFER', { headers: ['Refer-To: <[$target]>', 'Referred-By: <[own]>'] })
      .expect(200)
      .answer('NOTIFY');
    hangsUp(call, bob);
    call.answer('NOTIFY');
  }),
  '2.4 bob': phone().on('call', (call) => {
    const alice = calls(call);
    call.receive('REFER', ofReferral).respond(202, { headers: [accepts] });
    call.within(alice, 'NOTIFY', progress('active;expires=60', 'SIP/2.0 100 Trying')).inAnyOrder({ 200: {}, BYE: {} });
    calls(call, referred, { headers: ['Referred-By: [$by]'] });
    call.within(alice, 'NOTIFY', progress('terminated;reason=noresource', 'SIP/2.0 200 OK')).expect(200).answer('BYE');
  }),
  '2.4 carol': phone().on('INVITE', callee),
  '2.5 alice': phone().on('call', (call) => {
    const bob = calls(call);
    isOffered(call, bob, 'inactive');
    call.receive('REFER', ofReferral).respond(202, { headers: [accepts] });
    call.within(bob, 'NOTIFY', progress('active;expires=60', 'SIP/2.0 100 Trying')).expect(200);
    calls(call, referred, { headers: ['Referred-By: [$by]', ...replaces('[$theId]', '[$remote]', '[$local]')] });
    call.within(bob, 'NOTIFY', progress('terminated;reason=noresource', 'SIP/2.0 200 OK'));
    call.inAnyOrder({ 200: {}, BYE: {} }).answer('BYE');
  }),
  '2.5 bob': phone().on('INVITE', (call) => {
    const alice = takes(call);
    call.wait('hold');
    offers(call, alice, 'inactive');
    call.wait('call');
    const carol = calls(call);
    call.wait('hold');
    offers(call, carol, 'inactive');
    call.wait('transfer-to');
    const headers = [`Refer-To: <${takeover(carol)}&Require=replaces>`, 'Referred-By: <[own]>'];
    call.within(alice, 'REFER', { headers }).expect(200).answer('NOTIFY').inAnyOrder({ NOTIFY: {}, BYE: {} });
    hangsUp(call, alice);
  }),
  '2.5 carol': phone()
    .on('INVITE', (call) => {
      const bob = takes(call);
      isOffered(call, bob, 'inactive');
      call.wait('replaced');
      hangsUp(call, bob);
    })
    .on('INVITE', newcomer, { has: 'Replaces' }),
  '2.6 alice': phone().on('call', replacedCaller).on('INVITE', newcomer),
  '2.6 bob': phone().on('INVITE', (call) => {
    const alice = takes(call);
    call.wait('send-link');
    const link = `${takeover(alice, '%3Bfor%3D%22sip:[$targetUser]%40[$targetHost]%22')}&amp;Require=replaces`;
    const text = `<html><body><a href="${link}">Alice</a></body></html>`;
    call.begin('MESSAGE', target, { contact: '', body: { type: 'text/html;charset=UTF-8', text } });
    call.expect(200).answer('BYE');
  }),
  '2.6 carol': phone().on(
    'MESSAGE',
    (call) => {
      call.respondToFirst(200, { contact: '' }).wait('follow-link');
      const headers = [...replaces('[$theId]', '[$remote]', '[$local]', ';for="[own]"'), 'Referred-By: <[$sender]>'];
      calls(call, callerThere, { headers });
      call.answer('BYE');
    },
    {
      remembered: {
        callerUri: [undefined, '"(sip:[^?"]+)'],
        callerHost: [undefined, '"sip:[^@]+@([0-9.]+)'],
        theId: [undefined, 'Replaces=([^%]+)%3B'],
        remote: [undefined, 'to-tag%3D([^%&]+)'],
        local: [undefined, 'from-tag%3D([^%&]+)'],
      },
    },
  ),
  '2.7 alice': callingSubscriber(),
  '2.7 gateway': new SippScenario(true).on('INVITE', callee),
  '2.8 alice': callingSubscriber(),
  '2.8 b1': subscriber().on('INVITE', refuses(486)),
  '2.8 b2': calledBySubscriber(),
  '2.9 alice': callingSubscriber(),
  '2.9 b1': subscriber().on('INVITE', missed),
  '2.9 b2': calledBySubscriber(),
  '2.10 alice': phone().on('call', conferee),
  '2.10 bob': phone().on('INVITE', (call) => {
    const alice = takes(call);
    call.wait('add-to-call');
    offers(call, alice, 'sendrecv', focus);
    calls(call, target, focus);
    call.inAnyOrder({ BYE: {} });
  }),
  '2.10 carol': phone().on('INVITE', callee),
  '2.11 alice': phone().on('call', conferee),
  '2.11 bob': phone()
    .on('INVITE', (call) => {
      const alice = takes(call);
      isIn(call, 'confirmed');
      call.wait('joining');
      offers(call, alice, 'sendrecv', focus);
      call.tell('joined').answer('BYE');
    })
    .on('SUBSCRIBE', tellsDialogs('confirmed'), { remembered: { self: ['To', '<([^>]+)'] } })
    .on(
      'INVITE',
      (call) => {
        call.respondToFirst(180, focus).tell('joining').wait('joined');
        call
          .respondToFirst(200, { ...sound, ...focus })
          .receive('ACK')
          .answer('BYE');
      },
      { has: 'Join' },
    ),
  '2.11 carol': phone().on('join', (call) => {
    const watched = call.begin('SUBSCRIBE', other, fetch);
    call.established(watched).answer('NOTIFY', ofDialogs);
    calls(call, other, { headers: ['Join: [$theId];to-tag=[$local];from-tag=[$remote]', 'Require: join'] });
    call.answer('BYE');
  }),
  '2.12 alice': subscriber().on('call', (call) => {
    callsByProxy(call);
    call.answer('BYE');
  }),
  '2.12 b1': subscriber().on('INVITE', missed),
  '2.12 b2': subscriber().on('INVITE', refuses(480)),
  '2.12 b3': subscriber().on('INVITE', refuses(486)),
  '2.12 b4': subscriber().on('INVITE', (call) => {
    const alice = takes(call);
    call.wait('hang-up');
    hangsUp(call, alice);
  }),
  '2.13 bob': phone()
    .on('prepare', registers)
    .on('INVITE', (call) => {
      call.respondToFirst(305, { contact: '<[proxy];lr>' }).receive('ACK');
    }),
  '2.14 alice': subscriber().on('call', (call) => {
    const bob = call.begin('INVITE', other, sound);
    call.challenged(bob, 'INVITE', sound).refused(bob, 403);
  }),
  '2.15 alice': phone()
    .on('call', replacedCaller)
    .on('INVITE', listener, { isRouted: true })
    .on('INVITE', newcomer, { after: 'listens' }),
  '2.15 bob': phone().on('INVITE', (call) => {
    const alice = takes(call);
    call.wait('park');
    refersServer(call, alice);
    call.inAnyOrder({ NOTIFY: {}, BYE: {} });
  }),
  '2.15 carol': phone().on('retrieve', (call) => {
    const watched = call.begin('SUBSCRIBE', other, fetch);
    call.challenged(watched, 'SUBSCRIBE', fetch).established(watched).answer('NOTIFY', ofDialogs);
    calls(call, callerThere, { headers: replaces('[$theId]', '[$remote]', '[$local]') });
    call.answer('BYE');
  }),
  '2.16 alice': phone()
    .on('call', (call) => {
      const bob = call.begin('INVITE', other, sound);
      call.expect(180).wait('replaced').cancel(bob);
    })
    .on('INVITE', (call) => {
      isReplaced(call);
      call.wait('hang-up');
      hangsUp(call, call.caller());
    }),
  '2.16 bob': phone()
    .on('INVITE', (call) => {
      call.respondToFirst(180);
      isIn(call, 'early');
      call.cancelled();
    })
    .on('SUBSCRIBE', tellsDialogs('early'), { remembered: { self: ['To', '<([^>]+)'] } }),
  '2.16 bill': phone().on('pick-up', (call) => {
    const watched = call.begin('SUBSCRIBE', other, fetch);
    call.established(watched).answer('NOTIFY', ofDialogs);
    calls(call, callerThere, { headers: replaces('[$theId]', '[$remote]', '[$local]', ';early-only') });
    call.answer('BYE');
  }),
  '2.17 alice': phone()
    .on('call', (call) => {
      const bob = call.begin('INVITE', other, sound);
      call.refused(bob, 486);
    })
    .on('redial', (call) => {
      const watched = call.begin('SUBSCRIBE', other, watch);
      call.established(watched).answerUntil('NOTIFY', '>terminated<');
      const bob = call.begin('INVITE', other, sound);
      call.established(bob, 'NOTIFY').within(bob, 'ACK').answerUntil('NOTIFY', '>confirmed<');
      call.within(watched, 'SUBSCRIBE', { headers: ['Event: dialog', 'Expires: 0'] }).expect(200);
      call.answer('NOTIFY').answer('BYE');
    }),
  '2.17 bob': phone()
    .on('call', (call) => {
      const dave = calls(call);
      call.wait('hang-up').remember('free').tell('over');
      hangsUp(call, dave);
    })
    .on('INVITE', refuses(486))
    .on(
      'INVITE',
      (call) => {
        takes(call);
        call.tell('taken').answer('BYE');
      },
      { after: 'free' },
    )
    .on(
      'SUBSCRIBE',
      (call) => {
        const alice = call.caller();
        const tells = (state: string, version: number, kind: 'full' | 'partial', of: string): void => {
          const dialog = `<dialog id="${of}"><state>${state}</state></dialog>`;
          call.within(alice, 'NOTIFY', dialogs('active;expires=3600', version, kind, dialog)).expect(200);
        };
        call.respondToFirst(200, { headers: ['Expires: 3600'] });
        tells('confirmed', 0, 'full', 'dave');
        call.wait('over');
        tells('terminated', 1, 'partial', 'dave');
        call.wait('taken');
        tells('confirmed', 2, 'partial', 'alice');
        call.receive('SUBSCRIBE').respond(200, { headers: ['Expires: 0'] });
        const last = '<dialog id="alice"><state>confirmed</state></dialog>';
        call.within(alice, 'NOTIFY', dialogs('terminated;reason=timeout', 3, 'full', last)).expect(200);
      },
      { remembered: { self: ['To', '<([^>]+)'] } },
    ),
  '2.18 pc': phone().on('dial-with', (call) => {
    const headers = ['Refer-To: <[$target]>', 'Referred-By: <[own]>', 'Refer-Sub: false'];
    call.begin('REFER', other, { headers });
    call.expect(200);
  }),
  '2.18 bob': phone().on(
    'REFER',
    (call) => {
      call.respondToFirst(200, { headers: ['Refer-Sub: false'] });
      calls(call, referred, { headers: ['Referred-By: [$by]'] });
      call.answer('BYE');
    },
    { remembered: ofReferral },
  ),
  '2.18 carol': phone().on('INVITE', callee),
};
