import { describe, expect, test } from 'vitest';
import { audible, besides, shownByLadder, silent } from './ladder.testing.ts';

/** Statements of RFC 5359 2.3. */

const without = (): undefined => undefined;

describe('RFC 5359 2.3', () => {
  shownByLadder('2.3', [
    ['C2.3-01', 'the call is not held before', (m) => m.replaceInBody('F5', 'sendonly', 'sendrecv')],
    ['C2.3-01', 'REFER goes within a dialog', (m) => m.header('F8', 'To', (to) => `${to};tag=server`)],
    ['C2.3-01', 'the server is referred before the hold', (m) => m.move('F8', m.draft('F5').time - 5)],
    [
      'C2.3-02',
      'Refer-To has the tags of another dialog',
      (m) => m.header('F8', 'Refer-To', (to) => to.replace('alice.F1', 'other')),
    ],
    [
      'C2.3-02',
      'Refer-To does not require it',
      (m) => m.header('F8', 'Refer-To', (to) => to.replace('&Require=replaces', '')),
    ],
    ['C2.3-02', 'nobody has referred', (m) => m.header('F8', 'Referred-By', without)],
    ['C2.3-03', 'REFER is refused', (m) => m.status('F9', 403)],
    [
      'C2.3-03',
      'the last report leaves the subscription',
      (m) => m.header('F17', 'Subscription-State', () => 'active;expires=60'),
    ],
    [
      'C2.3-04',
      'Replaces names another dialog',
      (m) => m.header('F12', 'Replaces', (value) => value.replace('alice.F1', 'other')),
    ],
    ['C2.3-04', 'Replaces is not required', (m) => m.header('F12', 'Require', without)],
    ['C2.3-04', 'Referred-By is another', (m) => m.header('F12', 'Referred-By', () => '<sips:mallory@example.com>')],
    [
      'C2.3-05',
      'the server says nothing of itself',
      (m) => m.header('F12', 'Contact', (contact) => contact.replace(/>.*/, '>')),
    ],
    ['C2.3-06', 'the replaced dialog is not ended', (m) => m.drop('F15', 'F16')],
    ['C2.3-06', 'no music is heard', silent('music-server', 'alice')],
    ['C2.3-07', 'the last report names another dialog', (m) => m.replaceInBody('F17', 'Call-ID: F12', 'Call-ID: F13')],
    [
      'C2.3-07',
      'another dialog is replaced',
      (m) => m.header('F19', 'Replaces', (value) => value.replace('alice.F12', 'other')),
    ],
    ['C2.3-09', 'it is taken back from the server', (m) => m.requestUri('F19', 'sips:music-server@example.com')],
    ['C2.3-09', 'the two do not hear each other', silent('bob', 'alice')],
    ['C2.3-10', 'the music is not ended', (m) => m.drop('F22', 'F23')],
    ['C2.3-10', 'the music goes on', audible('music-server', 'alice', 'F23')],
    [
      'C2.3-11',
      'the server sends BYE',
      besides('F22', 100, 'BYE sips:alice@client.atlanta.example.com SIP/2.0', ['music-server', 'alice']),
    ],
  ]);
});
