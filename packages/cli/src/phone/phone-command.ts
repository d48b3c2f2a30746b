/** What a person or a program tells the phone to do; typed as a line, or written as a line of JSON. */
export type PhoneCommand =
  | { readonly command: 'call'; readonly to: string }
  | { readonly command: 'answer'; readonly call?: number }
  | { readonly command: 'reject'; readonly call?: number; readonly as?: Rejection }
  | { readonly command: 'hold'; readonly call?: number }
  | { readonly command: 'resume'; readonly call?: number }
  | { readonly command: 'switch'; readonly call?: number }
  | { readonly command: 'hangup'; readonly call?: number }
  | { readonly command: 'digits'; readonly digits: string }
  | { readonly command: 'mute'; readonly on: boolean }
  | { readonly command: 'message'; readonly to: string; readonly text: string }
  | { readonly command: 'dnd'; readonly mode: DoNotDisturbMode }
  | { readonly command: 'waiting'; readonly on: boolean }
  | { readonly command: 'register' }
  | { readonly command: 'unregister' }
  | { readonly command: 'status' }
  | { readonly command: 'log' }
  | { readonly command: 'quit' };

export const rejections = ['busy', 'declined', 'unavailable'] as const;
export type Rejection = (typeof rejections)[number];

export const doNotDisturbModes = ['off', 'busy', 'unavailable'] as const;
export type DoNotDisturbMode = (typeof doNotDisturbModes)[number];

/** What can be sent as DTMF (RFC 4733 3.2). */
export const digitsPattern = /^[0-9*#A-Da-d]+$/;
