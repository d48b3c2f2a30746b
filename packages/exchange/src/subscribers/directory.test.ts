import { expect, test } from 'vitest';
import { SubscriberDirectory } from './directory.ts';
import { hashPassword } from './subscriber.ts';

const domain = 'example.com';
const subscribers = Array.from({ length: 50 }, (_, index) => {
  const user = `user${String(index)}`;
  return { user, domain, credentials: hashPassword(user, domain, 'secret') };
});

test('who is not there has a decoy, always the same, and not all of them one', () => {
  const directory = new SubscriberDirectory();
  expect(directory.decoy(domain, 'nobody')).toBeUndefined();
  directory.load(subscribers, []);
  const names = Array.from({ length: 200 }, (_, index) => `nobody${String(index)}`);
  const decoys = names.map((name) => directory.decoy(domain, name)?.ha1.MD5);
  expect(names.map((name) => directory.decoy(domain, name)?.ha1.MD5)).toEqual(decoys);
  expect(decoys).not.toContain(undefined);
  expect(new Set(decoys).size).toBeGreaterThan(40);
  expect(names.map((name) => directory.find(domain, name))).toEqual(names.map(() => undefined));
});
