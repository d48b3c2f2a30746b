import type { PhoneSettings } from '@switchhook/phone';

/** What a phone of a flow lets others do. */
type Permissions = NonNullable<PhoneSettings['permissions']>;

/** Those of a flow are one group, in which one may do for the other what its services need. */
const ofOneGroup: Permissions = { group: ['*.example.com'], refer: { allow: 'group' } };

/**
 * Without certificates nobody can prove who he is but through the exchange. `others` belong to the group, too, where there is one, by
 * their hosts.
 */
export function permissionsOf(
  { group, ...permissions }: Permissions = ofOneGroup,
  hasCertificates: boolean,
  others: readonly string[] = [],
): Permissions {
  const identity = hasCertificates ? 'proved' : 'claimed';
  return { identity, ...permissions, ...(group !== undefined && { group: [...group, ...others] }) };
}
