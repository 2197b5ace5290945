import { required, string, within } from '../../input-shapes.ts';

/** The ARN of a state machine or an execution. */
export const arnShape = required(within(string, 1, 256));
/** The ARN of a Map Run. */
export const longArnShape = required(within(string, 1, 2000));
