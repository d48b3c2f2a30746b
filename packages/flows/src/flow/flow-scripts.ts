import { callHold } from './call-hold.ts';
import { consultationHold } from './consultation-hold.ts';
import type { FlowScript } from './flow-script.ts';

/** The flows that can be played, in the order of the RFC. */
export const flowScripts: readonly FlowScript[] = [callHold, consultationHold];
