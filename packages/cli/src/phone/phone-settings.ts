import type { MachinePhoneOptions } from '@switchhook/phone/node';
import { packageVersion } from '../version.ts';
import { protocols } from './account.ts';
import type { Account } from './account.ts';
import { soundOf } from './sound.ts';
import type { SoundOptions } from './sound.ts';

/** What makes a phone of an account and a sound. */
export async function phoneSettingsOf(account: Account, sound: SoundOptions): Promise<MachinePhoneOptions> {
  const { addressOfRecord, password, outboundProxies, authorities, transport, loopback, callLogFile } = account;
  return {
    addressOfRecord,
    password,
    outboundProxies,
    authorities,
    transports: transport === undefined ? undefined : [protocols[transport]],
    address: loopback,
    callLogFile,
    sound: { ...(await soundOf(sound)), address: loopback },
    product: `Switchhook/${packageVersion()}`,
  };
}
