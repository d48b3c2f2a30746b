import type { ExpectationKey } from '../oracle/expectation-schema.ts';
import type { RuleId } from '../oracle/flow-schema.ts';
import type { RuleCheck } from './examination.ts';
import { addressExpectations } from './expectations/addresses.ts';
import { dialogExpectations } from './expectations/dialogs.ts';
import { eventExpectations } from './expectations/events.ts';
import { hopExpectations } from './expectations/hops.ts';
import { optionExpectations } from './expectations/options.ts';
import { referenceExpectations } from './expectations/references.ts';
import { securityExpectations } from './expectations/security.ts';
import { sessionExpectations } from './expectations/session.ts';
import { acknowledgesFailure, acknowledgesSuccess, cancelsRequest } from './rules/acknowledgement.ts';
import { forwardsRequest, forwardsResponse } from './rules/forwarding.ts';
import { withinDialog } from './rules/in-dialog.ts';
import { joinsDialog, replacesDialog } from './rules/replacement.ts';
import { beginsDialog, everyRequest } from './rules/requests.ts';
import { copiesRequest } from './rules/responses.ts';
import { describesSession } from './rules/session.ts';

/** The rules that messages of the flows name. */
export const ruleChecks: Readonly<Record<RuleId, RuleCheck>> = {
  'R-REQ': everyRequest,
  'R-RESP': copiesRequest,
  'R-FWD-REQ': forwardsRequest,
  'R-FWD-RESP': forwardsResponse,
  'R-INDIALOG': withinDialog,
  'R-NEW': beginsDialog,
  'R-ACK2': acknowledgesSuccess,
  'R-ACKN': acknowledgesFailure,
  'R-CANCEL': cancelsRequest,
  'R-SDP': describesSession,
  'R-REPL': replacesDialog,
  'R-JOIN': joinsDialog,
};

/** Replaces and Join have rules of their own; `scheme` holds for every message of a dialog that began with sips. */
type CheckedKey = Exclude<ExpectationKey, 'replaces' | 'join'> | 'scheme';

/** What the expectations of a message ask for, key by key. */
export const expectationChecks: Readonly<Record<CheckedKey, RuleCheck>> = {
  ...addressExpectations,
  ...dialogExpectations,
  ...eventExpectations,
  ...hopExpectations,
  ...optionExpectations,
  ...referenceExpectations,
  ...securityExpectations,
  ...sessionExpectations,
};
