/** C0 and C1 controls: with them a text moves the cursor of a terminal, or begins another line of a log. */
const controls = /[\u0000-\u001f\u007f-\u009f]/g;

/** A text from outside as people may see it: without the characters that terminals obey. */
export function printable(text: string): string {
  return text.replace(controls, '\ufffd');
}
