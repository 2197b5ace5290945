import { type Action, action } from '../service-from-actions.ts';
import { callerIdentityShape } from './responses.ts';
import { identityOf } from './state.ts';

/** Who calls. */
export const identityActions: Readonly<Record<string, Action>> = {
  GetCallerIdentity: action({}, (_input, context) => callerIdentityShape(identityOf(context))),
};
