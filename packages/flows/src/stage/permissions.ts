import type { PhoneSettings } from '@switchhook/phone';

/** What a phone of a flow lets others do. */
type Permissions = NonNullable<PhoneSettings['permissions']>;

/** Those of a flow are one group, in which one may do for the other what its services need. */
const ofOneGroup: Permissions = { group: ['*.example.com'], refer: { allow: 'group' } };

/** Without certificates nobody can prove who he is but through the exchange. `others` belong to the group, too, by their hosts. */
export function permissionsOf(
  permissions: Permissions = ofOneGroup,
  hasCertificates: boolean,
  others: readonly string[] = [],
): Permissions {
  const identity = hasCertificates ? 'proved' : 'claimed';
  const group = [...(permissions.group ?? []), ...others];
  return { identity, ...permissions, ...(group.length > 0 && { group }) };
}
