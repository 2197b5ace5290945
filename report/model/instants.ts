/** Instants are ISO-8601 UTC strings throughout the report. */
export type Timestamp = string;
