import type { Dialog } from '../dialog/dialog.ts';
import { SyntaxFault } from '../message/fault.ts';
import { Parameters } from '../message/parameters.ts';
import type { LocalHold } from './media.ts';

/** While this side holds it renders nothing of what comes (RFC 4235 5.2). */
const notRendering = renderingParameter();

/** Says in the Contact of a dialog whether this side renders what comes. */
export function showRendering(dialog: Dialog, hold: LocalHold): void {
  dialog.contactParameters = hold === 'none' ? dialog.contactParameters.without('+sip.rendering') : notRendering;
}

function renderingParameter(): Parameters {
  const parameters = Parameters.parse(';+sip.rendering="no"');
  return parameters instanceof SyntaxFault ? Parameters.EMPTY : parameters;
}
