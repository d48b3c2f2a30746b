import { TelUri } from '@switchhook/sip';
import type { Uri } from '@switchhook/sip';
import { numberOf } from './gateways.ts';
import type { Directory } from './route.ts';

/** Whether calls that are sent to an address can come to anybody, as things are: who is there in other domains, those know. */
export function isAnybodyAt(uri: Uri, directory: Directory): boolean {
  const address = directory.address(uri);
  const number = numberOf(uri, address, directory);
  if (address === undefined) return !(uri instanceof TelUri) || (number !== undefined && hasWay(number, directory));
  const { user, domain } = address;
  // A code counts for who dials it himself.
  if (user === undefined || directory.isCode(user, domain)) return false;
  return (
    directory.isSubscriber(user, domain) ||
    directory.group(user, domain) !== undefined ||
    directory.server(user, domain) !== undefined ||
    (number !== undefined && hasWay(number, directory))
  );
}

/** Whether somebody can be looked for at an address: telephones ring there, and neither a group nor a server answers for them. */
export function isPlace(uri: Uri, directory: Directory): boolean {
  const { user, domain = '' } = directory.address(uri) ?? {};
  return (
    user === undefined || (directory.group(user, domain) === undefined && directory.server(user, domain) === undefined)
  );
}

function hasWay(number: string, directory: Directory): boolean {
  return directory.gateway(number) !== undefined;
}
