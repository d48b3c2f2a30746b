export { startPhone } from './start-phone.ts';
export type { MachinePhoneOptions } from './start-phone.ts';
export { CallLogFile } from './call-log-file.ts';
export { MachineMedia } from './machine-media.ts';
export type { MachineMediaOptions } from './machine-media.ts';
export type { SoundEnd } from './shared-sound.ts';
