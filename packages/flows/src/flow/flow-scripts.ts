import { unattendedTransfer } from './transfer.ts';
import { callForwardingBusy, callForwardingNoAnswer, callForwardingUnconditional } from './call-forwarding.ts';
import { callHold } from './call-hold.ts';
import { clickToDial } from './click-to-dial.ts';
import { consultationHold } from './consultation-hold.ts';
import type { FlowScript } from './flow-script.ts';

/** The flows that can be played, in the order of the RFC. */
export const flowScripts: readonly FlowScript[] = [
  callHold,
  consultationHold,
  unattendedTransfer,
  callForwardingUnconditional,
  callForwardingBusy,
  callForwardingNoAnswer,
  clickToDial,
];
