/**
 * The errata that no message of RFC 5359 shows, and why. All others are found in the messages and their headings: by the checker that
 * every conversation is held against, or by the rules for what is printed.
 */
export const unseenErrata: Readonly<Record<string, string>> = {
  'E-G04': 'no error: what is printed is still right',
  'E-G05': 'sips is as good as ever; what RFC 5630 asks beside is kept',
  'E-G06': 'about how subscribers and notifiers act; what messages lack of it is E2.15-03, E2.16-03 and E2.17-05',
  'E-G08': 'section 1 of the RFC says that these values are made up',
  'E2.1-02': 'in the prose',
  'E2.3-06': 'in the order of the ladder, which messages do not have',
  'E2.4-05': 'no error: a Call-ID is any unique text',
  'E2.6-06': 'whether Carol may is a matter of policy, and 2.15 and 2.16 print the same where she may',
  'E2.8-01': 'no error: a ladder may say less than the message',
  'E2.12-04': 'no error: a reason phrase is free text',
  'E2.13-01': 'in the ladder: its arrow points the wrong way',
  'E2.13-09': 'in the prose',
  'E2.14-02': 'in the prose',
  'E2.15-10': 'in the prose',
  'E2.15-13': 'in the order of the ladder, which messages do not have',
  'E2.16-05': 'in the prose',
};
