/** One fault of a definition, and where it is, as a JSON pointer. */
export interface DefinitionFault {
  readonly message: string;
  readonly location: string;
}
