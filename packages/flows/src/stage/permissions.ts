import type { PhoneSettings } from '@switchhook/phone';

/**
 * Those of a flow are one group, in which one may do for the other what its services need. Without certificates nobody can
 * prove who he is but through the exchange.
 */
export function permissionsOf(hasCertificates: boolean): PhoneSettings['permissions'] {
  return {
    group: ['*.example.com'],
    identity: hasCertificates ? 'proved' : 'claimed',
    refer: { allow: 'group' },
  };
}
