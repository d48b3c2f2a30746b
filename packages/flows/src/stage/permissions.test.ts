import { expect, test } from 'vitest';
import { permissionsOf } from './permissions.ts';

test('devices belong to the group of a flow that has one', () => {
  expect(permissionsOf(undefined, false, ['192.0.2.7']).group).toEqual(['*.example.com', '192.0.2.7']);
});

test('where a flow shows what strangers may, nobody is of a group, so that a device may as much as ours', () => {
  const permissions = permissionsOf({ watchOccupation: 'everybody' }, false, ['192.0.2.7']);
  expect(permissions).toEqual({ identity: 'claimed', watchOccupation: 'everybody' });
});
