export type * from './audio.ts';
