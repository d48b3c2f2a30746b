import { attendedTransfer, transferByInstantMessage, unattendedTransfer } from './transfer.ts';
import { automaticRedial } from './automatic-redial.ts';
import { callForwardingBusy, callForwardingNoAnswer, callForwardingUnconditional } from './call-forwarding.ts';
import { callHold } from './call-hold.ts';
import { callPark } from './call-park.ts';
import { callPickup } from './call-pickup.ts';
import { incomingCallScreening, outgoingCallScreening } from './call-screening.ts';
import { clickToDial } from './click-to-dial.ts';
import { thirdPartyIsAdded, thirdPartyJoins } from './conference.ts';
import { consultationHold } from './consultation-hold.ts';
import { findMe } from './find-me.ts';
import type { FlowScript } from './flow-script.ts';
import { musicOnHold } from './music-on-hold.ts';

/** All flows of RFC 5359, in its order. */
export const flowScripts: readonly FlowScript[] = [
  callHold,
  consultationHold,
  musicOnHold,
  unattendedTransfer,
  attendedTransfer,
  transferByInstantMessage,
  callForwardingUnconditional,
  callForwardingBusy,
  callForwardingNoAnswer,
  thirdPartyIsAdded,
  thirdPartyJoins,
  findMe,
  incomingCallScreening,
  outgoingCallScreening,
  callPark,
  callPickup,
  automaticRedial,
  clickToDial,
];
